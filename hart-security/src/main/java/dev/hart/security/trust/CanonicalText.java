package dev.hart.security.trust;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * JSON by RFC 8785 for texts, whole numbers, booleans, lists and objects: keys sorted by UTF-16 units, no blanks, UTF-8.
 * Fractions and null are refused, as no signed document here has them.
 */
public final class CanonicalText {
    private CanonicalText() {}

    /**
     * The bytes to sign.
     *
     * @throws IllegalArgumentException for values of any other type, and whole numbers beyond 2^53
     */
    public static byte[] of(Map<String, ?> object) {
        StringBuilder text = new StringBuilder();
        write(object, text, false);
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The reference's form: the same with every character that is no ASCII as {@code \}{@code uXXXX}. */
    static byte[] ascii(Map<String, ?> object) {
        StringBuilder text = new StringBuilder();
        write(object, text, true);
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static void write(Object value, StringBuilder text, boolean ascii) {
        if (value instanceof String string) {
            write(string, text, ascii);
        } else if (value instanceof Boolean) {
            text.append(value);
        } else if (value instanceof Integer || value instanceof Long) {
            long number = ((Number) value).longValue();
            if (Math.abs(number) > 1L << 53) {
                throw new IllegalArgumentException("the number " + number + " is not exact in every JSON reader");
            }
            text.append(number);
        } else if (value instanceof List<?> list) {
            text.append('[');
            String comma = "";
            for (Object item : list) {
                text.append(comma);
                write(item, text, ascii);
                comma = ",";
            }
            text.append(']');
        } else if (value instanceof Map<?, ?> map) {
            text.append('{');
            String comma = "";
            for (Map.Entry<?, ?> entry : new TreeMap<>(map).entrySet()) {
                text.append(comma);
                write((String) entry.getKey(), text, ascii);
                text.append(':');
                write(entry.getValue(), text, ascii);
                comma = ",";
            }
            text.append('}');
        } else if (value instanceof StrictJson.Fields fields) {
            write(fields.values(), text, ascii);
        } else {
            throw new IllegalArgumentException(
                    "a signed document holds no " + value.getClass().getName());
        }
    }

    private static void write(String string, StringBuilder text, boolean ascii) {
        text.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\b' -> text.append("\\b");
                case '\f' -> text.append("\\f");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < 0x20 || (ascii && c > 0x7e)) {
                        text.append("\\u%04x".formatted((int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }
}
