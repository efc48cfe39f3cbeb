package dev.hart.bench;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The {@code --name value} options of a benchmark. */
public final class Options {
    private final Map<String, String> values = new HashMap<>();

    /** @throws IllegalArgumentException for an option that is not among those known, or has no value */
    public Options(List<String> options, Set<String> known) {
        for (int i = 0; i < options.size(); i += 2) {
            String name = options.get(i);
            if (!known.contains(name)) {
                throw new IllegalArgumentException("there is no option " + name);
            }
            if (i + 1 == options.size()) {
                throw new IllegalArgumentException(name + " needs a value");
            }
            values.put(name, options.get(i + 1));
        }
    }

    /** A whole number from 1 to a bound. */
    public int number(String name, int otherwise, int most) {
        String text = values.get(name);
        if (text == null) {
            return otherwise;
        }
        int number;
        try {
            number = Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " takes a whole number, was " + text, e);
        }
        if (number < 1 || number > most) {
            throw new IllegalArgumentException(name + " must be 1 to " + most + ", was " + number);
        }
        return number;
    }

    /** Some of the known names, separated by commas; all of them unless given. */
    public Set<String> names(String name, Set<String> known) {
        String text = values.get(name);
        if (text == null) {
            return known;
        }
        Set<String> names = new LinkedHashSet<>(List.of(text.split(",", -1)));
        if (!known.containsAll(names)) {
            throw new IllegalArgumentException(name + " takes names out of " + known + ", was " + text);
        }
        return names;
    }

    public Path path(String name, Path otherwise) {
        String text = values.get(name);
        return text == null ? otherwise : Path.of(text);
    }
}
