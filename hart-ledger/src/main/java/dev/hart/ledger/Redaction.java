package dev.hart.ledger;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes the values of secret keys out of what is stored. A key counts when a whole part of it is a secret word: {@code
 * userPassword} and {@code api_key} do, {@code tokens_used} does not. Parts are split at punctuation and at a change to upper
 * case.
 */
final class Redaction {
    static final String REDACTED = "[REDACTED]";
    private static final Set<String> WORDS = Set.of("password", "token", "secret", "credential", "ssn");
    private static final Set<String> PAIRS = Set.of("api key", "private key", "credit card", "card number");

    private Redaction() {}

    static @Nullable Object of(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return ofObject(map);
        }
        if (value instanceof List<?> list) {
            return list.stream().anyMatch(item -> item instanceof Map || item instanceof List)
                    ? list.stream().map(Redaction::of).toList()
                    : list;
        }
        return value;
    }

    static Map<String, @Nullable Object> ofObject(Map<?, ?> map) {
        Map<String, @Nullable Object> redacted = new LinkedHashMap<>();
        map.forEach((key, value) -> {
            String name = String.valueOf(key);
            redacted.put(name, value instanceof String && isSecret(name) ? REDACTED : of(value));
        });
        return redacted;
    }

    static boolean isSecret(String key) {
        String[] parts = key.replaceAll("([a-z0-9])([A-Z])", "$1 $2")
                .replaceAll("[^A-Za-z0-9]+", " ")
                .strip()
                .toLowerCase(Locale.ROOT)
                .split(" ");
        for (int i = 0; i < parts.length; i++) {
            if (WORDS.contains(parts[i]) || (i > 0 && PAIRS.contains(parts[i - 1] + " " + parts[i]))) {
                return true;
            }
        }
        return false;
    }
}
