package dev.hart.security.canonical;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The one text of a value that is signed or hashed: JSON by RFC 8785 of texts, whole numbers, booleans, lists and objects; keys
 * sorted by UTF-16 units, no blanks. Fractions and null are refused: no signed document here has them, and no two programs
 * write every fraction alike.
 */
public final class CanonicalText {
    private static final long EXACT = 1L << 53;

    private final StringBuilder text = new StringBuilder();
    private final boolean ascii;
    private final boolean nulls;

    private CanonicalText(boolean ascii, boolean nulls) {
        this.ascii = ascii;
        this.nulls = nulls;
    }

    /**
     * The text of a value.
     *
     * @throws IllegalArgumentException for a value of any other type, a whole number beyond 2^53, and half a character
     */
    public static String of(Object value) {
        return written(value, false, false);
    }

    /** The same in UTF-8, to sign. */
    public static byte[] bytes(Object value) {
        return of(value).getBytes(StandardCharsets.UTF_8);
    }

    /** The same as the reference writes it: every character that is no ASCII as {@code \}{@code uXXXX}. */
    public static String ascii(Object value) {
        return written(value, true, false);
    }

    /** The same for what is only hashed here, and may hold null. */
    public static String withNulls(Map<String, ? extends @Nullable Object> value) {
        return written(value, false, true);
    }

    private static String written(Object value, boolean ascii, boolean nulls) {
        CanonicalText canonical = new CanonicalText(ascii, nulls);
        canonical.write(value);
        return canonical.text.toString();
    }

    private void write(@Nullable Object value) {
        if (value instanceof String string) {
            quote(string);
        } else if (value instanceof Boolean || (value == null && nulls)) {
            text.append(value);
        } else if (value instanceof Integer || value instanceof Long) {
            long number = ((Number) value).longValue();
            if (Math.abs(number) > EXACT) {
                throw new IllegalArgumentException("the number " + number + " is not exact in every JSON reader");
            }
            text.append(number);
        } else if (value instanceof List<?> items) {
            text.append('[');
            String comma = "";
            for (Object item : items) {
                text.append(comma);
                write(item);
                comma = ",";
            }
            text.append(']');
        } else if (value instanceof Map<?, ?> fields) {
            text.append('{');
            String comma = "";
            for (Map.Entry<?, ?> field : new TreeMap<>(fields).entrySet()) {
                text.append(comma);
                quote((String) field.getKey());
                text.append(':');
                write(field.getValue());
                comma = ",";
            }
            text.append('}');
        } else {
            throw new IllegalArgumentException("a signed document holds no "
                    + (value == null ? "null" : value.getClass().getName()));
        }
    }

    private void quote(String string) {
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
                    if (isHalf(string, i)) {
                        throw new IllegalArgumentException("half a character (lone surrogate) at position " + i);
                    }
                    if (c < ' ' || (ascii && c > '~')) {
                        text.append("\\u%04x".formatted((int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }

    private static boolean isHalf(String string, int at) {
        char c = string.charAt(at);
        return Character.isHighSurrogate(c)
                ? at + 1 == string.length() || !Character.isLowSurrogate(string.charAt(at + 1))
                : Character.isLowSurrogate(c) && (at == 0 || !Character.isHighSurrogate(string.charAt(at - 1)));
    }
}
