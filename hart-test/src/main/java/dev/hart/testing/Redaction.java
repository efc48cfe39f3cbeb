package dev.hart.testing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Takes secrets out of JSON values before they are written to a recording. A secret is what stands under a key with a
 * telling segment: {@code dbPassword}, {@code api_key} and {@code X-Auth-Token} have one, {@code maxTokens} and {@code keyboard}
 * have none. In texts, {@code key=value} and {@code "key": "value"} pairs and bearer tokens count too.
 */
final class Redaction {
    static final String MASK = "***";

    private static final Set<String> TELLING = Set.of(
            "password",
            "passwd",
            "pwd",
            "passphrase",
            "secret",
            "token",
            "credential",
            "credentials",
            "authorization",
            "apikey",
            "cookie");

    /** {@code key} tells only behind one of these. */
    private static final Set<String> KINDS_OF_KEY =
            Set.of("api", "private", "access", "secret", "signing", "encryption");

    private static final Pattern SEGMENT_BORDER =
            Pattern.compile("[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])");

    /** A name, a separator and a value, each of bounded length. */
    private static final Pattern PAIR = Pattern.compile(
            "([A-Za-z][A-Za-z0-9_.-]{0,63})(\"?\\s{0,4}[:=]\\s{0,4})(\"(?:[^\"\\\\]|\\\\.){0,4096}+\"|[^\\s,;\"'}\\]]{1,4096}+)");

    private static final Pattern BEARER = Pattern.compile("(?i)\\b(bearer|basic)\\s{1,4}[A-Za-z0-9._~+/=-]{8,4096}+");

    private Redaction() {}

    static @Nullable Object of(@Nullable Object value) {
        if (value instanceof Map<?, ?> object) {
            Map<String, @Nullable Object> redacted = new LinkedHashMap<>();
            object.forEach((key, item) -> {
                String name = (String) key;
                redacted.put(name, isSecret(name) && isLeaf(item) ? MASK : of(item));
            });
            return redacted;
        }
        if (value instanceof List<?> items) {
            List<@Nullable Object> redacted = new ArrayList<>(items.size());
            items.forEach(item -> redacted.add(of(item)));
            return redacted;
        }
        return value instanceof String text ? inText(text) : value;
    }

    static String inText(String text) {
        String noBearer = BEARER.matcher(text).replaceAll("$1 " + Matcher.quoteReplacement(MASK));
        return PAIR.matcher(noBearer).replaceAll(pair -> Matcher.quoteReplacement(maskValue(pair)));
    }

    private static String maskValue(MatchResult pair) {
        if (!isSecret(pair.group(1))
                || pair.group(3).equalsIgnoreCase("bearer")
                || pair.group(3).equalsIgnoreCase("basic")) {
            return pair.group();
        }
        boolean quoted = pair.group(3).startsWith("\"");
        return pair.group(1) + pair.group(2) + (quoted ? "\"" + MASK + "\"" : MASK);
    }

    /** A schema describes a password as an object; the password itself is a text, a number or a list. */
    private static boolean isLeaf(@Nullable Object value) {
        return value != null && !(value instanceof Map<?, ?>);
    }

    private static boolean isSecret(String key) {
        String[] segments = SEGMENT_BORDER.split(key);
        for (int i = 0; i < segments.length; i++) {
            String segment = segments[i].toLowerCase(Locale.ROOT);
            if (TELLING.contains(segment)) {
                return true;
            }
            if (segment.equals("key") && i > 0 && KINDS_OF_KEY.contains(segments[i - 1].toLowerCase(Locale.ROOT))) {
                return true;
            }
        }
        return false;
    }
}
