package dev.hart.core.run;

import dev.hart.Inputs;
import dev.hart.Plan;
import dev.hart.Plan.Forecast;
import dev.hart.Plan.PlannedAction;
import dev.hart.Plan.PlannedStep;
import dev.hart.Plan.Wave;
import dev.hart.Spark;
import dev.hart.error.GuardrailRefusedException;
import dev.hart.error.InputInvalidException;
import dev.hart.error.RecipeNotFoundException;
import dev.hart.guard.Provenance;
import dev.hart.guard.Rail;
import dev.hart.guard.Subject;
import dev.hart.guard.Verdict;
import dev.hart.recipe.Action;
import dev.hart.recipe.ActionExperience;
import dev.hart.recipe.Flow;
import dev.hart.recipe.Placeholder;
import dev.hart.recipe.Problem;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.Step;
import dev.hart.recipe.StepKind;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolSpec;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Goes through a recipe as a run would, and calls nothing: fills in what is known before the run, holds it against the checks
 * that the run would make, and adds up what earlier runs took.
 */
final class DryRun {
    /** How many earlier versions are asked for experience with an action that has not changed since. */
    private static final int VERSIONS_BACK = 10;

    private final RunContext context;
    private final RecipeVersion version;
    private final Inputs inputs;
    private final Recipes recipes;
    private final StepRunner checks;
    private final List<Problem> problems;
    /** Values that steps are known to come to, by flow, action and index. */
    private final Map<List<Integer>, @Nullable Object> results = new HashMap<>();
    /** What the recipes that SUBRECIPE steps run take, as far as it is known. */
    private final Map<List<Integer>, Estimate> inside = new HashMap<>();
    /** Who will have a hand in what steps come to. */
    private final Map<List<Integer>, Taint> taints = new HashMap<>();
    /** The calls that are known to need approval. */
    private final Set<List<Integer>> approvals = new HashSet<>();
    /** The place of each output. */
    private final Map<String, List<Integer>> outputs = new HashMap<>();

    /**
     * A dry run.
     *
     * @param inputs already held against the recipe
     * @param problems those of its tools
     * @param recipes goes through the recipes inside
     */
    DryRun(RunContext context, RecipeVersion version, Inputs inputs, List<Problem> problems, Recipes recipes) {
        this.context = context;
        this.recipes = recipes;
        this.version = version;
        this.inputs = inputs;
        this.checks = new StepRunner(context);
        this.problems = new ArrayList<>(problems);
        for (Flow flow : version.recipe().flows()) {
            for (Action action : flow.actions()) {
                for (Step step : action.steps()) {
                    if (step.output() != null) {
                        outputs.put(step.output(), place(flow.flowId(), action.actionId(), step.index()));
                    }
                }
            }
        }
    }

    /** The plan of the recipe that the arguments of a SUBRECIPE step name. */
    @FunctionalInterface
    interface Recipes {
        /**
         * A dry run inside.
         *
         * @throws InputInvalidException when an input is missing, unknown or of the wrong type
         * @throws RecipeNotFoundException when the recipe is no longer there
         */
        Plan plan(Map<String, @Nullable Object> args);
    }

    private static List<Integer> place(int flowId, int actionId, int index) {
        return List.of(flowId, actionId, index);
    }

    /** A value that only the run will show. */
    private static final class NotYetKnown extends RuntimeException {
        private static final long serialVersionUID = 1;

        NotYetKnown() {
            super(null, null, false, false);
        }
    }

    Plan plan() {
        Recipe recipe = version.recipe();
        Map<String, ActionExperience> experience = experience();
        List<Wave> waves = new ArrayList<>();
        for (Flow flow : FlowOrder.of(recipe)) {
            for (List<Action> wave : flow.waves()) {
                waves.add(new Wave(
                        flow.flowId(),
                        wave.stream()
                                .map(action -> action(flow, action, experience.get(action.name())))
                                .toList()));
            }
        }
        return new Plan(version, inputs, waves, problems, forecast(waves));
    }

    private PlannedAction action(Flow flow, Action action, @Nullable ActionExperience experience) {
        List<PlannedStep> steps =
                action.steps().stream().map(step -> step(flow, action, step)).toList();
        boolean asksModel =
                action.allSteps().anyMatch(step -> step.kind() == StepKind.MODEL || step.kind() == StepKind.SUBRECIPE);
        Optional<ActionExperience> measured = Optional.ofNullable(experience);
        Optional<Duration> time = measured.flatMap(ActionExperience::averageTime);
        Optional<Spark> cost = asksModel ? measured.flatMap(ActionExperience::averageCost) : Optional.of(Spark.ZERO);
        if (time.isEmpty() || cost.isEmpty()) {
            Optional<Estimate> estimate = estimate(flow, action, steps);
            time = estimate.map(Estimate::time);
            cost = estimate.map(Estimate::cost);
        }
        return new PlannedAction(
                flow.flowId(),
                action.actionId(),
                action.name(),
                action.description(),
                action.effect(),
                action.steps().stream()
                        .anyMatch(step -> step.effect() == Effect.DESTRUCTIVE
                                || approvals.contains(place(flow.flowId(), action.actionId(), step.index()))),
                steps,
                time,
                cost);
    }

    private record Estimate(Duration time, Spark cost) {
        static final Estimate NOTHING = new Estimate(Duration.ZERO, Spark.ZERO);

        Estimate plus(Estimate other) {
            return new Estimate(time.plus(other.time), cost.plus(other.cost));
        }
    }

    /** What an action that never ran takes, where that follows from its steps alone. */
    private Optional<Estimate> estimate(Flow flow, Action action, List<PlannedStep> steps) {
        Estimate sum = Estimate.NOTHING;
        for (PlannedStep step : steps) {
            Estimate known = switch (step.kind()) {
                case TRANSFORM, ASK -> Estimate.NOTHING;
                case WAIT -> wait(step.args());
                case SUBRECIPE -> inside.get(place(flow.flowId(), action.actionId(), step.index()));
                case TOOL, MODEL -> null;
            };
            if (known == null) {
                return Optional.empty();
            }
            sum = sum.plus(known);
        }
        return Optional.of(sum);
    }

    private @Nullable Estimate wait(Map<String, @Nullable Object> args) {
        if (args.get("ms") instanceof Long millis) {
            return new Estimate(Duration.ofMillis(millis), Spark.ZERO);
        }
        try {
            Instant until =
                    OffsetDateTime.parse(String.valueOf(args.get("until"))).toInstant();
            Duration left = Duration.between(context.clock().instant(), until);
            return new Estimate(left.isNegative() ? Duration.ZERO : left, Spark.ZERO);
        } catch (DateTimeException e) {
            return null;
        }
    }

    private PlannedStep step(Flow flow, Action action, Step step) {
        String path = action.name() + ".steps[" + (step.index() - 1) + "]";
        Set<String> open = new LinkedHashSet<>();
        Map<String, @Nullable Object> args = new LinkedHashMap<>();
        boolean unbound = false;
        for (Map.Entry<String, @Nullable Object> arg : step.args().entrySet()) {
            try {
                args.put(arg.getKey(), known(flow.flowId(), arg.getValue(), open));
            } catch (Binding.Unbound e) {
                problems.add(new Problem(path + ".args." + arg.getKey(), "UNBOUND", String.valueOf(e.getMessage())));
                args.put(arg.getKey(), arg.getValue());
                unbound = true;
            }
        }
        String name = step.tool();
        ToolSpec tool = name == null ? null : context.tools().find(name).orElse(null);
        if (step.kind() == StepKind.MODEL && context.model() == null) {
            problems.add(new Problem(
                    path,
                    "MODEL_MISSING",
                    "needs a model: set HART_MODEL (and HART_MODEL_BASE_URL, HART_MODEL_API_KEY), or"
                            + " Hart.configure().model(…)"));
        }
        List<Integer> place = place(flow.flowId(), action.actionId(), step.index());
        Map<String, Taint> origins = origins(flow, step, place);
        if (tool != null && !ApprovalRules.byOrigin(tool, step, origins).isEmpty()) {
            approvals.add(place);
        }
        if (open.isEmpty() && !unbound) {
            check(path, flow, action, step, tool, args);
        }
        return new PlannedStep(
                step.index(),
                step.kind(),
                name,
                name != null && tool == null,
                step.effect(),
                tool == null ? Set.of() : tool.reach(),
                args,
                List.copyOf(open));
    }

    /** Where the arguments of a step will come from, by name; notes that of its result. */
    private Map<String, Taint> origins(Flow flow, Step step, List<Integer> place) {
        Map<String, Taint> origins = new HashMap<>();
        step.args().forEach((name, value) -> {
            Taint taint = Taint.all(Placeholder.inValue(value).stream()
                    .map(placeholder -> taint(flow.flowId(), placeholder.path()))
                    .toList());
            if (!taint.isTrusted()) {
                origins.put(name, taint);
            }
        });
        taints.put(
                place,
                switch (step.kind()) {
                    case ASK, WAIT -> Taint.NONE;
                    case TRANSFORM -> Taint.all(origins.values());
                    case MODEL -> Taint.of(Taint.MODEL, Set.of());
                    case SUBRECIPE, TOOL -> Taint.of(String.valueOf(step.tool()), Set.of());
                });
        return origins;
    }

    private Taint taint(int flowId, List<String> path) {
        List<Integer> place = switch (path.get(0)) {
            case "inputs", "run", "clock" -> List.<Integer>of();
            case "steps" -> place(flowId, Integer.parseInt(path.get(1)), Integer.parseInt(path.get(2)));
            default -> outputs.getOrDefault(path.get(0), List.of());
        };
        return taints.getOrDefault(place, Taint.NONE);
    }

    /** What the run would check before the call, when all arguments are known. */
    private void check(
            String path,
            Flow flow,
            Action action,
            Step step,
            @Nullable ToolSpec tool,
            Map<String, @Nullable Object> args) {
        if (step.kind() == StepKind.TRANSFORM) {
            Object value = args.get("value");
            List<String> unexpected = checks.expectationProblems(step, value);
            if (unexpected.isEmpty()) {
                results.put(place(flow.flowId(), action.actionId(), step.index()), value);
            } else {
                problems.add(new Problem(path, "EXPECTATION_FAILED", String.join("; ", unexpected)));
            }
        } else if (step.kind() == StepKind.MODEL) {
            Object prompt = args.get("prompt");
            refused(path, Rail.PROMPT, Subject.text(prompt instanceof String text ? text : "", Provenance.SYSTEM));
        } else if (step.kind() == StepKind.SUBRECIPE) {
            lookInside(path, place(flow.flowId(), action.actionId(), step.index()), args);
        } else if (tool != null) {
            Map<String, @Nullable Object> given = StepRunner.withoutAbsent(tool, args);
            List<String> wrong = checks.problems(tool.inputSchema(), given);
            if (!wrong.isEmpty()) {
                problems.add(new Problem(
                        path + ".args",
                        "ARGUMENTS_INVALID",
                        "tool " + tool.name() + " cannot take its arguments: " + String.join("; ", wrong)));
            } else {
                read(path, place(flow.flowId(), action.actionId(), step.index()), step, tool, given);
            }
        }
    }

    /** Goes through the recipe that a step runs, as its inputs are known. */
    private void lookInside(String path, List<Integer> place, Map<String, @Nullable Object> args) {
        Plan inner;
        try {
            inner = recipes.plan(args);
        } catch (InputInvalidException | RecipeNotFoundException e) {
            problems.add(new Problem(path, e.code(), String.valueOf(e.getMessage())));
            return;
        }
        inner.problems()
                .forEach(problem -> problems.add(new Problem(
                        path + " " + inner.recipe().label() + " " + problem.path(),
                        problem.code(),
                        problem.message())));
        if (inner.forecast().isComplete()) {
            inside.put(
                    place,
                    new Estimate(inner.forecast().time(), inner.forecast().cost()));
        }
    }

    /** Reads the texts of a call whose arguments are known, so that they come from the caller and the recipe. */
    private void read(String path, List<Integer> place, Step step, ToolSpec tool, Map<String, @Nullable Object> args) {
        if (refused(path, Rail.ACTION, new Subject(StepRunner.texts(args), Provenance.USER, tool, args))) {
            return;
        }
        try {
            if (!new ApprovalRules(context)
                    .read(tool, step, args, Map.of())
                    .reasons()
                    .isEmpty()) {
                approvals.add(place);
            }
        } catch (GuardrailRefusedException e) {
            problems.add(new Problem(path, e.code(), "would be " + e.getMessage()));
        }
    }

    private boolean refused(String path, Rail rail, Subject subject) {
        if (context.gate().check(rail, subject) instanceof Verdict.Refused refused) {
            problems.add(new Problem(
                    path, "GUARDRAIL_REFUSED", "would be refused by rule " + refused.rule() + ": " + refused.reason()));
            return true;
        }
        return false;
    }

    /**
     * The value with the placeholders filled in that are known; the others stay and are added to {@code open}.
     *
     * @throws Binding.Unbound when the run would have no value for one
     */
    private @Nullable Object known(int flowId, @Nullable Object template, Set<String> open) {
        if (template instanceof String text) {
            try {
                return new Binding(path -> value(flowId, path)).bind(text);
            } catch (NotYetKnown e) {
                return partly(flowId, text, open);
            }
        }
        if (template instanceof List<?> list) {
            List<@Nullable Object> items = new ArrayList<>(list.size());
            list.forEach(item -> items.add(known(flowId, item, open)));
            return items;
        }
        if (template instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            map.forEach((name, field) -> fields.put(String.valueOf(name), known(flowId, field, open)));
            return fields;
        }
        return template;
    }

    /** A text some of whose placeholders are not known; it stays a template, so braces of values that go in are escaped. */
    private String partly(int flowId, String text, Set<String> open) {
        StringBuilder result = new StringBuilder();
        int from = 0;
        for (Placeholder placeholder : Placeholder.in(text)) {
            result.append(text, from, placeholder.start());
            String itself = text.substring(placeholder.start(), placeholder.end());
            try {
                Object value = value(flowId, placeholder.path());
                if (value == null) {
                    throw new Binding.Unbound(placeholder + " is null and cannot stand inside a text");
                }
                result.append(Binding.render(value).replace("{{", "\\{{"));
            } catch (NotYetKnown e) {
                open.add(placeholder.toString());
                result.append(itself);
            }
            from = placeholder.end();
        }
        return result.append(text.substring(from)).toString();
    }

    private @Nullable Object value(int flowId, List<String> path) {
        String name = "{{" + String.join(".", path) + "}}";
        switch (path.get(0)) {
            case "inputs" -> {
                Map<String, @Nullable Object> values = inputs.values();
                // An optional input that was not given is null.
                return values.containsKey(path.get(1)) ? Binding.at(values, path.subList(1, path.size()), name) : null;
            }
            case "run", "clock" -> throw new NotYetKnown();
            case "steps" -> {
                return result(
                        place(flowId, Integer.parseInt(path.get(1)), Integer.parseInt(path.get(2))),
                        path.subList(3, path.size()),
                        name);
            }
            default -> {
                return result(outputs.getOrDefault(path.get(0), List.of()), path.subList(1, path.size()), name);
            }
        }
    }

    private @Nullable Object result(List<Integer> place, List<String> path, String name) {
        if (!results.containsKey(place)) {
            throw new NotYetKnown();
        }
        return Binding.at(results.get(place), path, name);
    }

    /** The experience with each action; where this version has none, that of an earlier one in which the action was the same. */
    private Map<String, ActionExperience> experience() {
        Map<String, ActionExperience> found = new HashMap<>();
        add(found, version);
        long missing = version.recipe().actions().count() - found.size();
        if (missing > 0 && version.parentVersion() != null) {
            context.recipes().versions(version.recipeId()).stream()
                    .filter(other -> other.version() < version.version())
                    .limit(VERSIONS_BACK)
                    .forEach(other -> add(found, other));
        }
        return found;
    }

    private void add(Map<String, ActionExperience> found, RecipeVersion other) {
        Map<String, Action> here = new HashMap<>();
        version.recipe().actions().forEach(action -> here.put(action.name(), action));
        Map<String, Action> there = new HashMap<>();
        other.recipe().actions().forEach(action -> there.put(action.name(), action));
        for (ActionExperience action : context.recipes().experience(other).actions()) {
            Action mine = here.get(action.name());
            Action theirs = there.get(action.name());
            if (action.attempts() > 0
                    && mine != null
                    && theirs != null
                    && mine.steps().equals(theirs.steps())) {
                found.putIfAbsent(action.name(), action);
            }
        }
    }

    private Forecast forecast(List<Wave> waves) {
        Duration time = Duration.ZERO;
        Spark cost = Spark.ZERO;
        List<String> unmeasured = new ArrayList<>();
        for (Wave wave : waves) {
            List<Duration> beside = new ArrayList<>();
            for (PlannedAction action : wave.actions()) {
                if (action.time().isEmpty() || action.cost().isEmpty()) {
                    unmeasured.add(action.name());
                    continue;
                }
                cost = cost.plus(action.cost().get());
                if (action.effect() == Effect.READ) {
                    beside.add(action.time().get());
                } else {
                    time = time.plus(together(beside)).plus(action.time().get());
                    beside.clear();
                }
            }
            time = time.plus(together(beside));
        }
        return new Forecast(time, cost, unmeasured);
    }

    /** How long actions take beside each other: each begins, in order, as soon as one of the places is free. */
    private Duration together(List<Duration> times) {
        int atOnce = Math.max(1, Math.min(context.parallelism(), times.size()));
        List<Duration> places = new ArrayList<>(Collections.nCopies(atOnce, Duration.ZERO));
        for (Duration time : times) {
            Duration first = Collections.min(places);
            places.set(places.indexOf(first), first.plus(time));
        }
        return Collections.max(places);
    }
}
