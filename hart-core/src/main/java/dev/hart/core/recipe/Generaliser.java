package dev.hart.core.recipe;

import dev.hart.core.plan.Draft.Taken;
import dev.hart.recipe.Action;
import dev.hart.recipe.Fallback;
import dev.hart.recipe.Flow;
import dev.hart.recipe.Placeholder;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.Step;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Turns what one run did for one request into a recipe for requests of that kind: values that came from the request become
 * typed inputs, values that an earlier step produced become references to it.
 */
public final class Generaliser {
    private static final int SHORTEST_PART = 3;
    private static final int SHORTEST_RESULT = 8;
    /** Keys that a placeholder can name. */
    private static final Pattern FIELD = Pattern.compile("[^{}.\\s]+");

    private final List<Taken> taken;
    private final Set<String> used = new LinkedHashSet<>();
    private final Set<String> ambiguous = new LinkedHashSet<>();
    /** Results of the steps so far, by the placeholder that reads them. */
    private final Map<String, @Nullable Object> results = new LinkedHashMap<>();

    private Generaliser(List<Taken> taken) {
        this.taken = taken.stream()
                .sorted(Comparator.comparingInt(
                                (Taken t) -> String.valueOf(t.value()).length())
                        .reversed())
                .toList();
    }

    /**
     * What was learned.
     *
     * @param warnings such as {@code AMBIGUOUS_BINDING: …}
     */
    public record Learned(Recipe recipe, List<String> warnings) {}

    /** What one finished action did: its steps' results by index. */
    public record Trace(Map<String, Map<Integer, @Nullable Object>> resultsByAction) {}

    /**
     * Learns.
     *
     * @param executed the recipe that ran, with literal arguments
     * @param request its text
     * @param taken what the planner took from that text
     */
    public static Learned learn(Recipe executed, String request, List<Taken> taken, Trace trace) {
        Generaliser generaliser = new Generaliser(taken);
        List<Flow> flows = executed.flows().stream()
                .map(flow -> generaliser.flow(flow, trace))
                .toList();
        List<Taken> inputs =
                taken.stream().filter(t -> generaliser.used.contains(t.input())).toList();
        Map<String, @Nullable Object> properties = new LinkedHashMap<>();
        inputs.forEach(input -> properties.put(input.input(), input.schema()));
        Map<String, @Nullable Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("properties", properties);
        schema.put("required", List.copyOf(properties.keySet()));
        schema.put("additionalProperties", false);
        Recipe recipe = new Recipe(
                executed.name(), request, List.of(intent(request, inputs)), schema, executed.outputs(), flows);
        List<String> warnings = generaliser.ambiguous.stream()
                .map(value -> "AMBIGUOUS_BINDING: several inputs have the value '" + value + "', so it stays as it is")
                .toList();
        return new Learned(recipe, warnings);
    }

    /** Arguments with every value that one of these inputs has replaced by its placeholder, as when a recipe is learned. */
    public static Map<String, @Nullable Object> withInputs(
            Map<String, @Nullable Object> args, Map<String, @Nullable Object> inputs) {
        Generaliser generaliser = new Generaliser(inputs.entrySet().stream()
                .map(input -> new Taken(input.getKey(), input.getValue(), 0, 0, Map.of()))
                .toList());
        Map<String, @Nullable Object> general = new LinkedHashMap<>();
        args.forEach((name, value) -> general.put(name, generaliser.value(value)));
        return general;
    }

    /** The request with the words of each input replaced by its placeholder. */
    private static String intent(String request, List<Taken> inputs) {
        StringBuilder intent = new StringBuilder();
        int from = 0;
        for (Taken input :
                inputs.stream().sorted(Comparator.comparingInt(Taken::start)).toList()) {
            if (input.start() < from) {
                continue;
            }
            intent.append(literal(request.substring(from, input.start())))
                    .append("{{inputs.")
                    .append(input.input())
                    .append("}}");
            from = input.end();
        }
        return intent.append(literal(request.substring(from))).toString();
    }

    private static String literal(String text) {
        return text.replace("{{", "\\{{");
    }

    private Flow flow(Flow flow, Trace trace) {
        List<Action> actions = new ArrayList<>();
        for (List<Action> wave : flow.waves()) {
            for (Action action : wave) {
                actions.add(action(action, trace.resultsByAction().getOrDefault(action.name(), Map.of())));
            }
        }
        actions.sort(Comparator.comparingInt(Action::actionId));
        return new Flow(flow.flowId(), flow.name(), flow.persona(), flow.subGoal(), flow.dependsOn(), actions);
    }

    private Action action(Action action, Map<Integer, @Nullable Object> stepResults) {
        List<Step> steps = new ArrayList<>();
        for (Step step : action.steps()) {
            steps.add(step(step));
            results.put("steps." + action.actionId() + "." + step.index(), stepResults.get(step.index()));
        }
        return new Action(
                action.actionId(),
                action.name(),
                action.description(),
                action.dependsOn(),
                steps,
                action.fallbacks().stream().map(this::fallback).toList());
    }

    /** A fallback was not carried out: only values of inputs are replaced in it. */
    private Fallback fallback(Fallback fallback) {
        List<Step> steps = new ArrayList<>();
        Map<String, @Nullable Object> known = new LinkedHashMap<>(results);
        results.clear();
        for (Step step : fallback.steps()) {
            steps.add(step(step));
        }
        String text = replaceParts(fallback.text());
        results.putAll(known);
        return new Fallback(text, steps);
    }

    private Step step(Step step) {
        Map<String, @Nullable Object> args = new LinkedHashMap<>();
        step.args().forEach((name, value) -> args.put(name, value(value)));
        return new Step(
                step.index(),
                step.kind(),
                step.tool(),
                step.toolVersion(),
                args,
                step.output(),
                step.effect(),
                step.expect(),
                step.timeout(),
                step.retry());
    }

    private @Nullable Object value(@Nullable Object value) {
        if (value == null || value instanceof Boolean) {
            return value;
        }
        if (value instanceof String text && !Placeholder.in(text).isEmpty()) {
            return replaceParts(text);
        }
        String whole = inputEqualTo(value);
        if (whole != null) {
            return whole;
        }
        String result = resultEqualTo(value);
        if (result != null) {
            return result;
        }
        if (value instanceof String text) {
            return replaceParts(text);
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> items = new ArrayList<>();
            list.forEach(item -> items.add(value(item)));
            return items;
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            map.forEach((name, field) -> fields.put(String.valueOf(name), value(field)));
            return fields;
        }
        return value;
    }

    /** The placeholder of the one input with this value, or null. */
    private @Nullable String inputEqualTo(Object value) {
        List<Taken> equal = taken.stream().filter(t -> value.equals(t.value())).toList();
        if (equal.size() > 1) {
            ambiguous.add(String.valueOf(value));
        }
        if (equal.size() != 1) {
            return null;
        }
        used.add(equal.get(0).input());
        return "{{inputs." + equal.get(0).input() + "}}";
    }

    /** The placeholder of the earlier result that is this value, or has it as a text field; null when there is none. */
    private @Nullable String resultEqualTo(Object value) {
        boolean isText = value instanceof String;
        if (isText && ((String) value).length() < SHORTEST_RESULT) {
            return null;
        }
        for (Map.Entry<String, @Nullable Object> result : results.entrySet()) {
            if (value.equals(result.getValue()) && (isText || value instanceof List || value instanceof Map)) {
                return "{{" + result.getKey() + "}}";
            }
            if (isText && result.getValue() instanceof Map<?, ?> fields) {
                for (Map.Entry<?, ?> field : fields.entrySet()) {
                    if (value.equals(field.getValue())
                            && FIELD.matcher(String.valueOf(field.getKey())).matches()) {
                        return "{{" + result.getKey() + "." + field.getKey() + "}}";
                    }
                }
            }
        }
        return null;
    }

    /** Replaces the values of inputs inside a text, the longest first, never inside a placeholder already put in. */
    private String replaceParts(String text) {
        Map<String, List<Taken>> byValue = taken.stream()
                .filter(t -> t.value() instanceof String value && value.length() >= SHORTEST_PART)
                .collect(Collectors.groupingBy(t -> (String) t.value(), LinkedHashMap::new, Collectors.toList()));
        List<String> parts = apart(text);
        for (Map.Entry<String, List<Taken>> candidate : byValue.entrySet()) {
            String value = candidate.getKey();
            if (parts.stream().noneMatch(part -> !isPlaceholder(part) && part.contains(value))) {
                continue;
            }
            if (candidate.getValue().size() > 1) {
                ambiguous.add(value);
                continue;
            }
            String input = candidate.getValue().get(0).input();
            used.add(input);
            parts = split(parts, value, "{{inputs." + input + "}}");
        }
        return String.join("", parts);
    }

    private static List<String> apart(String text) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        for (Placeholder placeholder : Placeholder.in(text)) {
            parts.add(text.substring(from, placeholder.start()));
            parts.add(text.substring(placeholder.start(), placeholder.end()));
            from = placeholder.end();
        }
        parts.add(text.substring(from));
        return parts;
    }

    private static boolean isPlaceholder(String part) {
        return part.startsWith("{{") && part.endsWith("}}");
    }

    /** Splits the literal parts at each occurrence, and puts the placeholder in between. */
    private static List<String> split(List<String> parts, String value, String placeholder) {
        List<String> result = new ArrayList<>();
        for (String part : parts) {
            int from = 0;
            int at = isPlaceholder(part) ? -1 : part.indexOf(value);
            while (at >= 0) {
                result.add(part.substring(from, at));
                result.add(placeholder);
                from = at + value.length();
                at = part.indexOf(value, from);
            }
            result.add(part.substring(from));
        }
        return result;
    }
}
