package dev.hart.tool;

import dev.hart.error.ToolInvalidException;
import dev.hart.json.Json;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a planner and a recipe know about a tool.
 *
 * @param name letters, digits, {@code . _ -}, at most 64, starting with a letter
 * @param inputSchema JSON Schema of the arguments, of type object
 * @param outputSchema JSON Schema of the result
 * @param timeout longest time for one call; more than zero
 */
public record ToolSpec(
        String name,
        String description,
        Map<String, @Nullable Object> inputSchema,
        Map<String, @Nullable Object> outputSchema,
        Effect effect,
        Duration timeout,
        String version) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9._-]{0,63}");

    // Written out, as compact constructors lose what their parameters' types say about null.
    public ToolSpec(
            String name,
            String description,
            Map<String, @Nullable Object> inputSchema,
            Map<String, @Nullable Object> outputSchema,
            Effect effect,
            Duration timeout,
            String version) {
        if (!NAME.matcher(name).matches()) {
            throw new ToolInvalidException("a tool's name has letters, digits, '.', '_' and '-', at most 64, and starts"
                    + " with a letter; was '" + name + "'");
        }
        if (timeout.isZero() || timeout.isNegative()) {
            throw new ToolInvalidException("the timeout of tool " + name + " must be longer than zero, was " + timeout);
        }
        this.name = name;
        this.description = description;
        this.inputSchema = Json.objectOf(inputSchema);
        this.outputSchema = Json.objectOf(outputSchema);
        this.effect = effect;
        this.timeout = timeout;
        this.version = version;
    }
}
