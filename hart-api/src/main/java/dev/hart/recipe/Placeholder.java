package dev.hart.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A place in a text that a value goes into: {@code {{inputs.city}}}, {@code {{steps.2.1.rows}}}, {@code {{total}}},
 * {@code {{run.id}}}, {@code {{clock.now}}}. A backslash before the braces makes them literal.
 *
 * @param start where it begins in the text, in chars
 * @param end behind its last char
 * @param path its parts, split at dots; at least one
 */
public record Placeholder(int start, int end, List<String> path) {
    private static final Pattern PATTERN = Pattern.compile("(\\\\)?\\{\\{([^{}]*)}}");

    public Placeholder {
        path = List.copyOf(path);
    }

    /** Those of a text, in order. */
    public static List<Placeholder> in(String text) {
        List<Placeholder> found = new ArrayList<>();
        if (!text.contains("{{")) {
            return found;
        }
        Matcher matcher = PATTERN.matcher(text);
        while (matcher.find()) {
            if (matcher.group(1) == null) {
                found.add(new Placeholder(
                        matcher.start(),
                        matcher.end(),
                        List.of(matcher.group(2).strip().split("\\.", -1))));
            }
        }
        return found;
    }

    /** Those of every text in a JSON value, at any depth. */
    public static List<Placeholder> inValue(@Nullable Object value) {
        if (value instanceof String text) {
            return in(text);
        }
        List<Placeholder> found = new ArrayList<>();
        if (value instanceof Map<?, ?> map) {
            map.values().forEach(v -> found.addAll(inValue(v)));
        } else if (value instanceof List<?> list) {
            list.forEach(v -> found.addAll(inValue(v)));
        }
        return found;
    }

    /** The first part, such as {@code inputs}. */
    public String root() {
        return path.get(0);
    }

    @Override
    public String toString() {
        return "{{" + String.join(".", path) + "}}";
    }
}
