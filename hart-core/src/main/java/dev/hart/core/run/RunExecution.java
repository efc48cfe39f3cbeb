package dev.hart.core.run;

import static dev.hart.core.run.ActionState.COMPLETED;
import static dev.hart.core.run.ActionState.ERROR;
import static dev.hart.core.run.ActionState.IN_PROGRESS;
import static dev.hart.core.run.ActionState.PENDING;
import static dev.hart.core.run.ActionState.PREVIEW_APPROVED;
import static dev.hart.core.run.ActionState.PREVIEW_PENDING;
import static dev.hart.core.run.ActionState.RECIPE_RECEIVED;
import static dev.hart.core.run.ActionState.RECIPE_REQUESTED;
import static dev.hart.core.run.ActionState.STATUS_VERIFICATION_REQUESTED;
import static dev.hart.core.run.ActionState.TERMINATED;

import dev.hart.Mode;
import dev.hart.RunEvent;
import dev.hart.RunState;
import dev.hart.Runs.InDoubt;
import dev.hart.Verifier.Judgement;
import dev.hart.core.model.ModelCall;
import dev.hart.core.run.RunChanges.Aftermath;
import dev.hart.error.RunCancelledException;
import dev.hart.json.Json;
import dev.hart.ledger.CanonicalJson;
import dev.hart.recipe.Action;
import dev.hart.recipe.Flow;
import dev.hart.recipe.Step;
import dev.hart.recipe.StepKind;
import dev.hart.tool.Effect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Drives one run from where its journal stands to its end, or to where a person is needed.
 *
 * <p>One thread, the one that calls {@link #drive}, decides and writes; steps are performed by workers, which report through
 * a queue. Whatever ends a step goes into one commit: its result, the changes of state that follow, and the start of every
 * step that begins because of it. A step is performed only after the commit that says so is durable, so a crash loses
 * nothing that was acknowledged, and what may have been done twice is known.
 */
final class RunExecution {
    static final String IN_DOUBT = "IN_DOUBT";
    static final String APPROVAL = "APPROVAL_REQUIRED";
    /** What the ledger writes in the place of a secret. */
    static final String LEFT_OUT = "[REDACTED]";
    /** Executions of an action that a CREATE run may make. */
    private static final int MAX_EXECUTIONS = 3;
    /** Times in a row that a verifier may say "not yet". */
    private static final int MAX_PENDING = 3;

    private final RunContext context;
    private final RunProgress progress;
    private final RunJournal journal;
    private final StepRunner steps;
    private final StepWorkers workers;
    private final @Nullable KeptSteps kept;
    private final List<List<ActionProgress>> groups;
    private final RunChanges changes;
    private final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
    /** Calls, waits and judgements that have not reported yet. */
    private int inFlight;

    private @Nullable Failure failure;
    /** Whether results and arguments come from a journal, where secrets are left out. */
    private boolean fromJournal;

    private volatile boolean cancelled;
    /** Steps that a worker performs at the moment. */
    private int performing;

    private volatile boolean closing;
    private volatile boolean overdue;

    /** What wakes the run. */
    sealed interface Message {
        record Performed(StepCall.Outcome outcome) implements Message {}

        record RetryDue(StepCall call) implements Message {}

        record Judged(ActionProgress action, Judgement judgement, List<ModelCall> calls) implements Message {}

        record Woken() implements Message {}
    }

    private record Failure(String code, String message) {}

    /**
     * An execution.
     *
     * @param kept what a rerun need not call; null for any other run
     */
    RunExecution(RunContext context, RunProgress progress, RunJournal journal, @Nullable KeptSteps kept) {
        this.context = context;
        this.progress = progress;
        this.journal = journal;
        this.steps = new StepRunner(context);
        this.workers = new StepWorkers(context, steps, progress.runId, messages::add);
        this.kept = kept;
        this.fromJournal = kept != null;
        this.groups = groups(progress);
        this.changes = new RunChanges(context, progress, journal);
    }

    String runId() {
        return progress.runId;
    }

    /** Asks the run to stop; from any thread. */
    void cancel() {
        cancelled = true;
        messages.add(new Message.Woken());
    }

    /** Asks the run to start nothing more, to keep what the running steps come to, and to stay resumable; from any thread. */
    void suspend() {
        closing = true;
        messages.add(new Message.Woken());
    }

    /** Asks a run that is being suspended not to wait for its running steps any longer; from any thread. */
    void suspendNow() {
        overdue = true;
        suspend();
    }

    /**
     * Actions that may run at the same time, group after group: within a wave, neighbours whose steps only read; any other
     * action alone.
     */
    private static List<List<ActionProgress>> groups(RunProgress progress) {
        List<List<ActionProgress>> groups = new ArrayList<>();
        for (Flow flow : FlowOrder.of(progress.plan.recipe())) {
            for (List<Action> wave : flow.waves()) {
                boolean reading = false;
                for (Action action : wave) {
                    ActionProgress next = progress.action(new ActionRef(flow.flowId(), action.actionId()).taskId());
                    boolean reads = next.effect() == Effect.READ;
                    if (!(reads && reading)) {
                        groups.add(new ArrayList<>());
                    }
                    groups.get(groups.size() - 1).add(next);
                    reading = reads;
                }
            }
        }
        return groups;
    }

    /** Begins a run that has no journal yet, and drives it. */
    void begin() throws InterruptedException {
        context.prepareToSign();
        changes.add(journal.create(progress));
        changes.add(JournalEntry.RUN, RunEvent.Type.RUN_STARTED, Payload.started(progress.plan));
        schedule();
        drive();
    }

    /** Takes up a run from its journal, and drives it. */
    void resume() throws InterruptedException {
        fromJournal = true;
        context.prepareToSign();
        changes.add(journal.takeOver());
        changes.add(JournalEntry.RUN, RunEvent.Type.RUN_RESUMED, Map.of("process", context.processId()));
        for (ActionProgress action : progress.byTask.values()) {
            takeUp(action);
        }
        schedule();
        drive();
    }

    private void drive() throws InterruptedException {
        try {
            settle();
            while (progress.state == RunState.RUNNING) {
                if (closing && (performing == 0 || overdue)) {
                    throw suspended(null);
                }
                if (messages.isEmpty()) {
                    workers.runWaits();
                }
                handle(messages.take());
                settle();
            }
        } catch (InterruptedException e) {
            if (closing) {
                Thread.currentThread().interrupt();
                throw suspended(e);
            }
            throw e;
        } finally {
            workers.abandon();
        }
    }

    /** Ends or pauses the run when nothing more can happen by itself, then makes durable what was decided. */
    private void settle() throws InterruptedException {
        if (cancelled) {
            finish(RunState.CANCELLED, new Failure("RUN_CANCELLED", "the run was cancelled"));
        } else if (failure != null && inFlight == 0) {
            finish(RunState.FAILED, failure);
        } else if (inFlight == 0 && progress.state == RunState.RUNNING) {
            if (progress.byTask.values().stream().allMatch(ActionProgress::isDone)) {
                succeed();
            } else if (!closing || !progress.waitingFor().isEmpty()) {
                pause();
            }
        }
        changes.flush();
    }

    private RunCancelledException suspended(@Nullable InterruptedException cause) {
        return new RunCancelledException(
                "the runtime was closed while run " + progress.runId
                        + " was going on; it keeps what it has done, and resume(\"" + progress.runId + "\") goes on",
                cause);
    }

    private void handle(Message message) throws InterruptedException {
        if (message instanceof Message.Woken) {
            return;
        }
        inFlight--;
        if (message instanceof Message.Performed performed) {
            performing--;
            if (performed.outcome() instanceof StepCall.Finished finished) {
                ActionProgress action = stepFinished(finished);
                if (failure == null) {
                    continueAction(action);
                }
            } else {
                stepFailed((StepCall.Failed) performed.outcome());
            }
        } else if (message instanceof Message.RetryDue due) {
            if (failure == null && !closing) {
                start(due.call());
            }
        } else if (message instanceof Message.Judged judged) {
            judged(judged);
        }
        if (!closing) {
            schedule();
        }
    }

    /** Starts every action of the current group that can start; goes on to the next group when one is done. */
    private void schedule() {
        if (failure != null || cancelled) {
            return;
        }
        for (List<ActionProgress> group : groups) {
            for (ActionProgress action : group) {
                if (action.state == ActionState.ASSIGNED && inFlight < context.parallelism()) {
                    assign(action);
                }
                if (failure != null) {
                    return;
                }
            }
            if (!group.stream().allMatch(ActionProgress::isDone)) {
                return;
            }
        }
    }

    private void assign(ActionProgress action) {
        Step step = action.nextStep();
        while (step != null && isKept(action, step)) {
            step = action.nextStep();
        }
        if (action.openEffect() == Effect.DESTRUCTIVE) {
            changes.set(action, PREVIEW_PENDING, APPROVAL);
        } else {
            changes.set(action, IN_PROGRESS, "");
            continueAction(action);
        }
    }

    /** Whether a step has its result without a call; if so, it is journalled. */
    private boolean isKept(ActionProgress action, Step step) {
        Map<String, @Nullable Object> end = kept == null ? null : kept.end(action, step);
        if (end != null) {
            changes.add(action.ref.taskId(), RunEvent.Type.STEP_FINISHED, end);
        }
        return end != null;
    }

    /** Starts the next step of an action in progress, or has its result judged. */
    private void continueAction(ActionProgress action) {
        if (closing) {
            return;
        }
        for (Step step = action.nextStep(); step != null; step = action.nextStep()) {
            if (isKept(action, step)) {
                continue;
            }
            StepCall call;
            try {
                call = call(action, step);
            } catch (Binding.Unbound e) {
                fail(action, "UNBOUND", String.valueOf(e.getMessage()), false);
                return;
            }
            if (step.kind() != StepKind.TRANSFORM) {
                start(call);
                return;
            }
            if (!transform(action, call)) {
                return;
            }
        }
        changes.set(action, STATUS_VERIFICATION_REQUESTED, "");
        judge(action);
    }

    private StepCall call(ActionProgress action, Step step) {
        Map<String, @Nullable Object> args = action.args.get(step.index());
        if (args == null) {
            args = progress.bind(action, step, context.clock().instant());
        }
        if (fromJournal && CanonicalJson.write(args).contains(LEFT_OUT)) {
            throw new Binding.Unbound("an argument or result held a secret, which the journal does not keep;"
                    + " start a new run, and let the tool take secrets from its own configuration");
        }
        String key = StepCall.key(progress.runId, action.ref, step.index(), args);
        return new StepCall(action.ref, action.action.name(), step, args, key, action.attempts(step) + 1);
    }

    /** A TRANSFORM step has no effect: it starts and finishes in one commit. */
    private boolean transform(ActionProgress action, StepCall call) {
        Object value = call.args().get("value");
        List<String> problems = steps.expectationProblems(call.step(), value);
        if (!problems.isEmpty()) {
            fail(action, "EXPECTATION_FAILED", action.action.name() + ": " + String.join("; ", problems), false);
            return false;
        }
        changes.started(call);
        changes.add(
                action.ref.taskId(),
                RunEvent.Type.STEP_FINISHED,
                Payload.stepFinished(call.step().index(), call.attempt(), value, 0));
        return true;
    }

    private void start(StepCall call) {
        changes.started(call);
        inFlight++;
        performing++;
        changes.afterwards(() -> workers.perform(call));
    }

    private ActionProgress stepFinished(StepCall.Finished finished) {
        StepCall call = finished.call();
        changes.modelCalled(call.action().taskId(), finished.modelCalls());
        changes.add(
                call.action().taskId(),
                RunEvent.Type.STEP_FINISHED,
                Payload.stepFinished(call.step().index(), call.attempt(), finished.output(), finished.millis()));
        return progress.action(call.action().taskId());
    }

    private void stepFailed(StepCall.Failed failed) {
        StepCall call = failed.call();
        ActionProgress action = progress.action(call.action().taskId());
        changes.modelCalled(call.action().taskId(), failed.modelCalls());
        if (failed.inDoubt()) {
            doubt(action, failed.message());
            return;
        }
        changes.add(call.action().taskId(), RunEvent.Type.STEP_FAILED, Payload.stepFailed(failed));
        int attempts = call.step().retry().maxAttempts();
        if (failed.retryable() && action.failures < attempts && failure == null) {
            Duration delay = call.step().retry().delayAfter(action.failures);
            inFlight++;
            changes.afterwards(() -> workers.retryAfter(delay, call.nextAttempt()));
        } else {
            fail(action, failed.code(), action.action.name() + ": " + failed.message(), failed.retryable());
        }
    }

    private void doubt(ActionProgress action, String why) {
        changes.set(action, PENDING, IN_DOUBT + ": " + why);
    }

    /** The action is in error: a CREATE run tries again what may do better, everything else fails the run. */
    private void fail(ActionProgress action, String code, String message, boolean mayDoBetter) {
        boolean again = mayDoBetter
                && progress.plan.mode() == Mode.CREATE
                && action.executions < MAX_EXECUTIONS
                && failure == null;
        changes.set(action, ERROR, code + ": " + message, again ? Aftermath.RETRIED : Aftermath.NONE);
        if (again) {
            changes.set(action, IN_PROGRESS, "another attempt");
            continueAction(action);
        } else if (failure == null) {
            failure = new Failure(code, message);
        }
    }

    private void judge(ActionProgress action) {
        if (progress.plan.mode() != Mode.CREATE || !workers.canJudge()) {
            judged(action, new Judgement.Completed());
            return;
        }
        inFlight++;
        changes.afterwards(() -> workers.judge(action, progress.plan.request(), namedResults(action)));
    }

    private static Map<String, @Nullable Object> namedResults(ActionProgress action) {
        Map<String, @Nullable Object> results = new LinkedHashMap<>();
        for (Step step : action.action.steps()) {
            results.put(
                    step.output() == null ? "step" + step.index() : step.output(), action.results.get(step.index()));
        }
        return results;
    }

    private void judged(Message.Judged judged) {
        changes.modelCalled(judged.action().ref.taskId(), judged.calls());
        judged(judged.action(), judged.judgement());
    }

    private void judged(ActionProgress action, Judgement judgement) {
        if (failure != null && !(judgement instanceof Judgement.Completed)) {
            return;
        }
        if (judgement instanceof Judgement.Completed) {
            changes.set(action, COMPLETED, "");
            if (progress.plan.mode() == Mode.CREATE) {
                changes.set(action, RECIPE_REQUESTED, "");
                changes.set(action, RECIPE_RECEIVED, "");
            }
            changes.set(action, TERMINATED, "");
        } else if (judgement instanceof Judgement.Pending pending && action.pending < MAX_PENDING) {
            if (mayRepeat(action, pending.message())) {
                changes.set(action, PENDING, "the verifier says: " + pending.message());
                changes.set(action, IN_PROGRESS, "another attempt", Aftermath.REPEATED);
                continueAction(action);
            }
        } else {
            String message = judgement instanceof Judgement.Pending pending
                    ? "Action failed after %d retry attempts. Original message: %s"
                            .formatted(MAX_PENDING, pending.message())
                    : ((Judgement.Wrong) judgement).message();
            if (judgement instanceof Judgement.Wrong
                    && action.executions < MAX_EXECUTIONS
                    && mayRepeat(action, message)) {
                changes.set(action, ERROR, "VERDICT_ERROR: " + message, Aftermath.RETRIED);
                changes.set(action, IN_PROGRESS, "another attempt", Aftermath.REPEATED);
                continueAction(action);
            } else if (action.state == STATUS_VERIFICATION_REQUESTED) {
                fail(action, "VERDICT_ERROR", message, false);
            }
        }
    }

    /** What was done with an effect is not done again because a verifier did not like the result. */
    private boolean mayRepeat(ActionProgress action, String message) {
        if (action.effect().compareTo(Effect.WRITE) < 0) {
            return true;
        }
        fail(action, "VERDICT_ERROR", message, false);
        return false;
    }

    /** What an action of a resumed run needs before it can go on. */
    private void takeUp(ActionProgress action) {
        switch (action.state) {
            case IN_PROGRESS -> takeUpStep(action);
            case STATUS_VERIFICATION_REQUESTED -> judge(action);
            case PREVIEW_PENDING -> {
                if (action.approved != null && action.approved) {
                    changes.set(action, PREVIEW_APPROVED, "approved");
                    changes.set(action, IN_PROGRESS, "");
                    continueAction(action);
                } else if (action.approved != null) {
                    changes.set(action, TERMINATED, "rejected");
                    failure = new Failure("PREVIEW_REJECTED", action.action.name() + " was not approved");
                }
            }
            case PENDING -> decided(action);
            case ERROR -> failure = new Failure("RUN_FAILED", action.action.name() + ": " + action.reason);
            default -> {}
        }
    }

    private void takeUpStep(ActionProgress action) {
        Step step = action.nextStep();
        if (action.open == null || step == null || step.effect().compareTo(Effect.WRITE) < 0) {
            continueAction(action);
        } else {
            doubt(action, "the process ended while " + step.tool() + " was running");
        }
    }

    private void decided(ActionProgress action) {
        Step step = action.nextStep();
        InDoubt decision = action.decision;
        if (decision == null || step == null) {
            return;
        }
        if (decision instanceof InDoubt.GiveUp) {
            fail(action, IN_DOUBT, action.action.name() + " was given up: " + action.reason, false);
            return;
        }
        changes.set(action, IN_PROGRESS, "decided");
        if (decision instanceof InDoubt.TakeAsDone done) {
            changes.add(
                    action.ref.taskId(),
                    RunEvent.Type.STEP_FINISHED,
                    Payload.stepFinished(step.index(), Math.max(1, action.attempts), Json.valueOf(done.output()), 0));
        }
        continueAction(action);
    }

    private void pause() {
        List<String> waiting = progress.waitingFor();
        if (waiting.isEmpty()) {
            finish(RunState.FAILED, new Failure("STALLED", "no action can go on, and none waits for a person"));
            return;
        }
        changes.add(journal.pause());
        changes.add(
                JournalEntry.RUN,
                RunEvent.Type.RUN_PAUSED,
                Map.of("waitingFor", waiting, "elapsedNanos", elapsed().toNanos()));
    }

    /** Ends well, unless an output is not what the recipe declares. */
    private void succeed() {
        List<String> problems = progress.plan.mode() == Mode.CREATE
                ? List.of()
                : steps.problems(progress.plan.recipe().outputs(), progress.outputValues());
        if (problems.isEmpty()) {
            finish(RunState.SUCCEEDED, null);
        } else {
            finish(
                    RunState.FAILED,
                    new Failure(
                            "EXPECTATION_FAILED",
                            "the outputs are not what the recipe declares: " + String.join("; ", problems)));
        }
    }

    private Duration elapsed() {
        return Duration.between(progress.plan.startedAt(), context.clock().instant());
    }

    private void finish(RunState state, @Nullable Failure why) {
        if (progress.state != RunState.RUNNING) {
            return;
        }
        Ending ending =
                new Ending(state, why == null ? null : why.code(), why == null ? null : why.message(), elapsed());
        changes.add(journal.finish(progress, ending));
        progress.state = state;
    }
}
