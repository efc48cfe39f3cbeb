package dev.hart.security.audit;

import dev.hart.security.SecretRedactor;
import dev.hart.security.canonical.CanonicalText;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The detail of an entry as canonical JSON (RFC 8785). Values of keys that name secrets are masked at every depth, and
 * credentials inside other texts are redacted.
 */
final class AuditDetail {
    static final String MASK = "***";
    /** Longest detail, in chars. */
    static final int MAX_CHARS = 65_536;

    private static final int MAX_DEPTH = 32;
    /** The largest whole number that every reader of JSON keeps exactly. */
    private static final long MAX_SAFE = (1L << 53) - 1;

    private static final List<String> SECRETS = List.of(
            "password",
            "passphrase",
            "token",
            "apikey",
            "secret",
            "credential",
            "privatekey",
            "creditcard",
            "cardnumber");

    private static final SecretRedactor REDACTOR = new SecretRedactor();

    private AuditDetail() {}

    /**
     * @param detail texts, whole numbers, booleans, null, lists and maps of these
     * @return empty for an empty map
     * @throws IllegalArgumentException for anything else
     */
    static String of(Map<String, ? extends @Nullable Object> detail) {
        if (detail.isEmpty()) {
            return "";
        }
        String text = CanonicalText.withNulls(fields(detail, 0));
        if (text.length() > MAX_CHARS) {
            throw new IllegalArgumentException("the detail of an audit entry has " + text.length()
                    + " characters, at most " + MAX_CHARS + " are kept; leave out what can be found elsewhere");
        }
        return text;
    }

    /** Whether a key names a secret: by what it contains, without case and separators; {@code ssn} only as a word. */
    static boolean isSensitive(String key) {
        String plain = key.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{Nd}]", "");
        return SECRETS.stream().anyMatch(plain::contains)
                || Arrays.asList(key.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{Nd}]+"))
                        .contains("ssn");
    }

    /** What of a value may be kept. */
    private static @Nullable Object kept(@Nullable Object value, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("the detail of an audit entry is nested deeper than " + MAX_DEPTH);
        }
        if (value == null || value instanceof Boolean) {
            return value;
        }
        if (value instanceof String text) {
            return whole(REDACTOR.redact(text));
        }
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return number(((Number) value).longValue());
        }
        if (value instanceof BigInteger number && number.bitLength() < Long.SIZE) {
            return number(number.longValue());
        }
        if (value instanceof Map<?, ?> fields) {
            return fields(fields, depth);
        }
        if (value instanceof Collection<?> items) {
            List<@Nullable Object> list = new ArrayList<>(items.size());
            for (Object item : items) {
                list.add(kept(item, depth + 1));
            }
            return list;
        }
        throw new IllegalArgumentException(
                "the detail of an audit entry has texts, whole numbers, booleans, lists and maps; "
                        + value.getClass().getName() + " must be written as one of these");
    }

    private static Long number(long number) {
        if (Math.abs(number) > MAX_SAFE) {
            throw new IllegalArgumentException(
                    "the detail of an audit entry has whole numbers up to 2^53 - 1; write " + number + " as a text");
        }
        return number;
    }

    private static Map<String, @Nullable Object> fields(Map<?, ?> fields, int depth) {
        Map<String, @Nullable Object> kept = new HashMap<>();
        fields.forEach((key, value) -> {
            if (!(key instanceof String name)) {
                throw new IllegalArgumentException("the detail of an audit entry has texts as keys, was " + key);
            }
            kept.put(whole(name), isSensitive(name) ? MASK : kept(value, depth + 1));
        });
        return kept;
    }

    /** The text with a replacement character for each half of a character. */
    private static String whole(String text) {
        StringBuilder whole = new StringBuilder(text.length());
        text.codePoints()
                .forEach(c -> whole.appendCodePoint(
                        c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c));
        return whole.toString();
    }
}
