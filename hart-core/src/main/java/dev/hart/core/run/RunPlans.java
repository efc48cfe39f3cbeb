package dev.hart.core.run;

import dev.hart.Goal;
import dev.hart.Goal.WhenMissing;
import dev.hart.Inputs;
import dev.hart.Mode;
import dev.hart.Plan;
import dev.hart.RunEvent;
import dev.hart.RunState;
import dev.hart.core.json.JsonText;
import dev.hart.core.model.ModelCall;
import dev.hart.core.plan.Assumptions;
import dev.hart.core.plan.Draft;
import dev.hart.core.plan.Draft.DraftAction;
import dev.hart.core.plan.Draft.DraftFlow;
import dev.hart.core.plan.Gathered;
import dev.hart.core.plan.Gathered.Given;
import dev.hart.core.plan.Planner;
import dev.hart.core.recipe.InputCheck;
import dev.hart.core.recipe.RecipeRollouts;
import dev.hart.core.recipe.ToolRules;
import dev.hart.core.rollout.Trial;
import dev.hart.core.tool.CallableTool;
import dev.hart.error.CannotPlanException;
import dev.hart.error.CannotPlanException.Missing;
import dev.hart.error.InputInvalidException;
import dev.hart.error.RecipeInvalidException;
import dev.hart.error.RerunInvalidException;
import dev.hart.error.RunBusyException;
import dev.hart.error.RunPausedException;
import dev.hart.guard.Provenance;
import dev.hart.guard.Rail;
import dev.hart.guard.Subject;
import dev.hart.recipe.Action;
import dev.hart.recipe.ActionBuilder;
import dev.hart.recipe.FlowBuilder;
import dev.hart.recipe.MatchResult;
import dev.hart.recipe.Problem;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeBuilder;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.RecipeVersion.Status;
import dev.hart.recipe.Step;
import dev.hart.recipe.StepKind;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Where the plan of a run comes from. Everything that can be refused is refused here, before anything is written. */
final class RunPlans {
    private static final int MAX_REQUEST = 10_000;

    private final RunContext context;
    private final RunReader reader;
    private final ToolRules tools;
    private final Planner planner;
    private final @Nullable Assumptions assumptions;
    private final InputCheck inputCheck;

    /** @param assumptions what a model assumes where nobody is asked; null without a model */
    RunPlans(
            RunContext context,
            RunReader reader,
            Planner planner,
            @Nullable Assumptions assumptions,
            InputCheck inputCheck) {
        this.context = context;
        this.reader = reader;
        this.tools = new ToolRules(context.tools());
        this.planner = planner;
        this.assumptions = assumptions;
        this.inputCheck = inputCheck;
    }

    /**
     * The plan for a stored recipe with these inputs.
     *
     * @throws InputInvalidException when an input is missing, unknown or of the wrong type
     */
    RunPlan of(RecipeVersion recipe, Inputs inputs) {
        Instant start = context.clock().instant();
        inputCheck.require(recipe.recipe(), inputs);
        return replay(recipe, inputs, recipe.recipe().goal(), start, null);
    }

    /**
     * The plan for the current version of a stored recipe, or for the one that its rollout chooses for this run.
     *
     * @param current the current version
     * @throws InputInvalidException when an input is missing, unknown or of the wrong type
     */
    RunPlan current(String runId, RecipeVersion current, Inputs inputs) {
        Instant start = context.clock().instant();
        inputCheck.require(current.recipe(), inputs);
        return chosen(current, inputs, current.recipe().goal(), start, runId, false);
    }

    /** @param reading whether only a version may do it that has no effects */
    private RunPlan chosen(
            RecipeVersion current, Inputs inputs, String request, Instant start, String runId, boolean reading) {
        RecipeRollouts.Choice choice = context.recipes().choices().choose(current, runId);
        RecipeVersion version = choice.version();
        Trial trial = choice.trial();
        if (trial == null || trial.arm() != Trial.Arm.CANDIDATE) {
            return replay(version, inputs, request, start, null).tried(trial, choice.note());
        }
        String why;
        try {
            inputCheck.require(version.recipe(), inputs);
            if (!reading || readsOnly(version.recipe())) {
                return replay(version, inputs, request, start, null).tried(trial, choice.note());
            }
            why = "it has effects, and the request is only close to what it serves";
        } catch (InputInvalidException | RecipeInvalidException e) {
            why = String.valueOf(e.getMessage());
        }
        return replay(current, inputs, request, start, null)
                .tried(
                        new Trial(trial.rolloutId(), Trial.Arm.NOT_COMPARED, false, why),
                        "version %d does this run: rollout %s chose version %d, which cannot take it: %s"
                                .formatted(current.version(), trial.rolloutId(), version.version(), why));
    }

    /**
     * The plan of a SUBRECIPE step. An input that is null and may be left out is not given.
     *
     * @param outer the run that has the step
     * @param taints where the inputs come from, by name
     * @throws InputInvalidException when an input is missing, unknown or of the wrong type
     */
    RunPlan inside(
            RecipeVersion recipe, Map<String, @Nullable Object> inputs, String outer, Map<String, Taint> taints) {
        Instant start = context.clock().instant();
        Inputs checked = given(recipe.recipe(), inputs);
        inputCheck.require(recipe.recipe(), checked);
        return replay(recipe, checked, recipe.recipe().goal(), start, outer).with(new Untrusted(taints, Set.of()));
    }

    /** The inputs without those that are null and may be left out. */
    private static Inputs given(Recipe recipe, Map<String, @Nullable Object> inputs) {
        Map<String, @Nullable Object> given = new LinkedHashMap<>(inputs);
        List<String> required = InputCheck.required(recipe);
        given.entrySet().removeIf(input -> input.getValue() == null && !required.contains(input.getKey()));
        return new Inputs(given);
    }

    /**
     * What a run of a stored recipe with these inputs would do; calls nothing.
     *
     * @throws InputInvalidException when an input is missing, unknown or of the wrong type
     */
    Plan dryRun(RecipeVersion recipe, Inputs inputs) {
        inputCheck.require(recipe.recipe(), inputs);
        List<Problem> problems = new ArrayList<>();
        if (recipe.status() == Status.DRAFT) {
            problems.add(draft(recipe));
        }
        problems.addAll(tools.problems(recipe.recipe()));
        return new DryRun(context, recipe, inputs, problems, this::dryRunInside).plan();
    }

    private Plan dryRunInside(Map<String, @Nullable Object> args) {
        RecipeVersion inner = inner(args);
        return dryRun(inner, given(inner.recipe(), new Payload(args).object("inputs")));
    }

    /** The effects of a draft are not held against its tools. */
    private static void requireTrained(RecipeVersion recipe) {
        if (recipe.status() == Status.DRAFT) {
            throw new RecipeInvalidException(recipe.recipe().name(), List.of(draft(recipe)));
        }
    }

    private static Problem draft(RecipeVersion recipe) {
        return new Problem(
                recipe.label(),
                "DRAFT",
                "is a draft: complete it, and save it with Hart.recipes().save, before it runs");
    }

    /**
     * The plan of a scheduled run. A rollout chooses for it as for any other, as long as all of the recipe is run.
     *
     * @param part the recipe itself, or one with some of its actions
     */
    RunPlan scheduled(String runId, RecipeVersion recipe, Recipe part) {
        if (part == recipe.recipe()) {
            return chosen(
                    recipe,
                    Inputs.none(),
                    recipe.recipe().goal(),
                    context.clock().instant(),
                    runId,
                    false);
        }
        requireTrained(recipe);
        requireTools(part);
        return new RunPlan(
                Mode.REUSE,
                recipe.recipe().goal(),
                part,
                recipe,
                Inputs.none(),
                List.of(),
                List.of(),
                context.clock().instant(),
                List.of(),
                null,
                null);
    }

    static void requireText(String request) {
        if (request.isBlank()) {
            throw new InputInvalidException("request", "is blank; say what to do");
        }
        if (request.length() > MAX_REQUEST) {
            throw new InputInvalidException(
                    "request", "has " + request.length() + " characters, at most " + MAX_REQUEST + " are allowed");
        }
    }

    private RunPlan replay(RecipeVersion recipe, Inputs inputs, String request, Instant start, @Nullable String outer) {
        requireTrained(recipe);
        requireTools(recipe.recipe());
        return new RunPlan(
                Mode.REUSE,
                request,
                recipe.recipe(),
                recipe,
                inputs,
                List.of(),
                List.of(),
                start,
                List.of(),
                null,
                outer);
    }

    /** Holds a recipe, and those that it runs, against the tools that are registered now. */
    private void requireTools(Recipe recipe) {
        tools.require(recipe);
        recipe.actions()
                .flatMap(Action::allSteps)
                .filter(step -> step.kind() == StepKind.SUBRECIPE)
                .forEach(step -> requireTools(inner(step.args()).recipe()));
    }

    /** The stored version that the arguments of a SUBRECIPE step name. */
    RecipeVersion inner(Map<String, @Nullable Object> args) {
        Payload payload = new Payload(args);
        return context.recipes().get(payload.text("recipeId"), payload.integer("version"));
    }

    /** A stored recipe with its inputs when one does the request, else a new plan. */
    RunPlan of(String runId, String request, Instant start) {
        context.gate().require(Rail.PROMPT, Subject.text(request, Provenance.USER));
        MatchResult match = context.recipes().match(request);
        List<String> notes = new ArrayList<>();
        if (match instanceof MatchResult.Exact exact) {
            return chosen(exact.recipe(), exact.inputs(), request, start, runId, false);
        }
        if (match instanceof MatchResult.Match close) {
            if (readsOnly(close.recipe().recipe())) {
                return chosen(close.recipe(), close.inputs(), request, start, runId, true);
            }
            notes.add("recipe %s is close (%s), but it has effects: run it by name to use it"
                    .formatted(close.recipe().label(), close.score()));
        } else if (match instanceof MatchResult.Ambiguous several) {
            notes.add("several recipes fit: "
                    + String.join(
                            ", ",
                            several.candidates().stream()
                                    .map(c -> c.recipe().label())
                                    .toList()));
        }
        announce(runId, request);
        Draft draft = draft(request, context.tools().list());
        return created(request, draft, draft.modelCalls(), start, notes);
    }

    /**
     * A plan for this goal, made anew. When values are missing, a person is asked for the first of them, or the model assumes them,
     * as the goal says.
     *
     * @throws CannotPlanException when there is no plan, and neither would make one
     * @throws InputInvalidException when no step of the plan takes one of the goal's inputs
     */
    RunPlan of(String runId, Goal goal, Instant start) {
        String request = goal.text();
        Gathered gathered = Gathered.of(request, goal.inputs());
        context.gate().require(Rail.PROMPT, Subject.text(gathered.text(), Provenance.USER));
        context.gate().require(Rail.GOAL, Subject.text(gathered.text(), Provenance.USER));
        announce(runId, request);
        List<ToolSpec> usable = context.tools().list();
        boolean mayAsk = goal.whenMissing() != WhenMissing.REFUSE;
        List<ModelCall> spent = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        for (int round = 1; ; round++) {
            try {
                Draft draft = draft(gathered, usable, mayAsk, spent::add);
                return created(gathered.text(), draft, spent, start, notes);
            } catch (CannotPlanException e) {
                if (!mayAsk || e.missing().isEmpty()) {
                    throw e;
                }
                if (goal.whenMissing() == WhenMissing.ASK) {
                    return asking(gathered, e.missing().get(0), spent, start);
                }
                gathered = assumed(gathered, e, round, spent, notes);
            }
        }
    }

    private RunPlan asking(Gathered gathered, Missing missing, List<ModelCall> spent, Instant start) {
        String request = gathered.request();
        return new RunPlan(
                Mode.CREATE,
                request,
                tools.complete(Gathering.recipe(request, missing)),
                null,
                Inputs.none(),
                List.of(),
                spent,
                start,
                List.of(),
                null,
                null,
                null,
                Gathering.first(gathered, missing),
                Untrusted.NOTHING);
    }

    /** The request with the values that the model assumes. */
    private Gathered assumed(
            Gathered gathered, CannotPlanException refusal, int round, List<ModelCall> spent, List<String> notes) {
        if (assumptions == null) {
            throw refused(refusal, "nothing is assumed without a model: say it, or ask interactively");
        }
        if (round == Assumptions.MAX_ROUNDS) {
            throw refused(refusal, "there is no plan after values were assumed " + (round - 1) + " times");
        }
        List<Given> values = assumptions.about(gathered, refusal.missing(), spent::add);
        if (values.isEmpty()) {
            throw refused(refusal, "the model assumes no value for it: say it, or ask interactively");
        }
        Gathered more = gathered;
        for (Given value : values) {
            more = more.with(value);
            notes.add("assumed, as nobody was asked: %s = %s"
                    .formatted(value.missing().argument(), JsonText.of(value.value())));
        }
        return more;
    }

    private static CannotPlanException refused(CannotPlanException refusal, String why) {
        return new CannotPlanException(
                refusal.getMessage() + "; " + why, refusal.notUnderstood(), refusal.missing(), refusal);
    }

    private RunPlan created(String request, Draft draft, List<ModelCall> spent, Instant start, List<String> notes) {
        return new RunPlan(
                Mode.CREATE,
                request,
                tools.complete(recipeOf(draft, request)),
                null,
                Inputs.none(),
                draft.taken(),
                spent,
                start,
                notes,
                null,
                null);
    }

    /** What the planner makes of a request, as far as the guardrails let it. */
    Draft draft(String request, List<ToolSpec> usable) {
        return passed(planner.plan(request, usable));
    }

    /**
     * The same for a request that values complete; they are held against the guardrails, too.
     *
     * @throws InputInvalidException when no step takes a value that came with the request
     */
    Draft draft(Gathered request, List<ToolSpec> usable, boolean mayAsk, Consumer<ModelCall> spent) {
        context.gate().require(Rail.PROMPT, Subject.text(request.text(), Provenance.USER));
        Draft draft = passed(planner.plan(request, usable, mayAsk, spent));
        List<String> unused = request.unusedBy(draft);
        if (!unused.isEmpty()) {
            throw new InputInvalidException(
                    String.join(", ", unused),
                    "is taken by no step of the plan; name it like the argument that it is for, or leave it out");
        }
        return draft;
    }

    private Draft passed(Draft draft) {
        context.gate().require(Rail.PLAN, Subject.text(words(draft), Provenance.USER));
        return draft;
    }

    private static boolean readsOnly(Recipe recipe) {
        return recipe.actions().allMatch(action -> action.effect() == Effect.READ);
    }

    private void announce(String runId, String request) {
        new RunJournal(context, runId, null)
                .announce(new JournalEntry(JournalEntry.RUN, RunEvent.Type.RUN_PLANNING, Map.of("request", request)));
    }

    private static String words(Draft draft) {
        StringBuilder words = new StringBuilder();
        for (DraftAction action : draft.actions()) {
            words.append(action.description()).append('\n');
        }
        return words.toString();
    }

    /** The draft as a recipe with literal arguments. */
    static Recipe recipeOf(Draft draft, String request) {
        RecipeBuilder recipe = Recipe.named(draft.name()).goal(request);
        if (draft.flows().isEmpty()) {
            for (DraftAction action : draft.actions()) {
                recipe.action(action.name(), steps -> step(steps, action));
            }
        }
        List<String> names = draft.flows().stream().map(DraftFlow::name).toList();
        for (DraftFlow flow : draft.flows()) {
            recipe.flow(
                    flow.name(),
                    content -> flow(
                            content.dependsOn(flow.dependsOn().stream()
                                    .mapToInt(names::indexOf)
                                    .toArray()),
                            flow,
                            draft.actions()));
        }
        draft.answers().forEach(answer -> recipe.output(answer, Object.class));
        return recipe.build();
    }

    private static void flow(FlowBuilder content, DraftFlow flow, List<DraftAction> actions) {
        content.persona(flow.persona()).subGoal(flow.subGoal());
        for (DraftAction action : actions) {
            if (flow.actions().contains(action.name())) {
                content.action(action.name(), steps -> step(steps, action));
            }
        }
    }

    private static void step(ActionBuilder steps, DraftAction action) {
        steps.description(action.description());
        if (action.kind() == StepKind.TOOL) {
            steps.tool(Objects.requireNonNull(action.tool()));
        } else if (action.kind() == StepKind.MODEL) {
            steps.model("");
        } else {
            steps.transform(null);
        }
        action.args().forEach(steps::with);
    }

    /**
     * The plan to run an ended run again with something changed.
     *
     * @throws RunBusyException when it is not over
     * @throws RunPausedException when it waits for a person
     * @throws RerunInvalidException when it has no such event or step, or a given result is of the wrong type
     * @throws InputInvalidException when an input is missing, unknown or of the wrong type
     */
    RunPlan of(RerunOrder order) {
        Instant start = context.clock().instant();
        EarlierRun earlier = reader.earlier(order.runId);
        requireEnded(earlier.progress, reader.waitingFor(earlier.progress));
        if (earlier.progress.plan.isAsking()) {
            throw new RerunInvalidException("run " + order.runId
                    + " ended before it had a plan, so there is nothing to run again; set the goal anew");
        }
        RecipeVersion version = order.recipe == null ? reader.recipe(earlier.progress) : order.recipe;
        Recipe recipe = version == null ? earlier.progress.whole() : version.recipe();
        Inputs inputs = inputs(earlier.progress.plan, recipe, order.inputs);
        inputCheck.require(recipe, inputs);
        order.results.values().forEach((name, value) -> requireResult(order.runId, recipe, name, value));
        if (version != null) {
            requireTrained(version);
        }
        requireTools(recipe);
        Origin origin = new Origin(
                order.runId,
                event(earlier, order),
                order.inputs.values(),
                order.results.values(),
                order.recipe == null ? null : order.recipe.label());
        List<String> notes = new ArrayList<>(List.of(origin.note()));
        earlier.progress.byTask.forEach((task, action) -> {
            if (action.isLeftInDoubt()) {
                notes.add(task + " of run " + order.runId + " was started and never reported back;"
                        + " where it runs again, it may have its effect a second time");
            }
        });
        return new RunPlan(
                        Mode.RERUN,
                        earlier.progress.plan.request(),
                        recipe,
                        version,
                        inputs,
                        List.of(),
                        List.of(),
                        start,
                        notes,
                        origin,
                        null)
                .with(earlier.progress
                        .untrustedAgain(order.inputs.values().keySet())
                        .of(version));
    }

    private static void requireEnded(RunProgress run, List<String> waitingFor) {
        if (run.state == RunState.RUNNING) {
            throw new RunBusyException("run " + run.runId
                    + " is not over; wait for its end, cancel it, or resume it if its process is gone");
        }
        if (run.state == RunState.PAUSED) {
            throw new RunPausedException(
                    "run " + run.runId + " waits for a person: " + String.join(", ", waitingFor)
                            + "; answer it or cancel it before you run it again",
                    waitingFor);
        }
    }

    /** The inputs of the earlier run as far as the recipe takes them, and those given anew. */
    private static Inputs inputs(RunPlan earlier, Recipe recipe, Inputs changed) {
        Map<String, @Nullable Object> values =
                new LinkedHashMap<>(earlier.inputs().values());
        earlier.taken().forEach(taken -> values.put(taken.input(), taken.value()));
        values.keySet().retainAll(recipe.inputNames());
        values.putAll(changed.values());
        return new Inputs(values);
    }

    private static long event(EarlierRun earlier, RerunOrder order) {
        if (order.from == null) {
            return earlier.lastEvent();
        }
        if (!earlier.has(order.from)) {
            throw new RerunInvalidException("event %d is none of run %s: choose one of its events, such as %s"
                    .formatted(order.from, order.runId, earlier.landmarks()));
        }
        return order.from;
    }

    private void requireResult(String runId, Recipe recipe, String name, @Nullable Object value) {
        Step step = StepRef.named(recipe, name)
                .orElseThrow(() -> new RerunInvalidException(
                        "run %s has no step with the output '%s' and no action of that name; its actions are %s"
                                .formatted(
                                        runId,
                                        name,
                                        recipe.actions().map(Action::name).collect(Collectors.joining(", ")))))
                .in(recipe);
        StepRunner check = new StepRunner(context);
        List<String> problems = new ArrayList<>(check.expectationProblems(step, value));
        CallableTool tool = step.tool() == null ? null : context.tools().tool(step.tool());
        if (problems.isEmpty() && tool != null) {
            problems.addAll(check.problems(tool.spec().outputSchema(), value));
        }
        if (!problems.isEmpty()) {
            throw new RerunInvalidException(
                    "the result given for '" + name + "' is of the wrong type: " + String.join("; ", problems));
        }
    }
}
