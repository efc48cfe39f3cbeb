package dev.hart.security.audit;

import dev.hart.security.SecretRedactor;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
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

    private final StringBuilder out = new StringBuilder();

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
        AuditDetail writer = new AuditDetail();
        writer.object(detail, 0);
        if (writer.out.length() > MAX_CHARS) {
            throw new IllegalArgumentException("the detail of an audit entry has " + writer.out.length()
                    + " characters, at most " + MAX_CHARS + " are kept; leave out what can be found elsewhere");
        }
        return writer.out.toString();
    }

    /** Whether a key names a secret: by what it contains, without case and separators; {@code ssn} only as a word. */
    static boolean isSensitive(String key) {
        String plain = key.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{Nd}]", "");
        return SECRETS.stream().anyMatch(plain::contains)
                || Arrays.asList(key.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{Nd}]+"))
                        .contains("ssn");
    }

    private void value(@Nullable Object value, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("the detail of an audit entry is nested deeper than " + MAX_DEPTH);
        }
        if (value == null || value instanceof Boolean) {
            out.append(value);
        } else if (value instanceof String text) {
            string(REDACTOR.redact(text));
        } else if (value instanceof Long
                || value instanceof Integer
                || value instanceof Short
                || value instanceof Byte) {
            number(((Number) value).longValue());
        } else if (value instanceof BigInteger number && number.bitLength() < Long.SIZE) {
            number(number.longValue());
        } else if (value instanceof Map<?, ?> fields) {
            object(fields, depth);
        } else if (value instanceof Collection<?> items) {
            String separator = "[";
            for (Object item : items) {
                out.append(separator);
                value(item, depth + 1);
                separator = ",";
            }
            out.append(items.isEmpty() ? "[]" : "]");
        } else {
            throw new IllegalArgumentException(
                    "the detail of an audit entry has texts, whole numbers, booleans, lists and" + " maps; "
                            + value.getClass().getName() + " must be written as one of these");
        }
    }

    private void number(long number) {
        if (Math.abs(number) > MAX_SAFE) {
            throw new IllegalArgumentException(
                    "the detail of an audit entry has whole numbers up to 2^53 - 1; write " + number + " as a text");
        }
        out.append(number);
    }

    private void object(Map<?, ?> fields, int depth) {
        String[] keys = new String[fields.size()];
        int count = 0;
        for (Object key : fields.keySet()) {
            if (!(key instanceof String name)) {
                throw new IllegalArgumentException("the detail of an audit entry has texts as keys, was " + key);
            }
            keys[count++] = name;
        }
        Arrays.sort(keys); // by UTF-16 units, as the RFC asks
        out.append('{');
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                out.append(',');
            }
            string(keys[i]);
            out.append(':');
            if (isSensitive(keys[i])) {
                string(MASK);
            } else {
                value(fields.get(keys[i]), depth + 1);
            }
        }
        out.append('}');
    }

    private void string(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ') {
                        out.append("\\u00").append(HexFormat.of().toHexDigits((byte) c));
                    } else if (Character.isHighSurrogate(c)
                            && i + 1 < text.length()
                            && Character.isLowSurrogate(text.charAt(i + 1))) {
                        out.append(c).append(text.charAt(++i));
                    } else {
                        out.append(Character.isSurrogate(c) ? '\uFFFD' : c);
                    }
                }
            }
        }
        out.append('"');
    }
}
