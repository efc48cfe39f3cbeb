package dev.hart.recipe;

import dev.hart.json.Json;
import dev.hart.tool.Effect;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One call of a tool or model within an action, or a computation.
 *
 * @param index from 1 within the action
 * @param tool the tool's name, for a TOOL step only
 * @param toolVersion the tool's version when the recipe was made; null accepts any
 * @param args JSON values with placeholders
 * @param output the name under which later steps find the result; null for none
 * @param effect at least the tool's own; READ for the other kinds
 * @param expect JSON Schema that the result must follow; null for none
 * @param timeout for one attempt; null for the tool's own
 */
public record Step(
        int index,
        StepKind kind,
        @Nullable String tool,
        @Nullable String toolVersion,
        Map<String, @Nullable Object> args,
        @Nullable String output,
        Effect effect,
        @Nullable Map<String, @Nullable Object> expect,
        @Nullable Duration timeout,
        Retry retry) {
    // Written out, as compact constructors lose what their parameters' types say about null.
    public Step(
            int index,
            StepKind kind,
            @Nullable String tool,
            @Nullable String toolVersion,
            Map<String, @Nullable Object> args,
            @Nullable String output,
            Effect effect,
            @Nullable Map<String, @Nullable Object> expect,
            @Nullable Duration timeout,
            Retry retry) {
        this.index = index;
        this.kind = kind;
        this.tool = tool;
        this.toolVersion = toolVersion;
        this.args = Json.objectOf(args);
        this.output = output;
        this.effect = effect;
        this.expect = expect == null ? null : Json.objectOf(expect);
        this.timeout = timeout;
        this.retry = retry;
    }
}
