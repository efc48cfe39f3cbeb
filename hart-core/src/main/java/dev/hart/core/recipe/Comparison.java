package dev.hart.core.recipe;

import dev.hart.json.Json;
import dev.hart.recipe.Action;
import dev.hart.recipe.Flow;
import dev.hart.recipe.Placeholder;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.Step;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Compares what two runs did for two requests. Where both did the same with other values, they were requests of one kind: what
 * differed is an input, what did not is a constant, unless both planners took it from the words of the request. The result
 * serves both requests.
 */
public final class Comparison {
    private static final int MAX_INTENTS = 50;

    private final Side earlier;
    private final Side later;
    /** Names of outputs of the earlier recipe, by those of the later one. */
    private final Map<String, String> outputs = new HashMap<>();

    private final Map<String, Input> inputs = new LinkedHashMap<>();
    /** Names of inputs of the result, by those of the later recipe. */
    private final Map<String, String> laterNames = new HashMap<>();

    /**
     * What one run taught.
     *
     * @param inputs the values that the recipe's inputs had in it
     */
    public record Side(Recipe learned, Map<String, @Nullable Object> inputs) {}

    /**
     * A recipe that serves both.
     *
     * @param earlier the values that its inputs had in the earlier run
     * @param later those in the later run
     * @param news the inputs that the earlier recipe does not have
     */
    public record Result(
            Recipe recipe,
            Map<String, @Nullable Object> earlier,
            Map<String, @Nullable Object> later,
            List<String> news) {}

    private record Input(
            Map<String, @Nullable Object> schema,
            @Nullable Object before,
            @Nullable Object after,
            boolean isNew) {}

    /** The two were not for requests of one kind. */
    private static final class Differs extends RuntimeException {
        private static final long serialVersionUID = 1;

        Differs() {
            super(null, null, false, false);
        }
    }

    private Comparison(Side earlier, Side later) {
        this.earlier = earlier;
        this.later = later;
    }

    /** Empty when they did different things, or a difference is not in the words of the requests. */
    public static Optional<Result> of(Side earlier, Side later) {
        try {
            return Optional.of(new Comparison(earlier, later).result());
        } catch (Differs e) {
            return Optional.empty();
        }
    }

    private Result result() {
        List<Flow> flows = flows();
        Map<String, @Nullable Object> before = new LinkedHashMap<>();
        Map<String, @Nullable Object> after = new LinkedHashMap<>();
        List<String> news = new ArrayList<>();
        inputs.forEach((name, input) -> {
            before.put(name, input.before());
            after.put(name, input.after());
            if (input.isNew()) {
                news.add(name);
            }
        });
        Set<String> intents = new LinkedHashSet<>();
        for (String intent : earlier.learned().intents()) {
            String served = intent(intent, earlier, before, UnaryOperator.identity());
            if (served != null) {
                intents.add(served);
            }
        }
        int served = intents.size();
        for (String intent : later.learned().intents()) {
            intents.add(Optional.ofNullable(intent(intent, later, after, name -> laterNames.getOrDefault(name, "")))
                    .orElseThrow(Differs::new));
        }
        if (served == 0 || intents.size() > MAX_INTENTS) {
            throw new Differs();
        }
        Recipe old = earlier.learned();
        return new Result(
                new Recipe(old.name(), old.goal(), List.copyOf(intents), schema(), old.outputs(), flows),
                before,
                after,
                news);
    }

    private Map<String, @Nullable Object> schema() {
        Map<String, @Nullable Object> properties = new LinkedHashMap<>();
        inputs.forEach((name, input) -> properties.put(name, input.schema()));
        Map<String, @Nullable Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("properties", properties);
        schema.put("required", List.copyOf(properties.keySet()));
        schema.put("additionalProperties", false);
        return schema;
    }

    // ---- what they did

    private List<Flow> flows() {
        List<Flow> old = earlier.learned().flows();
        List<Flow> now = later.learned().flows();
        // Nobody gives a scheduled run the inputs that a difference would make.
        require(old.size() == now.size() && earlier.learned().schedules().isEmpty());
        for (int f = 0; f < old.size(); f++) {
            nameOutputs(old.get(f), now.get(f));
        }
        Set<String> answers = new LinkedHashSet<>();
        later.learned().outputNames().forEach(name -> answers.add(outputs.getOrDefault(name, name)));
        require(answers.equals(new LinkedHashSet<>(earlier.learned().outputNames())));
        List<Flow> flows = new ArrayList<>();
        for (int f = 0; f < old.size(); f++) {
            flows.add(flow(old.get(f), now.get(f)));
        }
        return flows;
    }

    private static void require(boolean same) {
        if (!same) {
            throw new Differs();
        }
    }

    private void nameOutputs(Flow old, Flow now) {
        require(old.actions().size() == now.actions().size());
        for (int a = 0; a < old.actions().size(); a++) {
            Action before = old.actions().get(a);
            Action after = now.actions().get(a);
            require(before.actionId() == after.actionId()
                    && before.steps().size() == after.steps().size()
                    && before.fallbacks().isEmpty()
                    && after.fallbacks().isEmpty());
            for (int s = 0; s < before.steps().size(); s++) {
                String name = before.steps().get(s).output();
                String other = after.steps().get(s).output();
                require((name == null) == (other == null));
                if (name != null && other != null) {
                    outputs.put(other, name);
                }
            }
        }
    }

    private Flow flow(Flow old, Flow now) {
        List<Action> actions = new ArrayList<>();
        for (int a = 0; a < old.actions().size(); a++) {
            Action before = old.actions().get(a);
            Action after = now.actions().get(a);
            List<Step> steps = new ArrayList<>();
            for (int s = 0; s < before.steps().size(); s++) {
                steps.add(step(before.steps().get(s), after.steps().get(s)));
            }
            require(before.dependsOn().equals(after.dependsOn()));
            actions.add(new Action(
                            before.actionId(),
                            before.name(),
                            before.description(),
                            before.dependsOn(),
                            steps,
                            List.of())
                    .trainedIn(before.trainedDuration()));
        }
        return new Flow(old.flowId(), old.name(), old.persona(), old.subGoal(), old.dependsOn(), actions);
    }

    private Step step(Step before, Step after) {
        require(before.kind() == after.kind()
                && Objects.equals(before.tool(), after.tool())
                && Objects.equals(before.expect(), after.expect())
                && before.args().keySet().equals(after.args().keySet()));
        Map<String, @Nullable Object> args = new LinkedHashMap<>();
        before.args()
                .forEach((name, value) ->
                        args.put(name, merge(name, value, renamed(after.args().get(name)))));
        return new Step(
                before.index(),
                before.kind(),
                before.tool(),
                before.toolVersion(),
                args,
                before.output(),
                before.effect(),
                before.expect(),
                before.timeout(),
                before.retry());
    }

    /** A value of the later recipe with the outputs named as in the earlier one. */
    private @Nullable Object renamed(@Nullable Object value) {
        if (value instanceof String text) {
            return replaced(text, placeholder -> {
                String name = outputs.get(placeholder.root());
                return name == null
                        ? placeholder.toString()
                        : "{{" + String.join(".", with(placeholder.path(), name)) + "}}";
            });
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> items = new ArrayList<>();
            list.forEach(item -> items.add(renamed(item)));
            return items;
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            map.forEach((name, field) -> fields.put(String.valueOf(name), renamed(field)));
            return fields;
        }
        return value;
    }

    private static List<String> with(List<String> path, String root) {
        List<String> renamed = new ArrayList<>(path);
        renamed.set(0, root);
        return renamed;
    }

    private @Nullable Object merge(String name, @Nullable Object before, @Nullable Object after) {
        if (before instanceof Map<?, ?> a && after instanceof Map<?, ?> b) {
            require(a.keySet().equals(b.keySet()));
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            a.forEach((field, value) ->
                    fields.put(String.valueOf(field), merge(String.valueOf(field), value, b.get(field))));
            return fields;
        }
        if (before instanceof List<?> a && after instanceof List<?> b) {
            require(a.size() == b.size());
            List<@Nullable Object> items = new ArrayList<>();
            for (int i = 0; i < a.size(); i++) {
                items.add(merge(name, a.get(i), b.get(i)));
            }
            return items;
        }
        List<String> mine = inputsIn(before);
        List<String> others = inputsIn(after);
        if (!mine.isEmpty() && skeleton(before).equals(skeleton(after))) {
            for (int i = 0; i < mine.size(); i++) {
                both(mine.get(i), others.get(i));
            }
            return before;
        }
        Object old = literal(before, earlier.inputs());
        Object now = literal(after, later.inputs());
        if (Objects.equals(old, now)) {
            return old;
        }
        if (isInput(before)) {
            String input = mine.get(0);
            add(input, property(earlier.learned(), input), earlier.inputs().get(input), now);
            return before;
        }
        if (isInput(after)) {
            String input = others.get(0);
            String unique = unique(input, old, now);
            require(laterNames.getOrDefault(input, unique).equals(unique));
            laterNames.put(input, unique);
            add(unique, property(later.learned(), input), old, later.inputs().get(input));
            return "{{inputs." + unique + "}}";
        }
        if (before instanceof String a && after instanceof String b && mine.size() + others.size() == 1) {
            return fit(mine.isEmpty() ? b : a, mine.isEmpty() ? a : b, !mine.isEmpty());
        }
        if (!mine.isEmpty() || !others.isEmpty() || old == null || now == null) {
            throw new Differs();
        }
        if (old instanceof String a && now instanceof String b && !(isSaid(earlier, a) && isSaid(later, b))) {
            return mergeWords(name, a, b);
        }
        String unique = unique(name, old, now);
        add(unique, schemaOf(old, now), old, now);
        return "{{inputs." + unique + "}}";
    }

    /** A text with one input, and what the other run had there: the input's value in that run is what is in its place. */
    private String fit(String template, String words, boolean isEarlier) {
        Map<String, @Nullable Object> found = new HashMap<>();
        require(Placeholder.in(words).isEmpty());
        between(template, words.replace("\\{{", "{{"), found);
        require(found.size() == 1);
        String input = inputsIn(template).get(0);
        if (isEarlier) {
            add(input, property(earlier.learned(), input), earlier.inputs().get(input), found.get(input));
            return template;
        }
        Object now = later.inputs().get(input);
        String unique = unique(input, found.get(input), now);
        require(laterNames.getOrDefault(input, unique).equals(unique));
        laterNames.put(input, unique);
        add(unique, property(later.learned(), input), found.get(input), now);
        return replaced(template, placeholder -> "{{inputs." + unique + "}}");
    }

    private static boolean isSaid(Side side, String value) {
        return side.learned().intents().stream().anyMatch(intent -> put(intent, value, "x") != null);
    }

    /** Two texts that begin and end with the same words: what is between them is the input. */
    private String mergeWords(String name, String before, String after) {
        int shortest = Math.min(before.length(), after.length());
        int from = 0;
        while (from < shortest && before.charAt(from) == after.charAt(from)) {
            from++;
        }
        while (from > 0 && Character.isLetterOrDigit(before.charAt(from - 1))) {
            from--;
        }
        int end = 0;
        while (end < shortest - from
                && before.charAt(before.length() - 1 - end) == after.charAt(after.length() - 1 - end)) {
            end++;
        }
        while (end > 0 && Character.isLetterOrDigit(before.charAt(before.length() - end))) {
            end--;
        }
        String old = before.substring(from, before.length() - end);
        String now = after.substring(from, after.length() - end);
        require(!old.isBlank() && !now.isBlank());
        String unique = unique(name, old, now);
        add(unique, Map.of("type", "string"), old, now);
        return before.substring(0, from) + "{{inputs." + unique + "}}" + before.substring(before.length() - end);
    }

    private void both(String mine, String other) {
        require(laterNames.getOrDefault(other, mine).equals(mine));
        laterNames.put(other, mine);
        add(
                mine,
                property(earlier.learned(), mine),
                earlier.inputs().get(mine),
                later.inputs().get(other));
    }

    private void add(
            String name, Map<String, @Nullable Object> schema, @Nullable Object before, @Nullable Object after) {
        require(before != null
                && after != null
                && Placeholder.inValue(before).isEmpty()
                && Placeholder.inValue(after).isEmpty());
        boolean isNew = !earlier.learned().inputNames().contains(name);
        Input known = inputs.putIfAbsent(name, new Input(schema, before, after, isNew));
        require(known == null || (Objects.equals(known.before(), before) && Objects.equals(known.after(), after)));
    }

    private static boolean isPlain(Object value) {
        return !(value instanceof String text && text.contains("{{"));
    }

    /** The name of the input that has these values already, or a new one. */
    private String unique(String base, @Nullable Object before, @Nullable Object after) {
        String start = base.matches("[A-Za-z_][A-Za-z0-9_-]{0,55}") ? base : "value";
        String name = start;
        for (int n = 2; ; n++) {
            Input known = inputs.get(name);
            boolean same =
                    known != null && Objects.equals(known.before(), before) && Objects.equals(known.after(), after);
            if (same || (known == null && !earlier.learned().inputNames().contains(name))) {
                return name;
            }
            name = start + "_" + n;
        }
    }

    private static Map<String, @Nullable Object> schemaOf(Object before, Object after) {
        if (before instanceof String && after instanceof String) {
            return Map.of("type", "string");
        }
        if (before instanceof Long && after instanceof Long) {
            return Map.of("type", "integer");
        }
        require((before instanceof Long || before instanceof BigDecimal)
                && (after instanceof Long || after instanceof BigDecimal));
        return Map.of("type", "number");
    }

    @SuppressWarnings("unchecked")
    private static Map<String, @Nullable Object> property(Recipe recipe, String input) {
        return recipe.inputs().get("properties") instanceof Map<?, ?> properties
                        && properties.get(input) instanceof Map<?, ?> schema
                ? (Map<String, @Nullable Object>) schema
                : Map.of();
    }

    // ---- placeholders

    @FunctionalInterface
    private interface Filling {
        String of(Placeholder placeholder);
    }

    private static String replaced(String text, Filling filling) {
        StringBuilder result = new StringBuilder();
        int from = 0;
        for (Placeholder placeholder : Placeholder.in(text)) {
            result.append(text, from, placeholder.start()).append(filling.of(placeholder));
            from = placeholder.end();
        }
        return result.append(text.substring(from)).toString();
    }

    private static boolean isInput(Placeholder placeholder) {
        return placeholder.root().equals("inputs");
    }

    /** Whether the value is a whole input, and no part of one. */
    private static boolean isInput(@Nullable Object value) {
        if (!(value instanceof String text)) {
            return false;
        }
        List<Placeholder> found = Placeholder.in(text);
        return found.size() == 1
                && isInput(found.get(0))
                && found.get(0).path().size() == 2
                && found.get(0).start() == 0
                && found.get(0).end() == text.length();
    }

    private static List<String> inputsIn(@Nullable Object value) {
        return value instanceof String text
                ? Placeholder.in(text).stream()
                        .filter(Comparison::isInput)
                        .map(placeholder -> placeholder.path().get(1))
                        .toList()
                : List.of();
    }

    /** A text with the names of its inputs left out. */
    private static Object skeleton(@Nullable Object value) {
        return value instanceof String text
                ? replaced(
                        text,
                        placeholder -> isInput(placeholder)
                                ? "{{inputs..."
                                        + placeholder
                                                .path()
                                                .subList(2, placeholder.path().size()) + "}}"
                                : placeholder.toString())
                : Optional.ofNullable(value);
    }

    /** A value with its inputs filled in; references to results stay. */
    private static @Nullable Object literal(@Nullable Object value, Map<String, @Nullable Object> inputs) {
        if (!(value instanceof String text)) {
            return value;
        }
        if (isInput(text)) {
            Object whole = inputs.get(Placeholder.in(text).get(0).path().get(1));
            return whole instanceof String words ? escaped(words) : whole;
        }
        return replaced(text, placeholder -> {
            if (!isInput(placeholder)) {
                return placeholder.toString();
            }
            Object part = inputs.get(placeholder.path().get(1));
            require(placeholder.path().size() == 2 && (part instanceof String || part instanceof Long));
            return escaped(String.valueOf(part));
        });
    }

    private static String escaped(String words) {
        return words.replace("{{", "\\{{");
    }

    // ---- the words of the requests

    /**
     * An intent with the inputs of the result, each of which it must have.
     *
     * @param names of the result's inputs by those of the side
     * @return null when it lacks one
     */
    private @Nullable String intent(
            String intent, Side side, Map<String, @Nullable Object> values, UnaryOperator<String> names) {
        String text = replaced(intent, placeholder -> {
            String old = placeholder.path().get(1);
            String name = names.apply(old);
            return inputs.containsKey(name) && Objects.equals(side.inputs().get(old), values.get(name))
                    ? "{{inputs." + name + "}}"
                    : escaped(String.valueOf(side.inputs().get(old)));
        });
        List<String> missing = inputs.keySet().stream()
                .filter(name -> !inputsIn(text).contains(name))
                .sorted(Comparator.comparingInt((String name) ->
                                String.valueOf(values.get(name)).length())
                        .reversed())
                .toList();
        String result = text;
        for (String name : missing) {
            String with = put(result, String.valueOf(values.get(name)), name);
            if (with == null) {
                return null;
            }
            result = with;
        }
        return result;
    }

    /** The intent with an input in the place of its value, which stands between words; null when it is not there. */
    private static @Nullable String put(String intent, String value, String input) {
        List<Placeholder> taken = Placeholder.in(intent);
        for (int at = intent.indexOf(value); at >= 0 && !value.isBlank(); at = intent.indexOf(value, at + 1)) {
            int from = at;
            int to = at + value.length();
            boolean free = taken.stream().allMatch(other -> to <= other.start() || from >= other.end());
            boolean wholeWords = (from == 0 || !Character.isLetterOrDigit(intent.charAt(from - 1)))
                    && (to == intent.length() || !Character.isLetterOrDigit(intent.charAt(to)));
            if (free && wholeWords) {
                return intent.substring(0, from) + "{{inputs." + input + "}}" + intent.substring(to);
            }
        }
        return null;
    }

    /**
     * The values that the inputs of a recipe had in a run, as far as a step takes them as they are.
     *
     * @param args the bound arguments of a step, by flow, action and index; null when it did not run
     */
    public static Map<String, @Nullable Object> valuesOf(Recipe recipe, BoundArguments args) {
        Map<String, @Nullable Object> values = new HashMap<>();
        for (Flow flow : recipe.flows()) {
            for (Action action : flow.actions()) {
                for (Step step : action.steps()) {
                    Map<String, @Nullable Object> bound = args.of(flow.flowId(), action.actionId(), step.index());
                    if (bound != null) {
                        collect(step.args(), bound, values);
                    }
                }
            }
        }
        return Json.objectOf(values);
    }

    private static void collect(
            @Nullable Object template, @Nullable Object bound, Map<String, @Nullable Object> values) {
        if (isInput(template)) {
            values.put(inputsIn(template).get(0), bound);
        } else if (template instanceof String text && bound instanceof String words) {
            between(text, words, values);
        } else if (template instanceof Map<?, ?> a && bound instanceof Map<?, ?> b) {
            a.forEach((name, value) -> collect(value, b.get(name), values));
        } else if (template instanceof List<?> a && bound instanceof List<?> b && a.size() == b.size()) {
            for (int i = 0; i < a.size(); i++) {
                collect(a.get(i), b.get(i), values);
            }
        }
    }

    /** The one input within a text, when that is all that the text has filled in. */
    private static void between(String template, String words, Map<String, @Nullable Object> values) {
        List<Placeholder> found = Placeholder.in(template);
        if (found.size() != 1 || !isInput(found.get(0))) {
            return;
        }
        String before = template.substring(0, found.get(0).start()).replace("\\{{", "{{");
        String after = template.substring(found.get(0).end()).replace("\\{{", "{{");
        if (words.length() > before.length() + after.length() && words.startsWith(before) && words.endsWith(after)) {
            values.putIfAbsent(
                    found.get(0).path().get(1), words.substring(before.length(), words.length() - after.length()));
        }
    }

    /** What a step was called with. */
    @FunctionalInterface
    public interface BoundArguments {
        @Nullable
        Map<String, @Nullable Object> of(int flowId, int actionId, int index);
    }
}
