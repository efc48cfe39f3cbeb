package dev.hart.security.rules;

import java.util.List;

/**
 * What an agent is asked to reach.
 *
 * @param title may be empty
 * @param description may be empty
 * @param settings the texts of its configuration
 */
public record Goal(String title, String description, List<String> settings) {
    public Goal {
        settings = List.copyOf(settings);
    }

    public static Goal of(String title, String description) {
        return new Goal(title, description, List.of());
    }

    /** All of its words, a line for each part. */
    String text() {
        return title + "\n" + description + "\n" + String.join("\n", settings);
    }

    /** What it says it wants, without its configuration. */
    String wish() {
        return title + "\n" + description;
    }
}
