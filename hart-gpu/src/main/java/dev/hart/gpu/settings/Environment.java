package dev.hart.gpu.settings;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Numbers in environment variables. */
public final class Environment {
    private Environment() {}

    /**
     * Null when the variable is not set or blank.
     *
     * @throws IllegalArgumentException that names the variable, when it is no number from {@code least} to {@code most}
     */
    public static @Nullable Double number(Map<String, String> environment, String name, double least, double most) {
        String text = environment.get(name);
        if (text == null || text.isBlank()) {
            return null;
        }
        double value;
        try {
            value = Double.parseDouble(text.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " must be a number, was '" + text + "'", e);
        }
        if (!(value >= least && value <= most)) {
            throw new IllegalArgumentException("%s must be from %s to %s, was '%s'".formatted(name, least, most, text));
        }
        return value;
    }
}
