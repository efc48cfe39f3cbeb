package dev.hart.recipe;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What makes a recipe well-formed. Rules that need the registered tools are checked when it is saved. */
final class RecipeRules {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_-]{0,63}");
    private static final Set<String> RESERVED = Set.of("inputs", "steps", "run", "clock");
    private static final int MAX_ACTIONS = 1_000;
    static final int MAX_STEPS = 100;

    private final List<Problem> problems = new ArrayList<>();
    private final List<Flow> flows;
    private final RecipeNames names;

    private RecipeRules(List<Flow> flows, List<String> inputNames) {
        this.flows = flows;
        this.names = new RecipeNames(flows, inputNames);
    }

    static boolean canNameAnOutput(String output) {
        return VARIABLE.matcher(output).matches() && !RESERVED.contains(output);
    }

    static List<String> propertyNames(Map<String, @Nullable Object> objectSchema) {
        return objectSchema.get("properties") instanceof Map<?, ?> properties
                ? properties.keySet().stream().map(String::valueOf).toList()
                : List.of();
    }

    /** The flows with the dependencies that their placeholders imply. */
    static List<Flow> complete(List<Flow> flows) {
        RecipeNames names = new RecipeNames(flows, List.of());
        return flows.stream().map(flow -> complete(names, flow)).toList();
    }

    private static Flow complete(RecipeNames names, Flow flow) {
        // In order of their numbers: a map of arguments may give its placeholders in another order in each process.
        Set<Integer> flowsRead = new TreeSet<>();
        List<Action> actions = new ArrayList<>();
        for (Action action : flow.actions()) {
            Set<Integer> actionsRead = new TreeSet<>();
            action.allSteps()
                    .flatMap(step -> Placeholder.inValue(step.args()).stream())
                    .map(placeholder -> names.placeOf(flow, placeholder))
                    .filter(Objects::nonNull)
                    .forEach(place -> {
                        if (place.flowId() != flow.flowId()) {
                            flowsRead.add(place.flowId());
                        } else if (place.actionId() != action.actionId()) {
                            actionsRead.add(place.actionId());
                        }
                    });
            actions.add(new Action(
                    action.actionId(),
                    action.name(),
                    action.description(),
                    both(action.dependsOn(), actionsRead),
                    action.steps(),
                    action.fallbacks(),
                    action.trainedDuration()));
        }
        return new Flow(
                flow.flowId(), flow.name(), flow.persona(), flow.subGoal(), both(flow.dependsOn(), flowsRead), actions);
    }

    private static List<Integer> both(List<Integer> named, Set<Integer> read) {
        Set<Integer> needs = new LinkedHashSet<>(named);
        needs.addAll(read);
        return List.copyOf(needs);
    }

    static List<Problem> check(
            String name,
            List<String> intents,
            Map<String, @Nullable Object> inputs,
            Map<String, @Nullable Object> outputSchema,
            List<Flow> flows) {
        RecipeRules rules = new RecipeRules(flows, propertyNames(inputs));
        if (!NAME.matcher(name).matches()) {
            rules.add(
                    "name",
                    "INVALID_NAME",
                    "a recipe's name has letters, digits, '_' and '-', 1 to 64, was '" + name + "'");
        }
        rules.checkObjectSchema("inputs", inputs);
        rules.checkObjectSchema("outputs", outputSchema);
        rules.checkIntents(intents);
        rules.checkFlows(propertyNames(outputSchema));
        for (String output : propertyNames(outputSchema)) {
            if (rules.names.output(output) == null) {
                rules.add("outputs." + output, "UNKNOWN_OUTPUT", "no step has the output '" + output + "'");
            }
        }
        return rules.problems;
    }

    private void add(String path, String code, String message) {
        problems.add(new Problem(path, code, message));
    }

    private void checkObjectSchema(String path, Map<String, @Nullable Object> schema) {
        if (!"object".equals(schema.get("type"))) {
            add(path, "INVALID_SCHEMA", "must be a JSON Schema of type object");
        }
        for (String property : propertyNames(schema)) {
            if (!VARIABLE.matcher(property).matches()) {
                add(
                        path + "." + property,
                        "INVALID_NAME",
                        "a name has letters, digits, '_' and '-' and starts with a letter");
            }
        }
    }

    private void checkIntents(List<String> intents) {
        for (int i = 0; i < intents.size(); i++) {
            for (Placeholder placeholder : Placeholder.in(intents.get(i))) {
                if (placeholder.path().size() != 2
                        || !placeholder.root().equals("inputs")
                        || !names.isInput(placeholder.path().get(1))) {
                    add("intents[" + i + "]", "UNKNOWN_PLACEHOLDER", placeholder + " is not an input of the recipe");
                }
            }
        }
    }

    private void checkFlows(List<String> recipeOutputs) {
        if (flows.isEmpty()) {
            add("flows", "EMPTY", "a recipe needs at least one flow with an action");
        }
        if (flows.stream().mapToInt(flow -> flow.actions().size()).sum() > MAX_ACTIONS) {
            add("flows", "TOO_LARGE", "a recipe has at most " + MAX_ACTIONS + " actions");
        }
        Set<String> actionNames = new HashSet<>();
        Map<String, String> outputPaths = new HashMap<>();
        for (int f = 0; f < flows.size(); f++) {
            Flow flow = flows.get(f);
            String path = "flows[" + f + "]";
            if (flow.flowId() != f) {
                add(path, "INVALID_ID", "flowId must be " + f + ", was " + flow.flowId());
            }
            if (flow.persona().isBlank()) {
                add(path, "UNKNOWN_PERSONA", "a flow needs a persona");
            }
            if (flow.actions().isEmpty()) {
                add(path, "EMPTY", "a flow needs at least one action");
            }
            for (int a = 0; a < flow.actions().size(); a++) {
                String actionPath = path + ".actions[" + a + "]";
                Action action = flow.actions().get(a);
                checkAction(actionPath, flow, action, actionNames, outputPaths);
                problems.addAll(FallbackRules.problems(names, flow, action, actionPath, recipeOutputs));
            }
            checkActionGraph(path, flow);
        }
        checkGraph(
                "flows",
                "flow",
                flows.stream()
                        .collect(Collectors.toMap(Flow::flowId, Flow::dependsOn, (x, y) -> x, LinkedHashMap::new)));
    }

    private void checkAction(
            String path, Flow flow, Action action, Set<String> actionNames, Map<String, String> outputPaths) {
        if (!VARIABLE.matcher(action.name()).matches()) {
            add(path, "INVALID_NAME", "an action's name has letters, digits, '_' and '-', was '" + action.name() + "'");
        }
        if (!actionNames.add(action.name())) {
            add(path, "DUPLICATE_NAME", "there are two actions named '" + action.name() + "'");
        }
        if (action.steps().isEmpty()) {
            add(path, "EMPTY", "an action needs at least one step");
        }
        if (action.steps().size() > MAX_STEPS) {
            add(path, "TOO_LARGE", "an action has at most " + MAX_STEPS + " steps");
        }
        for (int s = 0; s < action.steps().size(); s++) {
            Step step = action.steps().get(s);
            String stepPath = path + ".steps[" + s + "]";
            if (step.index() != s + 1) {
                add(stepPath, "INVALID_ID", "index must be " + (s + 1) + ", was " + step.index());
            }
            checkStep(stepPath, flow, action, step);
            if (step.output() != null) {
                String earlier = outputPaths.putIfAbsent(step.output(), stepPath);
                if (earlier != null) {
                    add(stepPath, "DUPLICATE_OUTPUT", "'" + step.output() + "' is already the output of " + earlier);
                }
            }
        }
    }

    private void checkStep(String path, Flow flow, Action action, Step step) {
        if (step.output() != null && !canNameAnOutput(step.output())) {
            add(path, "INVALID_NAME", "'" + step.output() + "' cannot be the name of an output");
        }
        StepRules.problems(step).forEach(problem -> add(path, "INVALID_STEP", problem));
        for (Placeholder placeholder : Placeholder.inValue(step.args())) {
            if (!names.isKnown(flow, action, step, placeholder)) {
                add(
                        path + ".args",
                        "UNKNOWN_PLACEHOLDER",
                        placeholder + " is neither an input nor the output of an earlier step; known are "
                                + names.known());
            }
        }
    }

    private void checkActionGraph(String path, Flow flow) {
        Map<Integer, List<Integer>> needs = new LinkedHashMap<>();
        for (Action action : flow.actions()) {
            if (needs.put(action.actionId(), action.dependsOn()) != null || action.actionId() < 1) {
                add(path, "DUPLICATE_ID", "action ids are different numbers from 1, was " + action.actionId());
            }
        }
        checkGraph(path, "action", needs);
    }

    private void checkGraph(String path, String what, Map<Integer, List<Integer>> needs) {
        boolean complete = true;
        for (Map.Entry<Integer, List<Integer>> entry : needs.entrySet()) {
            for (Integer other : entry.getValue()) {
                if (!needs.containsKey(other)) {
                    add(
                            path,
                            "UNKNOWN_DEPENDENCY",
                            what + " " + entry.getKey() + " depends on " + other + ", which is not there");
                    complete = false;
                }
            }
        }
        if (!complete) {
            return;
        }
        Graph graph = new Graph(needs);
        if (!graph.stuck().isEmpty()) {
            String cycle = graph.shortestCycle().stream().map(String::valueOf).collect(Collectors.joining(" → "));
            add(path, "CYCLE", what + "s " + graph.stuck() + " wait for each other; the shortest cycle is " + cycle);
        }
    }
}
