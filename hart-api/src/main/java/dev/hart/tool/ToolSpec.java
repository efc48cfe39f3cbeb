package dev.hart.tool;

import dev.hart.error.ToolInvalidException;
import dev.hart.guard.Reach;
import dev.hart.json.Json;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a planner and a recipe know about a tool.
 *
 * @param name letters, digits, {@code . _ -}, at most 64, starting with a letter
 * @param inputSchema JSON Schema of the arguments, of type object
 * @param outputSchema JSON Schema of the result
 * @param timeout longest time for one call; more than zero
 * @param reach what a call touches beside the data of this node
 * @param trusted the arguments whose value must not come from a tool or a model, see {@link Param#trusted}
 * @param commands the arguments whose text the tool runs, see {@link Param#command}
 */
public record ToolSpec(
        String name,
        String description,
        Map<String, @Nullable Object> inputSchema,
        Map<String, @Nullable Object> outputSchema,
        Effect effect,
        Duration timeout,
        String version,
        Set<Reach> reach,
        Set<String> trusted,
        Set<String> commands) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9._-]{0,63}");

    // Written out, as compact constructors lose what their parameters' types say about null.
    public ToolSpec(
            String name,
            String description,
            Map<String, @Nullable Object> inputSchema,
            Map<String, @Nullable Object> outputSchema,
            Effect effect,
            Duration timeout,
            String version,
            Set<Reach> reach,
            Set<String> trusted,
            Set<String> commands) {
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
        this.reach = Set.copyOf(reach);
        this.trusted = arguments(trusted, "trusted", name, inputSchema);
        this.commands = arguments(commands, "command", name, inputSchema);
    }

    /** A tool that does not say what it reaches: see {@link Reach#unstated}. */
    public ToolSpec(
            String name,
            String description,
            Map<String, @Nullable Object> inputSchema,
            Map<String, @Nullable Object> outputSchema,
            Effect effect,
            Duration timeout,
            String version) {
        this(
                name,
                description,
                inputSchema,
                outputSchema,
                effect,
                timeout,
                version,
                Reach.unstated(effect),
                Set.of(),
                Set.of());
    }

    private static Set<String> arguments(
            Set<String> names, String which, String tool, Map<String, @Nullable Object> schema) {
        if (schema.get("properties") instanceof Map<?, ?> known) {
            for (String argument : names) {
                if (!known.containsKey(argument)) {
                    throw new ToolInvalidException("tool %s names '%s' among its %s arguments, but takes only %s"
                            .formatted(tool, argument, which, known.keySet()));
                }
            }
        }
        return Set.copyOf(names);
    }

    /** The same tool with another limit of time for one call. */
    public ToolSpec withTimeout(Duration limit) {
        return new ToolSpec(
                name, description, inputSchema, outputSchema, effect, limit, version, reach, trusted, commands);
    }
}
