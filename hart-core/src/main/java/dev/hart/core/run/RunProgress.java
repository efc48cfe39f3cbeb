package dev.hart.core.run;

import dev.hart.RunReport;
import dev.hart.RunReport.StepReport;
import dev.hart.RunState;
import dev.hart.Runs.InDoubt;
import dev.hart.Spark;
import dev.hart.core.model.ModelCall;
import dev.hart.json.Json;
import dev.hart.model.TokenCount;
import dev.hart.recipe.Action;
import dev.hart.recipe.Flow;
import dev.hart.recipe.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a run stands: the fold of its journal. A running engine folds each event as it writes it, a resuming one all that
 * were written, so both see the same. Not thread-safe: one thread drives a run.
 */
final class RunProgress {
    final String runId;
    final RunPlan plan;
    final Map<String, ActionProgress> byTask = new LinkedHashMap<>();
    private final Map<String, OutputPlace> outputs = new LinkedHashMap<>();
    private final List<StepReport> steps = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    final RunExperience experience = new RunExperience();

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
    /** Steps whose result an earlier process journalled. */
    private boolean replaying;

    private record OutputPlace(ActionProgress action, int index) {}

    RunProgress(String runId, RunPlan plan) {
        this.runId = runId;
        this.plan = plan;
        this.notes.addAll(plan.notes());
        for (Flow flow : plan.recipe().flows()) {
            for (Action action : flow.actions()) {
                ActionProgress progress = new ActionProgress(new ActionRef(flow.flowId(), action.actionId()), action);
                byTask.put(progress.ref.taskId(), progress);
                for (Step step : action.steps()) {
                    if (step.output() != null) {
                        outputs.put(step.output(), new OutputPlace(progress, step.index()));
                    }
                }
            }
        }
        plan.planning().forEach(this::count);
        if (plan.version() != null) {
            recipeId = plan.version().recipeId();
            recipeVersion = plan.version().version();
        }
    }

    /** From now on events are those of an earlier process, or no longer. */
    void replaying(boolean value) {
        replaying = value;
    }

    ActionProgress action(String task) {
        return Objects.requireNonNull(byTask.get(task), task);
    }

    /**
     * The value at a placeholder's path, as an action of a flow sees it.
     *
     * @throws Binding.Unbound when there is none
     */
    @Nullable
    Object value(int flowId, List<String> path, Instant now) {
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
                ActionRef ref = new ActionRef(flowId, Integer.parseInt(path.get(1)));
                return result(action(ref.taskId()), Integer.parseInt(path.get(2)), path.subList(3, path.size()), name);
            }
            default -> {
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
        Binding binding = new Binding(path -> value(action.ref.flowId(), path, now));
        return Json.objectOf(binding.bindAll(step.args()));
    }

    /** The action that has a step with that output; null when there is none. */
    @Nullable
    ActionProgress producer(String output) {
        OutputPlace place = outputs.get(output);
        return place == null ? null : place.action();
    }

    private static @Nullable Object result(ActionProgress action, int index, List<String> path, String name) {
        if (!action.results.containsKey(index)) {
            throw new Binding.Unbound(name + " has no value yet");
        }
        return Binding.at(action.results.get(index), path, name);
    }

    /** The values of the recipe's outputs. */
    Map<String, @Nullable Object> outputValues() {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (String output : plan.recipe().outputNames()) {
            OutputPlace place = Objects.requireNonNull(outputs.get(output));
            values.put(output, place.action().results.get(place.index()));
        }
        return values;
    }

    /** What waits for a person, such as {@code action_2: IN_DOUBT}. */
    List<String> waitingFor() {
        List<String> waiting = new ArrayList<>();
        byTask.forEach((task, action) -> {
            if (action.isInDoubt() && action.decision == null) {
                waiting.add(task + ": " + RunExecution.IN_DOUBT);
            } else if (action.state == ActionState.PREVIEW_PENDING && action.approved == null) {
                waiting.add(task + ": " + RunExecution.APPROVAL);
            }
        });
        return waiting;
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
        Payload payload = new Payload(entry.payload());
        experience.apply(entry, payload);
        switch (entry.type()) {
            case ACTION_STATE_CHANGED -> changed(action(entry.task()), payload);
            case STEP_STARTED -> {
                ActionProgress action = action(entry.task());
                int index = payload.integer("step");
                action.open = index;
                action.key = payload.text("key");
                action.attempts = payload.integer("attempt");
                action.args.putIfAbsent(index, payload.object("args"));
                action.startedAt.putIfAbsent(index, at);
            }
            case STEP_FINISHED -> finished(action(entry.task()), payload);
            case STEP_FAILED -> {
                ActionProgress action = action(entry.task());
                action.open = null;
                action.failures++;
            }
            case MODEL_CALLED -> count(Payload.modelCall(entry.payload()));
            case APPROVED -> action(entry.task()).approved = true;
            case REJECTED -> action(entry.task()).approved = false;
            case ANSWERED -> action(entry.task()).decision = decision(payload);
            case RUN_PAUSED -> {
                state = RunState.PAUSED;
                elapsed = Duration.ofNanos(payload.number("elapsedNanos"));
            }
            case RUN_RESUMED -> state = RunState.RUNNING;
            case RUN_FINISHED -> ended(payload);
            case RUN_STARTED, RUN_PLANNING, TRANSITION_REJECTED, RECIPE_SAVED -> {}
        }
    }

    private static void changed(ActionProgress action, Payload payload) {
        ActionState to = ActionState.ofWireName(payload.text("to"));
        if (to == ActionState.IN_PROGRESS && !payload.text("from").equals(ActionState.PENDING.wireName())) {
            action.executions++;
            action.failures = 0;
        }
        if (to == ActionState.COMPLETED || to == ActionState.ERROR) {
            action.pending = 0;
        }
        if (to == ActionState.PENDING && !payload.text("reason").startsWith(RunExecution.IN_DOUBT)) {
            action.pending++;
        }
        action.state = to;
        action.reason = payload.text("reason");
        // An answer is for the doubt it was given about; the next one needs its own.
        action.decision = null;
        if (payload.has("repeat")) {
            action.results.clear();
            action.sources.clear();
            action.args.clear();
            action.startedAt.clear();
        }
    }

    private void finished(ActionProgress action, Payload payload) {
        int index = payload.integer("step");
        action.results.put(index, payload.value("output"));
        action.sources.put(index, payload.source());
        if (payload.has("args")) {
            action.args.put(index, payload.object("args"));
        }
        action.open = null;
        action.decision = null;
        action.failures = 0;
        Step step = action.action.steps().get(index - 1);
        steps.add(new StepReport(
                action.action.name(),
                index,
                step.kind(),
                step.tool(),
                payload.integer("attempt"),
                payload.number("ms"),
                replaying,
                payload.source()));
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
