package dev.hart.core.recipe;

import dev.hart.recipe.Placeholder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A request with slots. The whole request must fit; letter case of the fixed words, runs of white space and end punctuation
 * ({@code .?!}) do not count; a slot takes the shortest text that is not empty.
 *
 * <p>Matching takes the first place of each fixed part from left to right, which for the shortest slots is the only one
 * worth trying, so it is linear in the request for each part.
 */
final class IntentTemplate {
    private final String template;
    /** One more than there are slots; in lower case. */
    private final List<String> fixed = new ArrayList<>();

    private final List<String> slots = new ArrayList<>();

    IntentTemplate(String template) {
        this.template = template;
        String text = normalise(template);
        int from = 0;
        for (Placeholder placeholder : Placeholder.in(text)) {
            fixed.add(lower(text.substring(from, placeholder.start())));
            slots.add(placeholder.path().get(1));
            from = placeholder.end();
        }
        fixed.add(lower(text.substring(from)));
    }

    /** Runs of white space as one blank, none at the ends, and no end punctuation. */
    static String normalise(String text) {
        StringBuilder result = new StringBuilder(text.length());
        boolean blank = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isWhitespace(c) || c == ' ') {
                blank = result.length() > 0;
            } else {
                if (blank) {
                    result.append(' ');
                    blank = false;
                }
                result.append(c);
            }
        }
        int end = result.length();
        while (end > 0 && ".?! ".indexOf(result.charAt(end - 1)) >= 0) {
            end--;
        }
        return result.substring(0, end);
    }

    String template() {
        return template;
    }

    /** How many characters are fixed: of several templates that fit, the one with the most is meant. */
    int fixedCharacters() {
        return fixed.stream().mapToInt(String::length).sum();
    }

    List<String> slots() {
        return slots;
    }

    /** What a slot takes: characters {@code start} to {@code end} of the request, without blanks around. */
    record Bound(String slot, String text, int start, int end) {}

    /**
     * The slots' texts when the request fits.
     *
     * @param request already {@linkplain #normalise normalised}
     */
    Optional<Map<String, String>> match(String request) {
        return bind(request).map(IntentTemplate::texts);
    }

    static Map<String, String> texts(List<Bound> bound) {
        Map<String, String> texts = new LinkedHashMap<>();
        bound.forEach(b -> texts.put(b.slot(), b.text()));
        return texts;
    }

    private Optional<List<Bound>> bind(String request) {
        return bind(request, lower(request));
    }

    /**
     * What the slots take when the request fits.
     *
     * @param request already {@linkplain #normalise normalised}
     * @param text the request in {@linkplain #lower lower} case
     */
    Optional<List<Bound>> bind(String request, String text) {
        String first = fixed.get(0);
        String last = fixed.get(fixed.size() - 1);
        if (slots.isEmpty()) {
            return text.equals(first) ? Optional.of(List.of()) : Optional.empty();
        }
        if (!text.startsWith(first) || !text.endsWith(last)) {
            return Optional.empty();
        }
        int end = text.length() - last.length();
        int from = first.length();
        List<Bound> values = new ArrayList<>();
        for (int i = 0; i < slots.size(); i++) {
            String slot = slots.get(i);
            int to = i == slots.size() - 1 ? end : text.indexOf(fixed.get(i + 1), from + 1);
            if (to <= from || to > end) {
                return Optional.empty();
            }
            String part = request.substring(from, to);
            String value = part.strip();
            boolean differs = values.stream()
                    .anyMatch(b -> b.slot().equals(slot) && !b.text().equals(value));
            if (value.isEmpty() || differs) {
                return Optional.empty();
            }
            int start = from + part.indexOf(value);
            values.add(new Bound(slot, value, start, start + value.length()));
            from = to + fixed.get(i + 1).length();
        }
        return Optional.of(values);
    }

    /**
     * What it is looked up by: the whole request when there is no slot, else the first word of every request that fits; empty
     * when a slot may be or begin the first word.
     */
    String key() {
        String first = fixed.get(0);
        return slots.isEmpty() ? first : first.substring(0, Math.max(0, first.indexOf(' ')));
    }

    /** The keys of all templates that may fit a request in lower case. */
    static Stream<String> keys(String lower) {
        return Stream.of(lower, lower.substring(0, Math.max(0, lower.indexOf(' '))), "")
                .distinct();
    }

    /** Lower case char by char, so that places stay where they are. */
    static String lower(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.length() == text.length()) {
            return lower;
        }
        StringBuilder result = new StringBuilder(text);
        for (int i = 0; i < text.length(); i++) {
            result.setCharAt(i, Character.toLowerCase(text.charAt(i)));
        }
        return result.toString();
    }
}
