package dev.hart.recipe;

import dev.hart.error.RecipeInvalidException;
import dev.hart.json.Json;
import dev.hart.json.Schemas;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Writes a recipe by hand. Actions outside {@link #flow} form one flow "main" of the persona "Assistant". */
public final class RecipeBuilder {
    private final String name;
    private @Nullable String goal;
    private final List<String> intents = new ArrayList<>();
    private final Map<String, Map<String, @Nullable Object>> inputs = new LinkedHashMap<>();
    private final Map<String, Map<String, @Nullable Object>> outputs = new LinkedHashMap<>();
    private final Map<String, List<Object>> examples = new LinkedHashMap<>();
    private final List<String> optionalInputs = new ArrayList<>();
    private final List<FlowBuilder> flows = new ArrayList<>();
    private final List<Schedule> schedules = new ArrayList<>();
    private @Nullable FlowBuilder main;
    private @Nullable Map<String, @Nullable Object> inputSchema;
    private @Nullable Map<String, @Nullable Object> outputSchema;

    RecipeBuilder(String name) {
        this.name = name;
    }

    /** What the recipe is for, in one sentence; its name unless set. */
    public RecipeBuilder goal(String goal) {
        this.goal = goal;
        return this;
    }

    /** A request that the recipe serves, such as {@code brief me on {{inputs.city}}}. */
    public RecipeBuilder intent(String template) {
        intents.add(template);
        return this;
    }

    /**
     * A request that the recipe serves, with the words that its inputs take in it. They are kept as examples of the inputs:
     * from a few such requests HART learns to find the inputs in others.
     *
     * @param words by input; each must occur in the request
     * @throws IllegalArgumentException when one does not occur
     */
    public RecipeBuilder example(String request, Map<String, String> words) {
        StringBuilder template = new StringBuilder();
        Map<Integer, Map.Entry<String, String>> places = new TreeMap<>();
        words.entrySet().forEach(word -> places.put(place(request, word, places), word));
        int from = 0;
        for (Map.Entry<Integer, Map.Entry<String, String>> place : places.entrySet()) {
            String input = place.getValue().getKey();
            template.append(literal(request.substring(from, place.getKey())))
                    .append("{{inputs.")
                    .append(input)
                    .append("}}");
            from = place.getKey() + place.getValue().getValue().length();
            examples.computeIfAbsent(input, name -> new ArrayList<>())
                    .add(place.getValue().getValue());
        }
        return intent(template.append(literal(request.substring(from))).toString());
    }

    /** The first place that no other input has taken. */
    private static int place(
            String request, Map.Entry<String, String> word, Map<Integer, Map.Entry<String, String>> taken) {
        String value = word.getValue();
        for (int at = request.indexOf(value); at >= 0 && !value.isBlank(); at = request.indexOf(value, at + 1)) {
            int from = at;
            boolean free = taken.entrySet().stream()
                    .allMatch(other -> from + value.length() <= other.getKey()
                            || from
                                    >= other.getKey()
                                            + other.getValue().getValue().length());
            if (free) {
                return at;
            }
        }
        throw new IllegalArgumentException("the words '" + value + "' of input '" + word.getKey()
                + "' do not occur in the example '" + request + "'");
    }

    private static String literal(String text) {
        return text.replace("{{", "\\{{");
    }

    /** A required input of a Java type; see {@link Schemas}. */
    public RecipeBuilder input(String input, Type type) {
        inputs.put(input, Schemas.of(type));
        return this;
    }

    /** The same with words for the people and planners who choose its value. */
    public RecipeBuilder input(String input, Type type, String description) {
        Map<String, @Nullable Object> schema = new LinkedHashMap<>(Schemas.of(type));
        schema.put("description", description);
        return input(input, schema);
    }

    /** A required input whose values follow a JSON Schema. */
    public RecipeBuilder input(String input, Map<String, ? extends @Nullable Object> schema) {
        inputs.put(input, Json.objectOf(schema));
        return this;
    }

    /** An input that may be left out; it is null then. */
    public RecipeBuilder optionalInput(String input, Type type) {
        optionalInputs.add(input);
        return input(input, type);
    }

    /** The same with words for the people and planners who choose its value. */
    public RecipeBuilder optionalInput(String input, Type type, String description) {
        optionalInputs.add(input);
        return input(input, type, description);
    }

    /** An input that may be left out, whose values follow a JSON Schema. */
    public RecipeBuilder optionalInput(String input, Map<String, ? extends @Nullable Object> schema) {
        optionalInputs.add(input);
        return input(input, schema);
    }

    /** All inputs at once, as a JSON Schema of type object; it takes the place of those given one by one. */
    public RecipeBuilder inputs(Map<String, ? extends @Nullable Object> objectSchema) {
        this.inputSchema = Json.objectOf(objectSchema);
        return this;
    }

    /** A result of a Java type: the value of the step whose output has this name. */
    public RecipeBuilder output(String output, Type type) {
        outputs.put(output, Schemas.of(type));
        return this;
    }

    /** A result that follows a JSON Schema: the value of the step whose output has this name. */
    public RecipeBuilder output(String output, Map<String, ? extends @Nullable Object> schema) {
        outputs.put(output, Json.objectOf(schema));
        return this;
    }

    /** All results at once, as a JSON Schema of type object; it takes the place of those given one by one. */
    public RecipeBuilder outputs(Map<String, ? extends @Nullable Object> objectSchema) {
        this.outputSchema = Json.objectOf(objectSchema);
        return this;
    }

    /** An action of the flow "main". */
    public RecipeBuilder action(String action, Consumer<ActionBuilder> steps) {
        FlowBuilder flow = main;
        if (flow == null) {
            flow = new FlowBuilder(flows.size(), "main");
            main = flow;
            flows.add(flow);
        }
        flow.action(action, steps);
        return this;
    }

    /** A flow; each one waits for the one before it. */
    public RecipeBuilder flow(String flow, Consumer<FlowBuilder> content) {
        FlowBuilder builder = new FlowBuilder(flows.size(), flow);
        content.accept(builder);
        flows.add(builder);
        return this;
    }

    /**
     * Has the recipe run by itself at these times, in UTC; see {@link dev.hart.Schedules}. It requires no inputs then.
     *
     * @param cron five fields, as in a crontab: {@code 0 9 * * 1-5} is nine o'clock from Monday to Friday
     */
    public RecipeBuilder schedule(String cron) {
        return schedule(Schedule.at(cron));
    }

    /** The same with a time zone, a description, or only a part of the recipe. */
    public RecipeBuilder schedule(Schedule schedule) {
        schedules.add(schedule);
        return this;
    }

    /**
     * The recipe.
     *
     * @throws RecipeInvalidException with every problem
     */
    public Recipe build() {
        Map<String, Map<String, @Nullable Object>> described = new LinkedHashMap<>(inputs);
        examples.forEach((input, values) -> {
            Map<String, @Nullable Object> schema = described.get(input);
            if (schema != null) {
                described.put(input, with(schema, values));
            }
        });
        List<String> required = new ArrayList<>(inputs.keySet());
        required.removeAll(optionalInputs);
        return new Recipe(
                name,
                goal == null ? name : goal,
                intents,
                inputSchema == null ? objectSchema(described, required) : inputSchema,
                outputSchema == null ? objectSchema(outputs, List.copyOf(outputs.keySet())) : outputSchema,
                flows.stream().map(FlowBuilder::build).toList(),
                schedules);
    }

    /** The schema with these examples, as far as they are of its type. */
    private static Map<String, @Nullable Object> with(Map<String, @Nullable Object> schema, List<Object> values) {
        if (!"string".equals(schema.get("type"))) {
            return schema;
        }
        Map<String, @Nullable Object> result = new LinkedHashMap<>(schema);
        result.put("examples", List.copyOf(values));
        return result;
    }

    private static Map<String, @Nullable Object> objectSchema(
            Map<String, Map<String, @Nullable Object>> properties, List<String> required) {
        Map<String, @Nullable Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("properties", properties);
        schema.put("required", required);
        schema.put("additionalProperties", false);
        return schema;
    }
}
