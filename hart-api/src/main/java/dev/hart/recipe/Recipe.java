package dev.hart.recipe;

import dev.hart.error.RecipeInvalidException;
import dev.hart.json.Json;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What to do, step by step, with named inputs and outputs: the content of a recipe, without the identity that storing
 * gives it (see {@link RecipeVersion}). Always well-formed: the constructor refuses a recipe that breaks a rule and lists
 * every problem.
 *
 * @param name letters, digits, {@code _ -}, 1 to 64
 * @param intents requests that it serves, with {@code {{inputs.x}}} where the words differ
 * @param inputs JSON Schema of type object
 * @param outputs JSON Schema of type object; each property takes the value of the step whose output has its name
 * @param schedules when it runs by itself; they are held against the recipe when it is saved
 */
public record Recipe(
        String name,
        String goal,
        List<String> intents,
        Map<String, @Nullable Object> inputs,
        Map<String, @Nullable Object> outputs,
        List<Flow> flows,
        List<Schedule> schedules) {

    // Written out, as compact constructors lose what their parameters' types say about null.
    public Recipe(
            String name,
            String goal,
            List<String> intents,
            Map<String, @Nullable Object> inputs,
            Map<String, @Nullable Object> outputs,
            List<Flow> flows,
            List<Schedule> schedules) {
        this.name = name;
        this.goal = goal;
        this.intents = List.copyOf(intents);
        this.inputs = Json.objectOf(inputs);
        this.outputs = Json.objectOf(outputs);
        this.flows = RecipeRules.complete(flows);
        this.schedules = List.copyOf(schedules);
        List<Problem> problems = RecipeRules.check(name, this.intents, this.inputs, this.outputs, this.flows);
        if (!problems.isEmpty()) {
            throw new RecipeInvalidException(name, problems);
        }
    }

    /** A recipe without schedules. */
    public Recipe(
            String name,
            String goal,
            List<String> intents,
            Map<String, @Nullable Object> inputs,
            Map<String, @Nullable Object> outputs,
            List<Flow> flows) {
        this(name, goal, intents, inputs, outputs, flows, List.of());
    }

    /** A builder for a recipe with that name. */
    public static RecipeBuilder named(String name) {
        return new RecipeBuilder(name);
    }

    /** All actions, flow by flow. */
    public Stream<Action> actions() {
        return flows.stream().flatMap(flow -> flow.actions().stream());
    }

    /** The names of the declared inputs, in order. */
    public List<String> inputNames() {
        return RecipeRules.propertyNames(inputs);
    }

    /** The names of the declared outputs, in order. */
    public List<String> outputNames() {
        return RecipeRules.propertyNames(outputs);
    }
}
