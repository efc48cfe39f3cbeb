package dev.hart.recipe;

import dev.hart.json.Json;
import dev.hart.json.Schemas;
import dev.hart.tool.Effect;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes one action of a recipe. {@link #tool}, {@link #transform} and {@link #model} each begin a step; the other methods
 * refine the step begun last. The last step's output has the action's name unless {@link #output} names it.
 */
public final class ActionBuilder {
    private final int actionId;
    private final String name;
    private @Nullable String description;
    private final List<Integer> dependsOn = new ArrayList<>();
    private final List<Draft> steps = new ArrayList<>();

    ActionBuilder(int actionId, String name) {
        this.actionId = actionId;
        this.name = name;
    }

    /** What the action should achieve; its name unless set. */
    public ActionBuilder description(String description) {
        this.description = description;
        return this;
    }

    /** Ids of actions of the same flow that must be done before; those whose outputs are read need not be named. */
    public ActionBuilder dependsOn(int... actionIds) {
        for (int id : actionIds) {
            dependsOn.add(id);
        }
        return this;
    }

    /** Begins a step that calls a tool. */
    public ActionBuilder tool(String tool) {
        return begin(StepKind.TOOL, tool);
    }

    /** The same, of a tool with that version, or one that is equal to it up to the first dot; unless given, that of the tool when the recipe is saved. */
    public ActionBuilder tool(String tool, String version) {
        begin(StepKind.TOOL, tool);
        last().toolVersion = version;
        return this;
    }

    /** Begins a step whose result is the value with its placeholders filled in. */
    public ActionBuilder transform(@Nullable Object value) {
        return begin(StepKind.TRANSFORM, null).with("value", value);
    }

    /** Begins a step that asks the model. */
    public ActionBuilder model(String prompt) {
        return begin(StepKind.MODEL, null).with("prompt", prompt);
    }

    /** An argument: a JSON value, with placeholders where it differs from run to run. */
    public ActionBuilder with(String argument, @Nullable Object value) {
        last().args.put(argument, value);
        return this;
    }

    /** The name under which later steps find the result; null for none. */
    public ActionBuilder output(@Nullable String output) {
        Draft step = last();
        step.output = output;
        step.named = true;
        return this;
    }

    /** Raises the step's effect above what the tool declares. */
    public ActionBuilder effect(Effect effect) {
        last().effect = effect;
        return this;
    }

    /** The type that the result must have; see {@link Schemas}. For a MODEL step also the schema of the answer. */
    public ActionBuilder expect(Type type) {
        Draft step = last();
        step.expect = Schemas.of(type);
        if (step.kind == StepKind.MODEL) {
            step.args.put("schema", step.expect);
        }
        return this;
    }

    /** The JSON Schema that the result must follow; for a MODEL step too, that of the answer stays as it is. */
    public ActionBuilder expect(Map<String, ? extends @Nullable Object> schema) {
        last().expect = Json.objectOf(schema);
        return this;
    }

    /** Longest time for one attempt. */
    public ActionBuilder timeout(Duration timeout) {
        last().timeout = timeout;
        return this;
    }

    public ActionBuilder retry(int maxAttempts, Duration backoff) {
        last().retry = new Retry(maxAttempts, backoff);
        return this;
    }

    private ActionBuilder begin(StepKind kind, @Nullable String tool) {
        steps.add(new Draft(kind, tool));
        return this;
    }

    private Draft last() {
        if (steps.isEmpty()) {
            throw new IllegalStateException("action '" + name + "': begin a step with tool, transform or model first");
        }
        return steps.get(steps.size() - 1);
    }

    Action build() {
        List<Step> built = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            Draft step = steps.get(i);
            String output = !step.named && i == steps.size() - 1 ? name : step.output;
            built.add(new Step(
                    i + 1,
                    step.kind,
                    step.tool,
                    step.toolVersion,
                    step.args,
                    output,
                    step.effect,
                    step.expect,
                    step.timeout,
                    step.retry));
        }
        return new Action(actionId, name, description == null ? name : description, dependsOn, built);
    }

    private static final class Draft {
        final StepKind kind;
        final @Nullable String tool;
        final Map<String, @Nullable Object> args = new LinkedHashMap<>();

        @Nullable
        String toolVersion;

        @Nullable
        String output;
        /** Whether the output was chosen, be it none. */
        boolean named;

        Effect effect = Effect.READ;

        @Nullable
        Map<String, @Nullable Object> expect;

        @Nullable
        Duration timeout;

        Retry retry = Retry.DEFAULT;

        Draft(StepKind kind, @Nullable String tool) {
            this.kind = kind;
            this.tool = tool;
        }
    }
}
