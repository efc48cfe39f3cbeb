package dev.hart.guard;

import dev.hart.tool.ToolSpec;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is checked.
 *
 * @param text all of its words; for a tool call, the texts among its arguments
 * @param tool the tool that is called or that answered; null elsewhere
 * @param arguments of the call, empty elsewhere
 */
public record Subject(
        String text, Provenance provenance, @Nullable ToolSpec tool, Map<String, @Nullable Object> arguments) {

    public static Subject text(String text, Provenance provenance) {
        return new Subject(text, provenance, null, Map.of());
    }
}
