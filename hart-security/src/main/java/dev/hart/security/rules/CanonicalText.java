package dev.hart.security.rules;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The one text (RFC 8785) of a value made of maps, lists and texts. The rules hold no JSON number: each is a text, so the
 * hash cannot depend on how a platform prints a double.
 */
final class CanonicalText {
    private CanonicalText() {}

    /** @throws IllegalArgumentException for anything but maps with text keys, lists and texts without half characters */
    static String of(Object value) {
        StringBuilder out = new StringBuilder();
        append(value, out);
        return out.toString();
    }

    static String sha256(String text) {
        return sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static void append(Object value, StringBuilder out) {
        if (value instanceof String text) {
            string(text, out);
        } else if (value instanceof List<?> items) {
            out.append('[');
            for (int i = 0; i < items.size(); i++) {
                out.append(i == 0 ? "" : ",");
                append(items.get(i), out);
            }
            out.append(']');
        } else if (value instanceof Map<?, ?> fields) {
            TreeMap<String, Object> sorted = new TreeMap<>(); // by UTF-16 units, as the RFC asks
            fields.forEach((name, field) -> sorted.put((String) name, field));
            String separator = "{";
            for (Map.Entry<String, Object> field : sorted.entrySet()) {
                out.append(separator);
                string(field.getKey(), out);
                out.append(':');
                append(field.getValue(), out);
                separator = ",";
            }
            out.append(sorted.isEmpty() ? "{}" : "}");
        } else {
            throw new IllegalArgumentException("a rule's value is a text, a list or a map, was " + value.getClass());
        }
    }

    private static void string(String text, StringBuilder out) {
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
                    if (Character.isSurrogate(c)) {
                        if (Character.isLowSurrogate(c)
                                || i + 1 == text.length()
                                || !Character.isLowSurrogate(text.charAt(i + 1))) {
                            throw new IllegalArgumentException("half a character (lone surrogate) at position " + i);
                        }
                        out.append(c).append(text.charAt(++i));
                    } else if (c < ' ') {
                        out.append("\\u00").append(HexFormat.of().toHexDigits((byte) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
