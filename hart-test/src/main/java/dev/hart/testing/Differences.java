package dev.hart.testing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Where two JSON values differ: a line for each place, and below it, for texts of several lines, the lines that differ. */
final class Differences {
    /** In the JSON of a text. */
    private static final String LINE_BREAK = "\\n";

    private static final int HEADER_LINES = 2;
    private static final int CONTEXT = 30;
    private static final int LONGEST = 80;

    private Differences() {}

    static List<String> between(@Nullable Object recorded, @Nullable Object asked) {
        Map<String, String> left = leaves(recorded);
        Map<String, String> right = leaves(asked);
        TreeSet<String> places = new TreeSet<>(left.keySet());
        places.addAll(right.keySet());
        List<String> lines = new ArrayList<>();
        for (String place : places) {
            String was = left.get(place);
            String is = right.get(place);
            if (was == null) {
                lines.add("%s: not recorded, asked %s".formatted(place, shortened(is, 0)));
            } else if (is == null) {
                lines.add("%s: recorded %s, not asked".formatted(place, shortened(was, 0)));
            } else if (!was.equals(is) && was.contains(LINE_BREAK) && is.contains(LINE_BREAK)) {
                lines.add(place + ":\n" + lineByLine(was, is));
            } else if (!was.equals(is)) {
                int from = firstDifference(was, is);
                lines.add("%s: recorded %s, asked %s".formatted(place, shortened(was, from), shortened(is, from)));
            }
        }
        return lines;
    }

    /** How many characters stand in the places that differ, those at both ends of a place left aside that are the same. */
    static long distance(@Nullable Object recorded, @Nullable Object asked) {
        Map<String, String> left = leaves(recorded);
        Map<String, String> right = leaves(asked);
        TreeSet<String> places = new TreeSet<>(left.keySet());
        places.addAll(right.keySet());
        long distance = 0;
        for (String place : places) {
            String was = left.getOrDefault(place, "");
            String is = right.getOrDefault(place, "");
            int shorter = Math.min(was.length(), is.length());
            int start = firstDifference(was, is);
            int end = 0;
            while (end < shorter - start && was.charAt(was.length() - 1 - end) == is.charAt(is.length() - 1 - end)) {
                end++;
            }
            distance += Math.max(was.length(), is.length()) - start - end;
        }
        return distance;
    }

    /** Two JSON texts of several lines, without quotes and with real line ends. */
    private static String lineByLine(String was, String is) {
        return TextDiff.unified("recorded", "asked", (String) parsed(was), (String) parsed(is)).stream()
                .skip(HEADER_LINES)
                .map(line -> "      " + line)
                .collect(Collectors.joining("\n"));
    }

    private static Object parsed(String json) {
        return Objects.requireNonNull(JsonText.parse(json));
    }

    /** Texts, numbers and the like by their path, such as {@code messages[1].text}. */
    private static Map<String, String> leaves(@Nullable Object value) {
        Map<String, String> leaves = new LinkedHashMap<>();
        collect("", value, leaves);
        return leaves;
    }

    private static void collect(String path, @Nullable Object value, Map<String, String> leaves) {
        if (value instanceof Map<?, ?> object && !object.isEmpty()) {
            object.forEach((key, item) -> collect(path.isEmpty() ? "" + key : path + "." + key, item, leaves));
        } else if (value instanceof List<?> items && !items.isEmpty()) {
            for (int i = 0; i < items.size(); i++) {
                collect(path + "[" + i + "]", items.get(i), leaves);
            }
        } else {
            leaves.put(path.isEmpty() ? "(whole)" : path, JsonText.compact(value));
        }
    }

    private static int firstDifference(String a, String b) {
        int end = Math.min(a.length(), b.length());
        for (int i = 0; i < end; i++) {
            if (a.charAt(i) != b.charAt(i)) {
                return i;
            }
        }
        return end;
    }

    private static String shortened(@Nullable String text, int interesting) {
        if (text == null || text.length() <= LONGEST) {
            return "" + text;
        }
        int from = Math.max(0, Math.min(interesting - CONTEXT, text.length() - LONGEST));
        int to = Math.min(text.length(), from + LONGEST);
        return (from > 0 ? "…" : "") + text.substring(from, to) + (to < text.length() ? "…" : "");
    }
}
