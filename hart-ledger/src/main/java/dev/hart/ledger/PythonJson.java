package dev.hart.ledger;

import java.math.BigDecimal;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The JSON text over which the reference computes its hashes: that of Python's {@code json.dumps(value, sort_keys=True)}, with
 * {@code ", "} and {@code ": "} between parts, and escapes for all that is not ASCII. Only for documents that come from there.
 */
final class PythonJson {
    private static final Comparator<String> BY_CODE_POINT = (a, b) -> {
        int[] one = a.codePoints().toArray();
        int[] other = b.codePoints().toArray();
        return java.util.Arrays.compare(one, other);
    };

    private PythonJson() {}

    /** Lower-case hex SHA-256 of the text. */
    static String sha256(@Nullable Object value) {
        return CanonicalJson.sha256OfText(write(value));
    }

    static String write(@Nullable Object value) {
        StringBuilder out = new StringBuilder();
        append(value, out);
        return out.toString();
    }

    private static void append(@Nullable Object value, StringBuilder out) {
        if (value instanceof String text) {
            appendText(text, out);
        } else if (value instanceof Map<?, ?> map) {
            appendObject(map, out);
        } else if (value instanceof List<?> list) {
            String separator = "[";
            for (Object item : list) {
                out.append(separator);
                append(item, out);
                separator = ", ";
            }
            out.append(list.isEmpty() ? "[]" : "]");
        } else if (value instanceof BigDecimal number && number.scale() != 0) {
            appendFloat(number.doubleValue(), out);
        } else {
            out.append(value); // null, true, false and whole numbers look the same
        }
    }

    private static void appendObject(Map<?, ?> map, StringBuilder out) {
        TreeMap<String, @Nullable Object> sorted = new TreeMap<>(BY_CODE_POINT);
        map.forEach((key, value) -> sorted.put((String) key, value));
        String separator = "{";
        for (Map.Entry<String, @Nullable Object> field : sorted.entrySet()) {
            out.append(separator);
            appendText(field.getKey(), out);
            out.append(": ");
            append(field.getValue(), out);
            separator = ", ";
        }
        out.append(sorted.isEmpty() ? "{}" : "}");
    }

    private static void appendText(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\f' -> out.append("\\f");
                case '\b' -> out.append("\\b");
                default -> {
                    if (c >= ' ' && c <= '~') {
                        out.append(c);
                    } else {
                        out.append("\\u").append(HexFormat.of().toHexDigits(c));
                    }
                }
            }
        }
        out.append('"');
    }

    /** Python's repr: an exponent of two digits or more, used below 1e-4 and from 1e16 on; else at least one decimal. */
    private static void appendFloat(double number, StringBuilder out) {
        StringBuilder shortest = new StringBuilder();
        Es6Number.append(number, shortest);
        BigDecimal digits = new BigDecimal(shortest.toString()).stripTrailingZeros();
        if (digits.signum() == 0) {
            out.append("0.0");
            return;
        }
        int exponent = digits.precision() - digits.scale() - 1;
        if (exponent >= -4 && exponent < 16) {
            String plain = digits.toPlainString();
            out.append(plain).append(plain.contains(".") ? "" : ".0");
            return;
        }
        String unscaled = digits.unscaledValue().abs().toString();
        out.append(digits.signum() < 0 ? "-" : "").append(unscaled.charAt(0));
        if (unscaled.length() > 1) {
            out.append('.').append(unscaled, 1, unscaled.length());
        }
        out.append(exponent < 0 ? "e-" : "e+");
        out.append(Math.abs(exponent) < 10 ? "0" : "").append(Math.abs(exponent));
    }
}
