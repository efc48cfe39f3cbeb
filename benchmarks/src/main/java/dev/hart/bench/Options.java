package dev.hart.bench;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The {@code --name value} options of a benchmark. */
final class Options {
    private final Map<String, String> values = new HashMap<>();

    /** @throws IllegalArgumentException for an option that is not among those known, or has no value */
    Options(List<String> options, Set<String> known) {
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
    int number(String name, int otherwise, int most) {
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

    Path path(String name, Path otherwise) {
        String text = values.get(name);
        return text == null ? otherwise : Path.of(text);
    }
}
