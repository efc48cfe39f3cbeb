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
 * Writes steps, one after the other: {@link #tool}, {@link #transform}, {@link #model}, {@link #ask}, {@link #waitFor},
 * {@link #waitUntil} and {@link #recipe} each begin one; the other methods refine the one begun last.
 *
 * @param <B> the builder itself
 */
public abstract sealed class StepsBuilder<B extends StepsBuilder<B>> permits ActionBuilder, FallbackBuilder {
    private final List<Draft> steps = new ArrayList<>();

    StepsBuilder() {}

    abstract B self();

    /** What the steps belong to, for errors. */
    abstract String owner();

    /** Begins a step that calls a tool. */
    public B tool(String tool) {
        return begin(StepKind.TOOL, tool);
    }

    /**
     * The same, of a tool with that version, or one that is equal to it up to the first dot. Without it, the version that the tool
     * has when the recipe is saved.
     */
    public B tool(String tool, String version) {
        begin(StepKind.TOOL, tool);
        last().toolVersion = version;
        return self();
    }

    /** Begins a step whose result is the value with its placeholders filled in. */
    public B transform(@Nullable Object value) {
        begin(StepKind.TRANSFORM, null);
        return with("value", value);
    }

    /** Begins a step that asks the model. */
    public B model(String prompt) {
        begin(StepKind.MODEL, null);
        return with("prompt", prompt);
    }

    /**
     * Begins a step that asks a person; the answer is its result. Any JSON value will do unless {@link #expect} or
     * {@link #choices} says more. The run waits for it without end unless {@link #deadline} says how long.
     */
    public B ask(String question) {
        begin(StepKind.ASK, null);
        return with("question", question);
    }

    /** Begins a step that waits that long, in whole milliseconds. */
    public B waitFor(Duration duration) {
        begin(StepKind.WAIT, null);
        return with("ms", duration.toMillis());
    }

    /**
     * Begins a step that waits until a time; one that has passed already is not waited for.
     *
     * @param time ISO-8601 with an offset, as in {@code 2026-01-31T09:00:00Z}, or a placeholder for such a text
     */
    public B waitUntil(String time) {
        begin(StepKind.WAIT, null);
        return with("until", time);
    }

    /** Begins a step that runs that version of another recipe, as a run of its own; {@link #with} gives its inputs. */
    public B recipe(RecipeVersion recipe) {
        return recipe(recipe.recipeId(), recipe.version());
    }

    /** The same with the version that is the newest when this recipe is saved. */
    public B recipe(String nameOrId) {
        begin(StepKind.SUBRECIPE, null);
        Draft step = last();
        step.args.put("recipeId", nameOrId);
        step.args.put("inputs", step.inputs);
        return self();
    }

    /** The same with that version. */
    public B recipe(String nameOrId, int version) {
        recipe(nameOrId);
        last().args.put("version", (long) version);
        return self();
    }

    /**
     * An argument, or an input of the recipe that the step runs: a JSON value, with placeholders where it differs from run to
     * run.
     */
    public B with(String argument, @Nullable Object value) {
        Draft step = last();
        (step.kind == StepKind.SUBRECIPE ? step.inputs : step.args).put(argument, value);
        return self();
    }

    /** The name under which later steps find the result; null for none. */
    public B output(@Nullable String output) {
        Draft step = last();
        step.output = output;
        step.isNamed = true;
        return self();
    }

    /** Raises the effect of a tool's or recipe's step above what that declares. */
    public B effect(Effect effect) {
        last().effect = effect;
        return self();
    }

    /**
     * The type that the result must have; see {@link Schemas}. For a MODEL step also the schema of its answer, for an ASK step
     * that of the person's.
     */
    public B expect(Type type) {
        return expectSchema(Schemas.of(type));
    }

    /** The same with a JSON Schema. */
    public B expect(Map<String, ? extends @Nullable Object> schema) {
        return expectSchema(Json.objectOf(schema));
    }

    /** A JSON Schema that the result must have, and of which the model or the person is not told. */
    public B expectUntold(Map<String, ? extends @Nullable Object> schema) {
        last().expect = Json.objectOf(schema);
        return self();
    }

    /**
     * What a person, or the model, may answer: one of these JSON values.
     *
     * @throws IllegalArgumentException when there is none
     */
    public B choices(@Nullable Object... choices) {
        if (choices.length == 0) {
            throw new IllegalArgumentException(owner() + ": choices needs at least one");
        }
        List<@Nullable Object> values = new ArrayList<>();
        for (Object choice : choices) {
            values.add(Json.valueOf(choice));
        }
        Map<String, @Nullable Object> schema = new LinkedHashMap<>();
        if (values.stream().allMatch(String.class::isInstance)) {
            schema.put("type", "string");
        }
        schema.put("enum", values);
        return expectSchema(schema);
    }

    private B expectSchema(Map<String, @Nullable Object> schema) {
        Draft step = last();
        step.expect = schema;
        if (step.kind == StepKind.MODEL || step.kind == StepKind.ASK) {
            step.args.put("schema", schema);
        }
        return self();
    }

    /** How long an ASK step waits for its answer, in whole milliseconds, 1 millisecond to 365 days; then it fails. */
    public B deadline(Duration deadline) {
        last().args.put("deadlineMs", deadline.toMillis());
        return self();
    }

    /** Longest time for one attempt of a tool or the model. */
    public B timeout(Duration timeout) {
        last().timeout = timeout;
        return self();
    }

    /** How often a tool or the model is tried, and the first time between. */
    public B retry(int maxAttempts, Duration backoff) {
        last().retry = new Retry(maxAttempts, backoff);
        return self();
    }

    private B begin(StepKind kind, @Nullable String tool) {
        steps.add(new Draft(kind, tool));
        return self();
    }

    private Draft last() {
        if (steps.isEmpty()) {
            throw new IllegalStateException(
                    owner() + ": begin a step first, with tool, transform, model, ask, waitFor, waitUntil or recipe");
        }
        return steps.get(steps.size() - 1);
    }

    /**
     * The steps.
     *
     * @param lastOutput of the last step, unless it names one; null for none
     */
    List<Step> steps(@Nullable String lastOutput) {
        List<Step> built = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            built.add(steps.get(i).build(i + 1, i == steps.size() - 1 ? lastOutput : null));
        }
        return built;
    }

    private static final class Draft {
        final StepKind kind;
        final @Nullable String tool;
        final Map<String, @Nullable Object> args = new LinkedHashMap<>();
        final Map<String, @Nullable Object> inputs = new LinkedHashMap<>();

        @Nullable
        String toolVersion;

        @Nullable
        String output;
        /** Whether the output was chosen, be it none. */
        boolean isNamed;

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

        Step build(int index, @Nullable String defaultOutput) {
            return new Step(
                    index,
                    kind,
                    tool,
                    toolVersion,
                    args,
                    isNamed ? output : defaultOutput,
                    effect,
                    expect,
                    timeout,
                    retry);
        }
    }
}
