package dev.hart.core.run;

import dev.hart.RunEvent;
import dev.hart.RunReport;
import dev.hart.RunReport.Source;
import dev.hart.RunReport.StepReport;
import dev.hart.RunState;
import dev.hart.Runs.Approval;
import dev.hart.Runs.InDoubt;
import dev.hart.Runs.Question;
import dev.hart.Spark;
import dev.hart.core.model.ModelCall;
import dev.hart.core.recipe.RecipeDocument;
import dev.hart.json.Json;
import dev.hart.model.TokenCount;
import dev.hart.recipe.Action;
import dev.hart.recipe.Fallback;
import dev.hart.recipe.Flow;
import dev.hart.recipe.Placeholder;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.Step;
import dev.hart.recipe.StepKind;
import dev.hart.tool.Effect;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a run stands: the fold of its journal. A running engine folds each event as it writes it, a resuming one all that
 * were written, so both see the same. Not thread-safe: one thread drives a run.
 */
final class RunProgress {
    /** What a run waits for that a halted node has paused. */
    static final String HALTED = "HALTED";

    final String runId;
    /** What the run set out to do, as verifiers have changed it since. */
    RunPlan plan;

    final Map<String, ActionProgress> byTask = new LinkedHashMap<>();
    private final Map<String, OutputPlace> outputs = new LinkedHashMap<>();
    private Recipe recipe;
    /** Which definition is carried out, from 1: each change by a verifier makes the next one. */
    private int definition = 1;
    /** How far flows have come whose actions are all done. */
    private final Map<Integer, FlowState> flowStates = new HashMap<>();
    /** Actions that were planned anew. */
    private final Set<ActionProgress> repaired = new LinkedHashSet<>();

    private final List<StepReport> steps = new ArrayList<>();
    /** Actions that wait for the answer to a question. */
    private final Set<ActionProgress> asking = new LinkedHashSet<>();

    private final List<String> notes = new ArrayList<>();
    final RunExperience experience = new RunExperience();

    /** Whether the run was paused because the node was halted, and nothing else keeps it. */
    boolean pausedByHalt;

    RunState state = RunState.RUNNING;

    @Nullable
    String failureCode;

    @Nullable
    String failureMessage;

    Map<String, @Nullable Object> result = Map.of();
    Duration elapsed = Duration.ZERO;
    int commits;

    @Nullable
    String recipeId;

    @Nullable
    Integer recipeVersion;

    private int modelCalls;
    private TokenCount tokens = TokenCount.ZERO;
    private Spark cost = Spark.ZERO;
    private Duration worked = Duration.ZERO;
    /** When the latest event was. */
    private @Nullable Instant latest;
    /** Steps of tools, the model and recipes inside that have not reported. */
    private int openCalls;
    /** WAIT steps that are not over. */
    private int openWaits;
    /** Steps whose result an earlier process journalled. */
    private boolean replaying;

    private record OutputPlace(ActionProgress action, int index) {}

    RunProgress(String runId, RunPlan plan) {
        this.runId = runId;
        this.plan = plan;
        this.recipe = plan.recipe();
        this.notes.addAll(plan.notes());
        for (Flow flow : plan.recipe().flows()) {
            for (Action action : flow.actions()) {
                include(new ActionProgress(new ActionRef(flow.flowId(), action.actionId()), action));
            }
        }
        plan.planning().forEach(this::count);
        if (plan.version() != null) {
            recipeId = plan.version().recipeId();
            recipeVersion = plan.version().version();
        }
    }

    private void include(ActionProgress action) {
        byTask.put(action.ref.taskId(), action);
        for (Step step : action.action.steps()) {
            if (step.output() != null) {
                outputs.put(step.output(), new OutputPlace(action, step.index()));
            }
        }
        if (!action.subtasks().isEmpty()) {
            action.subtasks().forEach(this::include);
            redirect(action);
        }
    }

    /** Who reads the result of an action that was broken down gets that of the subtask that stands for it. */
    private void redirect(ActionProgress action) {
        ActionProgress standIn = Objects.requireNonNull(action.standIn());
        int last = action.action.steps().size();
        int at = standIn.action.steps().size();
        outputs.replaceAll((name, place) ->
                place.action() == action && place.index() == last ? new OutputPlace(standIn, at) : place);
    }

    /** The action with these numbers, as it was assigned last. */
    ActionProgress at(int flowId, int actionId) {
        return byTask.values().stream()
                .filter(action ->
                        !action.ref.isSubtask() && action.ref.flowId() == flowId && action.ref.actionId() == actionId)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("there is no action " + actionId + " in flow " + flowId));
    }

    /** The actions of the definition, without their subtasks. */
    List<ActionProgress> actions() {
        return byTask.values().stream()
                .filter(action -> !action.ref.isSubtask())
                .toList();
    }

    /** Whether an action is still to be carried out as it stands: a verifier may have changed it since. */
    boolean isCurrent(ActionRef ref) {
        return byTask.containsKey(ref.taskId());
    }

    /** Whether every action of a flow is done. */
    boolean isFlowDone(int flowId) {
        return actions().stream()
                .filter(action -> action.ref.flowId() == flowId)
                .allMatch(ActionProgress::isDone);
    }

    /** How far a flow has come whose actions are all done; null before that. */
    @Nullable
    FlowState flowState(int flowId) {
        return flowStates.get(flowId);
    }

    int definition() {
        return definition;
    }

    /** The recipe that is run, with what subtasks did in their actions. */
    Recipe whole() {
        return BrokenDown.recipe(this, recipe);
    }

    private void update(Payload payload) {
        definition = payload.integer("definition");
        RunPlan next = payload.updated(plan);
        List<String> again = payload.texts("again");
        List<ActionProgress> before = actions();
        List<ActionProgress> all = List.copyOf(byTask.values());
        byTask.clear();
        outputs.clear();
        for (Flow flow : next.recipe().flows()) {
            for (Action action : flow.actions()) {
                ActionProgress known = before.stream()
                        .filter(each -> each.ref.flowId() == flow.flowId() && each.ref.actionId() == action.actionId())
                        .findFirst()
                        .orElse(null);
                if (known == null) {
                    include(new ActionProgress(new ActionRef(flow.flowId(), action.actionId()), action));
                } else if (again.contains(known.ref.taskId())) {
                    include(new ActionProgress(known.ref.again(), action));
                } else {
                    known.define(action);
                    include(known);
                }
            }
        }
        for (ActionProgress old : all) {
            if (byTask.get(old.ref.taskId()) != old) {
                asking.remove(old);
                close(old.route());
            }
        }
        plan = next;
        recipe = next.recipe();
        flowStates.keySet().removeIf(flowId -> !isFlowDone(flowId));
    }

    private void breakDown(ActionProgress action, Payload payload) {
        List<ActionProgress> subtasks = new ArrayList<>();
        for (Map<String, @Nullable Object> subtask : payload.objects("subtasks")) {
            Fallback plan = RecipeDocument.readFallback(subtask);
            int number = subtasks.size() + 1;
            String name = new Payload(subtask).text("name");
            ActionProgress part = new ActionProgress(
                    action.ref.subtask(number), new Action(number, name, plan.text(), List.of(), plan.steps()));
            part.plannedLate = payload.has("late");
            subtasks.add(part);
        }
        action.breakDown(subtasks, subtasks.get(payload.integer("answer") - 1));
        subtasks.forEach(this::include);
        redirect(action);
    }

    /** From now on events are those of an earlier process, or no longer. */
    void replaying(boolean value) {
        replaying = value;
    }

    ActionProgress action(String task) {
        return Objects.requireNonNull(byTask.get(task), task);
    }

    /**
     * The value at a placeholder's path, as an action sees it.
     *
     * @throws Binding.Unbound when there is none
     */
    @Nullable
    Object value(ActionProgress reader, List<String> path, Instant now) {
        String name = "{{" + String.join(".", path) + "}}";
        switch (path.get(0)) {
            case "inputs" -> {
                Map<String, @Nullable Object> inputs = plan.inputs().values();
                // An optional input that was not given is null.
                return inputs.containsKey(path.get(1)) ? Binding.at(inputs, path.subList(1, path.size()), name) : null;
            }
            case "run" -> {
                return runId;
            }
            case "clock" -> {
                return now.toString();
            }
            case "steps" -> {
                ActionRef ref = new ActionRef(reader.ref.flowId(), Integer.parseInt(path.get(1)));
                return result(action(ref.taskId()), Integer.parseInt(path.get(2)), path.subList(3, path.size()), name);
            }
            default -> {
                Route route = reader.route();
                Step step = route.isFallback() ? route.named(path.get(0)) : null;
                if (step != null && route.results.containsKey(step.index())) {
                    return Binding.at(route.results.get(step.index()), path.subList(1, path.size()), name);
                }
                OutputPlace place = outputs.get(path.get(0));
                if (place == null) {
                    throw new Binding.Unbound("there is no " + name);
                }
                return result(place.action(), place.index(), path.subList(1, path.size()), name);
            }
        }
    }

    /**
     * A step's arguments with every placeholder filled in.
     *
     * @param now what {@code clock.now} is
     * @throws Binding.Unbound when one has no value
     */
    Map<String, @Nullable Object> bind(ActionProgress action, Step step, Instant now) {
        Binding binding = Binding.of(step, path -> value(action, path, now));
        return Json.objectOf(binding.bindAll(step.args()));
    }

    /**
     * Where the arguments of a step come from, by name, and the inputs of a recipe inside as {@code inputs.name}; those that only the
     * caller and the recipe gave are left out.
     */
    Map<String, Taint> taints(ActionProgress action, Step step) {
        Taint plan = isPlannedLate(action, action.route()) ? Taint.of(Taint.PLAN, Set.of()) : Taint.NONE;
        Map<String, Taint> taints = new LinkedHashMap<>();
        step.args().forEach((name, value) -> {
            if (step.kind() == StepKind.SUBRECIPE && value instanceof Map<?, ?> inputs) {
                inputs.forEach((input, given) -> put(taints, name + "." + input, plan.plus(written(action, given))));
            } else {
                put(taints, name, plan.plus(written(action, value)));
            }
        });
        return taints;
    }

    private static void put(Map<String, Taint> taints, String name, Taint taint) {
        if (!taint.isTrusted()) {
            taints.put(name, taint);
        }
    }

    /** Who had a hand in what the placeholders of an argument stand for. */
    private Taint written(ActionProgress action, @Nullable Object argument) {
        Taint taint = Taint.NONE;
        for (Placeholder placeholder : Placeholder.inValue(argument)) {
            taint = taint.plus(taint(action, placeholder.path()));
        }
        return taint;
    }

    /** Whether a model planned a way of an action after it had read results. */
    boolean isPlannedLate(ActionProgress action, Route way) {
        return action.isPlannedLate(way)
                || plan.untrusted().actions().contains(action.root().action.name());
    }

    /** Who had a hand in the value at a placeholder's path. */
    Taint taint(ActionProgress reader, List<String> path) {
        switch (path.get(0)) {
            case "inputs" -> {
                return plan.untrusted().input(path.get(1));
            }
            case "run", "clock" -> {
                return Taint.NONE;
            }
            default -> {
                Taint taint = taintOfResult(reader, path);
                Object value;
                try {
                    value = taint.isSuspicious() ? value(reader, path, Instant.EPOCH) : "";
                } catch (Binding.Unbound e) {
                    return taint;
                }
                return value == null || value instanceof Number || value instanceof Boolean
                        ? taint.withoutWords()
                        : taint;
            }
        }
    }

    private Taint taintOfResult(ActionProgress reader, List<String> path) {
        if (path.get(0).equals("steps")) {
            ActionRef ref = new ActionRef(reader.ref.flowId(), Integer.parseInt(path.get(1)));
            return taint(byTask.get(ref.taskId()), Integer.parseInt(path.get(2)));
        }
        Route route = reader.route();
        Step step = route.isFallback() ? route.named(path.get(0)) : null;
        if (step != null && route.results.containsKey(step.index())) {
            return route.taints.getOrDefault(step.index(), Taint.NONE);
        }
        OutputPlace place = outputs.get(path.get(0));
        return place == null ? Taint.NONE : taint(place.action(), place.index());
    }

    private static Taint taint(@Nullable ActionProgress action, int index) {
        return action != null && action.hasResult(index) ? action.taint(index) : Taint.NONE;
    }

    /** Who had a hand in the recipe's outputs. */
    Taint outputTaint() {
        return Taint.all(plan.recipe().outputNames().stream()
                .map(output -> Objects.requireNonNull(outputs.get(output)))
                .map(place -> taint(place.action(), place.index()))
                .toList());
    }

    /**
     * Who had a hand in the result of a step that has just come.
     *
     * @param flagged the rules that the gate flagged it by
     */
    Taint resultTaint(ActionProgress action, Step step, Source source, Collection<String> flagged) {
        if (source == Source.GIVEN || step.kind() == StepKind.ASK || step.kind() == StepKind.WAIT) {
            return Taint.NONE;
        }
        Taint args = Taint.all(taints(action, step).values());
        return switch (step.kind()) {
            case TRANSFORM -> args;
            case MODEL -> args.plus(Taint.of(Taint.MODEL, flagged));
            case SUBRECIPE -> args.plus(Taint.of("recipe " + step.args().get("recipe"), flagged));
            default -> args.plus(Taint.of(Objects.requireNonNull(step.tool()), flagged));
        };
    }

    /** What of a rerun of the same recipe would come from others, with these inputs given anew. */
    Untrusted untrustedAgain(Set<String> given) {
        Map<String, Taint> inputs = new LinkedHashMap<>(plan.untrusted().inputs());
        inputs.keySet().removeAll(given);
        Set<String> actions = new LinkedHashSet<>();
        for (ActionProgress action : byTask.values()) {
            if (action.plannedLate || !action.lateFallbacks.isEmpty() || isPlannedLate(action, action.route())) {
                actions.add(action.root().action.name());
            }
        }
        return new Untrusted(inputs, actions);
    }

    /** The actions that wait for an approval. */
    List<Approval> approvals() {
        List<Approval> approvals = new ArrayList<>();
        byTask.forEach((task, action) -> {
            if (action.waitsFor() == WaitsFor.APPROVAL_REQUIRED && !action.isDecided() && !state.hasEnded()) {
                approvals.add(approval(task, action));
            }
        });
        return approvals;
    }

    private Approval approval(String task, ActionProgress action) {
        Route route = action.route();
        ActionProgress.Preview preview = action.preview;
        if (preview != null) {
            Step step = route.step(preview.step());
            return new Approval(
                    runId, task, step.tool(), route.args.getOrDefault(step.index(), Map.of()), preview.reasons());
        }
        List<String> reasons = new ArrayList<>();
        for (Step step : route.steps) {
            if (step.effect() == Effect.DESTRUCTIVE && !route.results.containsKey(step.index())) {
                reasons.add(step.tool() + " is DESTRUCTIVE");
            }
        }
        if (isPlannedLate(action, route)) {
            reasons.add("it was planned after results were read");
        }
        return new Approval(runId, task, null, Map.of(), reasons);
    }

    /** The action that has a step with that output; null when there is none. */
    @Nullable
    ActionProgress producer(String output) {
        OutputPlace place = outputs.get(output);
        return place == null ? null : place.action();
    }

    /**
     * How long the run was worked on until then. What does not count: while it is paused, while it only waits for WAIT steps, and from
     * the last event of a process to the next process.
     */
    Duration worked(Instant until) {
        Instant from = latest;
        return from == null || state != RunState.RUNNING || (openWaits > 0 && openCalls == 0)
                ? worked
                : worked.plus(Duration.between(from, until));
    }

    private static @Nullable Object result(ActionProgress action, int index, List<String> path, String name) {
        if (!action.hasResult(index)) {
            throw new Binding.Unbound(name + " has no value yet");
        }
        return Binding.at(action.result(index), path, name);
    }

    /** The values of the recipe's outputs. */
    Map<String, @Nullable Object> outputValues() {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (String output : plan.recipe().outputNames()) {
            OutputPlace place = Objects.requireNonNull(outputs.get(output));
            values.put(
                    output,
                    place.action().hasResult(place.index()) ? place.action().result(place.index()) : null);
        }
        return values;
    }

    /** The recipe that is run, with the plans that were added to it. */
    Recipe recipe() {
        return recipe;
    }

    /** Whether an action was planned anew. */
    boolean isRepaired(ActionProgress action) {
        return repaired.contains(action);
    }

    /** How many plans were added. */
    int repairs() {
        return repaired.size();
    }

    /** What waits for a person, such as {@code action_2: IN_DOUBT}. */
    List<String> waitingFor() {
        List<String> waiting = new ArrayList<>();
        byTask.forEach((task, action) -> {
            WaitsFor waits = action.waitsFor();
            if (waits != null && waits.isOfAPerson() && !action.isDecided()) {
                waiting.add(task + ": " + waits);
            }
        });
        return waiting;
    }

    /** The actions whose question waits for an answer, or has one that was not taken up yet. */
    List<ActionProgress> asking() {
        return asking.isEmpty() ? List.of() : List.copyOf(asking);
    }

    /** Whether a person has said what an action waits for, or the deadline of a question has passed. */
    boolean canGoOn(Instant now) {
        return byTask.values().stream().anyMatch(ActionProgress::isDecided)
                || asking.stream().anyMatch(action -> Waiting.isOver(action.route().until, now));
    }

    /** The earliest deadline of an open question; null when none has one. */
    @Nullable
    Instant deadline() {
        return asking.stream()
                .map(action -> action.route().until)
                .filter(Objects::nonNull)
                .min(Comparator.naturalOrder())
                .orElse(null);
    }

    /** The actions that wait for a run inside, which waits for a person. */
    List<ActionProgress> halted() {
        return byTask.values().stream()
                .filter(action -> action.waitsFor() == WaitsFor.SUBRECIPE_PAUSED)
                .toList();
    }

    /** The open questions of this run itself. */
    List<Question> questions() {
        List<Question> questions = new ArrayList<>();
        for (ActionProgress action : asking) {
            Route route = action.route();
            if (!state.hasEnded() && action.answer == null && route.open != null) {
                Map<String, @Nullable Object> args = Objects.requireNonNull(route.args.get(route.open));
                questions.add(new Question(
                        runId,
                        QuestionId.of(action.ref.taskId(), route.number, route.open),
                        action.ref.taskId(),
                        String.valueOf(args.get("question")),
                        args.get("schema") == null ? null : new Payload(args).object("schema"),
                        route.until));
            }
        }
        return questions;
    }

    RunReport report() {
        return new RunReport(steps, modelCalls, tokens, cost, commits, notes);
    }

    void note(String note) {
        notes.add(note);
    }

    private void count(ModelCall call) {
        modelCalls++;
        tokens = tokens.plus(call.tokens());
        cost = cost.plus(call.cost());
    }

    /** Takes an event in. */
    void apply(JournalEntry entry, Instant at) {
        if (entry.type() != RunEvent.Type.RUN_RESUMED) {
            worked = worked(at);
        }
        latest = at;
        Payload payload = new Payload(entry.payload());
        experience.apply(entry, payload);
        switch (entry.type()) {
            case ACTION_STATE_CHANGED -> changed(action(entry.task()), payload);
            case STEP_STARTED -> {
                Route route = take(action(entry.task()), payload);
                int index = payload.integer("step");
                if (route.open == null) {
                    count(route.step(index), 1);
                }
                route.open = index;
                route.key = payload.text("key");
                route.attempts = payload.integer("attempt");
                route.until = payload.until();
                route.run = payload.optionalText("run");
                route.args.putIfAbsent(index, payload.object("args"));
                route.startedAt.putIfAbsent(index, at);
            }
            case STEP_FINISHED -> finished(action(entry.task()), payload);
            case STEP_FAILED -> {
                Route route = take(action(entry.task()), payload);
                close(route);
                if (!payload.isUnapproved()) {
                    route.failures++;
                }
                route.loss = payload.loss();
                count(payload.inside());
            }
            case MODEL_CALLED -> count(Payload.modelCall(entry.payload()));
            case REPAIRED -> {
                ActionProgress action = action(entry.task());
                action.action = Repair.with(action.action, RecipeDocument.readFallback(payload.object("plan")));
                recipe = Repair.with(recipe, action.ref, action.action);
                if (payload.has("late")) {
                    action.lateFallbacks.add(action.action.fallbacks().size());
                }
                repaired.add(action);
            }
            case UPDATED -> update(payload);
            case FLOW_STATE_CHANGED ->
                flowStates.put(payload.integer("flow"), FlowState.ofWireName(payload.text("to")));
            case BROKEN_DOWN -> breakDown(action(entry.task()), payload);
            case APPROVED -> action(entry.task()).approved = true;
            case REJECTED -> action(entry.task()).approved = false;
            case ANSWERED -> {
                ActionProgress action = action(entry.task());
                if (payload.has("question")) {
                    action.answer = new ActionProgress.Answer(payload.value("value"));
                } else {
                    action.decision = decision(payload);
                }
            }
            case RUN_PAUSED -> {
                state = RunState.PAUSED;
                pausedByHalt = payload.texts("waitingFor").equals(List.of(HALTED));
                elapsed = Duration.ofNanos(payload.number("elapsedNanos"));
            }
            case RUN_RESUMED -> state = RunState.RUNNING;
            case RUN_FINISHED -> ended(payload);
            case ASKED,
                    RUN_STARTED,
                    RUN_PLANNING,
                    TRANSITION_REJECTED,
                    VERDICT_ID_MISMATCH,
                    RECIPE_SAVED,
                    ROLLOUT_STARTED,
                    ROLLOUT_TRIED,
                    ROLLOUT_ENDED,
                    RECIPE_DRIFTING -> {}
        }
    }

    /** The way that an event is about, which is the one taken from then on. */
    private Route take(ActionProgress action, Payload payload) {
        Route route = action.route(payload.fallback());
        take(action, route);
        return route;
    }

    /** Takes a fallback of an action, and notes it when it is a new one. */
    void take(ActionProgress action, Route route) {
        if (route.number != action.route().number && route.isFallback()) {
            note("%s: fallback %d is used: %s"
                    .formatted(
                            action.action.name(),
                            route.number,
                            action.action.fallbacks().get(route.number - 1).text()));
        }
        action.take(route);
    }

    private void changed(ActionProgress action, Payload payload) {
        ActionState to = ActionState.ofWireName(payload.text("to"));
        String reason = payload.text("reason");
        if (payload.has("fallback")) {
            take(action, payload);
        }
        if (to == ActionState.IN_PROGRESS && !payload.text("from").equals(ActionState.PENDING.wireName())) {
            action.executions++;
            action.tryAgain();
        }
        if (to == ActionState.PREVIEW_APPROVED
                || (to == ActionState.IN_PROGRESS && Boolean.TRUE.equals(action.approved))) {
            if (action.preview == null) {
                action.route().approved = true;
            } else {
                action.route().approvedCalls.add(action.preview.step());
            }
        }
        if (to == ActionState.COMPLETED || to == ActionState.ERROR) {
            action.pending = 0;
        }
        if (to == ActionState.PENDING && WaitsFor.of(reason) == null) {
            action.pending++;
        }
        if (to == ActionState.FALLBACK_REQUESTED) {
            action.inError = payload.text("from").equals(ActionState.ERROR.wireName());
        }
        action.preview =
                payload.has("preview") ? preview(action.route(), new Payload(payload.object("preview"))) : null;
        action.state = to;
        action.reason = reason;
        // An answer is for the doubt, the preview or the question it was given about; the next one needs its own.
        action.decision = null;
        action.answer = null;
        if (to == ActionState.PENDING || to == ActionState.PREVIEW_PENDING) {
            action.approved = null;
        }
        if (action.waitsFor() == WaitsFor.INPUT_REQUIRED) {
            asking.add(action);
        } else {
            asking.remove(action);
        }
        if (payload.has("repeat")) {
            action.startOver();
        }
        if (payload.has("suggested")) {
            action.action = Repair.with(action.action, RecipeDocument.readFallback(payload.object("suggested")));
            recipe = Repair.with(recipe, action.ref, action.action);
            if (payload.has("late")) {
                action.lateFallbacks.add(action.action.fallbacks().size());
            }
        }
        if (payload.has("instead")) {
            action.plannedLate |= payload.has("late");
            replace(
                    action,
                    RecipeDocument.readFallback(payload.object("instead")).steps());
        }
    }

    /** What is to be approved is what is called: its arguments are those that were shown. */
    private static ActionProgress.Preview preview(Route route, Payload payload) {
        int step = payload.integer("step");
        if (!route.args.containsKey(step)) {
            route.args.put(step, payload.object("args"));
            route.attempts = 0;
        }
        return new ActionProgress.Preview(step, payload.texts("reasons"));
    }

    /** An action has other steps from now on; its result keeps its name. */
    private void replace(ActionProgress action, List<Step> steps) {
        action.action = Repair.withSteps(action.action, steps);
        action.replacements++;
        recipe = Repair.with(recipe, action.ref, action.action);
        outputs.values().removeIf(place -> place.action() == action);
        include(action);
    }

    private void finished(ActionProgress action, Payload payload) {
        Route route = take(action, payload);
        int index = payload.integer("step");
        Step step = route.step(index);
        route.taints.put(index, resultTaint(action, step, payload.source(), payload.texts("flagged")));
        route.results.put(index, payload.value("output"));
        route.sources.put(index, payload.source());
        if (payload.has("args")) {
            route.args.put(index, payload.object("args"));
        }
        close(route);
        action.decision = null;
        route.failures = 0;
        count(payload.inside());
        steps.add(new StepReport(
                action.action.name(),
                index,
                step.kind(),
                step.tool(),
                payload.integer("attempt"),
                payload.number("ms"),
                replaying,
                payload.source(),
                route.number));
    }

    private void count(StepCall.@Nullable Spent inside) {
        if (inside != null) {
            modelCalls += inside.modelCalls();
            tokens = tokens.plus(inside.tokens());
            cost = cost.plus(inside.cost());
        }
    }

    private void close(Route route) {
        if (route.open != null) {
            count(route.step(route.open), -1);
            route.open = null;
        }
    }

    private void count(Step step, int more) {
        switch (step.kind()) {
            case WAIT -> openWaits += more;
            case TOOL, MODEL, SUBRECIPE -> openCalls += more;
            case TRANSFORM, ASK -> {}
        }
    }

    private static InDoubt decision(Payload payload) {
        return switch (payload.text("decision")) {
            case "run_again" -> new InDoubt.RunAgain();
            case "take_as_done" -> new InDoubt.TakeAsDone(payload.value("output"));
            default -> new InDoubt.GiveUp();
        };
    }

    private void ended(Payload payload) {
        state = RunState.valueOf(payload.text("state"));
        elapsed = Duration.ofNanos(payload.number("elapsedNanos"));
        commits = payload.integer("commits");
        result = payload.object("outputs");
        failureCode = payload.optionalText("code");
        failureMessage = payload.optionalText("message");
        recipeId = payload.optionalText("recipeId");
        recipeVersion = payload.has("recipeVersion") ? (Integer) payload.integer("recipeVersion") : null;
        if (!payload.texts("notes").isEmpty()) {
            notes.clear();
            notes.addAll(payload.texts("notes"));
        }
    }
}
