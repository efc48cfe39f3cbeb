package dev.hart.core.recipe;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * JSON values as expressions of Java source, and what the expressions need: imports, and the method {@code object} for objects
 * that have nulls. Not thread-safe.
 */
final class JavaLiterals {
    static final int LINE = 110;
    private static final int INDENT = 8;
    /** A constant of a class file has at most 65,535 bytes, and a char up to three. */
    private static final int LONGEST_CONSTANT = 20_000;
    /** {@code Map.of} takes no more. */
    private static final int MAX_MAP_OF = 10;

    private final Set<String> imports = new TreeSet<>();
    private boolean hasNullsInObjects;

    Set<String> imports() {
        return imports;
    }

    /** Whether the class must have the method {@code object(Object... namesAndValues)}. */
    boolean needsObjectMethod() {
        return hasNullsInObjects;
    }

    /** The simple name of a class, which is imported. */
    String type(Class<?> type) {
        if (!type.getPackageName().equals("java.lang")) {
            imports.add(type.getName());
        }
        return type.getSimpleName();
    }

    /** An expression for a value, on several lines where one would be too long; {@code indent} is that of its first line. */
    String of(@Nullable Object value, int indent) {
        if (value instanceof String text) {
            return text(text, indent);
        }
        return nested(value, indent);
    }

    private String nested(@Nullable Object value, int indent) {
        if (value == null) {
            return "null";
        }
        if (value instanceof String text) {
            return quoted(text);
        }
        if (value instanceof Long number) {
            return number == number.intValue() ? number.toString() : number + "L";
        }
        if (value instanceof BigDecimal number) {
            return decimal(number);
        }
        if (value instanceof List<?> items) {
            return list(items, indent);
        }
        if (value instanceof Map<?, ?> fields) {
            return object(fields, indent);
        }
        return value.toString();
    }

    private String decimal(BigDecimal number) {
        double close = number.doubleValue();
        if (!Double.isInfinite(close)
                && number.precision() < 16
                && new BigDecimal(Double.toString(close)).compareTo(number) == 0) {
            return Double.toString(close);
        }
        return "new " + type(BigDecimal.class) + "(\"" + number + "\")";
    }

    private String list(List<?> items, int indent) {
        List<String> parts = new ArrayList<>();
        items.forEach(item -> parts.add(nested(item, indent + INDENT)));
        if (!items.contains(null)) {
            return call(type(List.class) + ".of", parts, indent);
        }
        imports.add("java.util.Arrays");
        return items.size() == 1 ? "Arrays.asList((Object) null)" : call("Arrays.asList", parts, indent);
    }

    private String object(Map<?, ?> fields, int indent) {
        List<String> parts = new ArrayList<>();
        boolean entries = fields.size() > MAX_MAP_OF && !fields.containsValue(null);
        fields.forEach((name, value) -> {
            String pair = quoted(String.valueOf(name)) + ", " + nested(value, indent + INDENT);
            parts.add(entries ? "Map.entry(" + pair + ")" : pair);
        });
        if (fields.containsValue(null)) {
            hasNullsInObjects = true;
            return call("object", parts, indent);
        }
        return call(type(Map.class) + (entries ? ".ofEntries" : ".of"), parts, indent);
    }

    private static String call(String method, List<String> parts, int indent) {
        String line = parts.stream().collect(Collectors.joining(", ", method + "(", ")"));
        if (line.length() + indent <= LINE && line.indexOf('\n') < 0) {
            return line;
        }
        String margin = "\n" + " ".repeat(indent + INDENT);
        return parts.stream().collect(Collectors.joining("," + margin, method + "(" + margin, ")"));
    }

    /** A duration in its largest whole unit. */
    String of(Duration duration) {
        String factory = type(Duration.class);
        if (duration.isZero()) {
            return factory + ".ZERO";
        }
        if (duration.equals(Duration.ofMinutes(duration.toMinutes()))) {
            return factory + ".ofMinutes(" + duration.toMinutes()
                    + (duration.toMinutes() > Integer.MAX_VALUE ? "L" : "") + ")";
        }
        return duration.equals(Duration.ofSeconds(duration.toSeconds()))
                ? factory + ".ofSeconds(" + whole(duration.toSeconds()) + ")"
                : factory + ".ofMillis(" + whole(duration.toMillis()) + ")";
    }

    private static String whole(long number) {
        return number > Integer.MAX_VALUE ? number + "L" : Long.toString(number);
    }

    /** A text, as a text block when it has lines. */
    String text(String text, int indent) {
        boolean readable = text.chars()
                .allMatch(c -> c == '\n' || c == '\t' || isPlain((char) c) || Character.isSurrogate((char) c));
        if (text.indexOf('\n') < 0 || !readable || text.length() > LONGEST_CONSTANT) {
            return quoted(text);
        }
        String[] lines = text.split("\n", -1);
        String margin = " ".repeat(indent + INDENT);
        StringBuilder block = new StringBuilder("\"\"\"");
        for (int i = 0; i < lines.length; i++) {
            boolean last = i == lines.length - 1;
            block.append('\n').append(lines[i].isEmpty() && !last ? "" : margin + blockLine(lines[i], last));
        }
        return block.append("\"\"\"").toString();
    }

    /** A line of a text block: blanks at its ends would be taken away, and quotes beside each other could end the block. */
    private static String blockLine(String line, boolean last) {
        StringBuilder result = new StringBuilder();
        int end = line.length() - 1;
        for (int i = 0; i <= end; i++) {
            char c = line.charAt(i);
            if (c == ' ' && (i == 0 || i == end)) {
                result.append("\\s");
            } else if (c == '\\') {
                result.append("\\\\");
            } else if (c == '"' && (i == end ? last : line.charAt(i + 1) == '"')) {
                result.append("\\\"");
            } else {
                append(result, line, i);
            }
        }
        return result.toString();
    }

    private static String quoted(String text) {
        if (text.length() > LONGEST_CONSTANT) {
            List<String> parts = new ArrayList<>();
            for (int from = 0; from < text.length(); from += LONGEST_CONSTANT) {
                parts.add(quoted(text.substring(from, Math.min(text.length(), from + LONGEST_CONSTANT))));
            }
            return parts.stream().collect(Collectors.joining(", ", "String.join(\"\", ", ")"));
        }
        StringBuilder result = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\\' -> result.append("\\\\");
                case '"' -> result.append("\\\"");
                case '\n' -> result.append("\\n");
                case '\r' -> result.append("\\r");
                case '\t' -> result.append("\\t");
                default -> append(result, text, i);
            }
        }
        return result.append('"').toString();
    }

    /** A char as it is where it can be seen and be written in UTF-8, else by its number. */
    private static void append(StringBuilder result, String text, int i) {
        char c = text.charAt(i);
        boolean pair =
                (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1)))
                        || (Character.isLowSurrogate(c) && i > 0 && Character.isHighSurrogate(text.charAt(i - 1)));
        if (pair || isPlain(c)) {
            result.append(c);
        } else {
            // In octal where that is enough, as the compiler reads the other form before it knows what is a text.
            result.append(c < 256 ? "\\%03o".formatted((int) c) : "\\u%04x".formatted((int) c));
        }
    }

    private static boolean isPlain(char c) {
        return (c >= ' ' && c < 127) || Character.isLetterOrDigit(c);
    }

    /** Words for a comment: nothing in them can end it, or means something to the compiler or to Javadoc. */
    static String comment(String text) {
        return text.replaceAll("\\s+", " ")
                .strip()
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\\", "&#92;")
                .replace("@", "&#64;")
                .replace("*/", "*&#47;")
                .replaceAll("[\\p{Cntrl}\\p{Cs}]", "");
    }

    static String join(Collection<?> parts) {
        return parts.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }
}
