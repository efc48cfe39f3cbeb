package dev.hart.core.run;

import dev.hart.Mode;
import dev.hart.RunEvent;
import dev.hart.RunState;
import dev.hart.Verifier.Judgement;
import dev.hart.core.model.ModelCall;
import dev.hart.core.plan.Draft;
import dev.hart.core.run.Ongoing.Failure;
import dev.hart.error.RunBusyException;
import dev.hart.error.RunCancelledException;
import dev.hart.recipe.Action;
import dev.hart.recipe.Flow;
import dev.hart.tool.Effect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Predicate;
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
    private final RunContext context;
    private final RunProgress progress;
    private final RunJournal journal;
    private final StepRunner steps;
    private final StepWorkers workers;
    private final RunHost host;
    private List<List<ActionProgress>> groups;
    /** The definition that the groups are of. */
    private int grouped;

    private final RunChanges changes;
    private final Ongoing ongoing = new Ongoing();
    private final ActionDriver actions;
    private final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
    /** Decisions that were written and are to be confirmed once they are durable. */
    private final List<Message.Decided> unconfirmed = new ArrayList<>();
    /** Whether nobody reads the messages any more; guarded by {@link #messages}. */
    private boolean left;

    /** What wakes the run. */
    sealed interface Message {
        record Performed(StepCall.Outcome outcome) implements Message {}

        record RetryDue(StepCall call) implements Message {}

        record Waited(StepCall call) implements Message {}

        record Judged(ActionProgress action, Judgement judgement, List<ModelCall> calls) implements Message {}

        /**
         * A person has decided.
         *
         * @param fits whether the action still waits for that
         * @param taken completes with whether it was written
         */
        record Decided(JournalEntry entry, Predicate<ActionProgress> fits, CompletableFuture<Boolean> taken)
                implements Message {}

        /**
         * The planner has answered.
         *
         * @param then what is done with it
         * @param draft null when there is none
         * @param why there is none
         */
        record Planned(
                ActionRef action, Then then, @Nullable Draft draft, String why) implements Message {}

        /** What a run does with a plan that it asked for; on the run's thread. */
        @FunctionalInterface
        interface Then {
            /**
             * Takes the plan.
             *
             * @param draft null when there is none
             * @param why there is none
             */
            void planned(@Nullable Draft draft, String why);
        }

        /** Something was not done because the node stands still; it is done when the run goes on. */
        record NotDone() implements Message {}

        record Woken() implements Message {}
    }

    /**
     * An execution.
     *
     * @param kept what a rerun need not call; null for any other run
     */
    RunExecution(RunContext context, RunProgress progress, RunJournal journal, RunHost host, @Nullable KeptSteps kept) {
        this.context = context;
        this.progress = progress;
        this.journal = journal;
        this.host = host;
        this.steps = new StepRunner(context);
        this.workers = new StepWorkers(context, steps, progress.runId, messages::add);
        this.groups = groups(progress);
        this.grouped = progress.definition();
        this.changes = new RunChanges(context, progress, journal);
        this.actions = new ActionDriver(context, progress, changes, steps, workers, host, kept, ongoing);
    }

    String runId() {
        return progress.runId;
    }

    /** Asks the run to stop; from any thread. */
    void cancel() {
        ongoing.cancelled = true;
        wake();
    }

    /** Asks the run to start nothing more, to keep what the running steps come to, and to stay resumable; from any thread. */
    void suspend() {
        ongoing.closing = true;
        wake();
    }

    /** Has the run pause before its next step if the node stands still; from any thread. */
    void pauseIfHalted() {
        if (context.halt().isHalted()) {
            halt();
            wake();
        }
    }

    private void halt() {
        ongoing.halted = true;
        ongoing.closing = true;
    }

    /** Asks a run that is being suspended not to wait for its running steps any longer; from any thread. */
    void suspendNow() {
        ongoing.overdue = true;
        suspend();
    }

    /** Has the run look at its questions again; from any thread. */
    void wake() {
        messages.add(new Message.Woken());
    }

    /**
     * Has the run take what a person decided, and blocks until that is durable; from any thread but the run's.
     *
     * @return false when the action does not wait for that, or the run is not driven any longer
     */
    boolean decide(JournalEntry entry, Predicate<ActionProgress> fits) {
        Message.Decided decided = new Message.Decided(entry, fits, new CompletableFuture<>());
        synchronized (messages) {
            if (left) {
                return false;
            }
            messages.add(decided);
        }
        return decided.taken().join();
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
                    ActionProgress next = progress.at(flow.flowId(), action.actionId());
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

    /**
     * The same with something written in the first commit.
     *
     * @param durable called once that commit is on the disk
     * @throws RunBusyException when the run must not begin
     */
    void begin(Alongside alongside, Runnable durable) throws InterruptedException {
        changes.add((tx, ledger, written) -> {
            if (!alongside.write(tx, progress.runId)) {
                throw new RunBusyException("another process has begun this run");
            }
        });
        changes.afterwards(durable);
        begin();
    }

    /** Takes up a run from its journal, and drives it. */
    void resume() throws InterruptedException {
        actions.fromJournal();
        context.prepareToSign();
        changes.add(journal.takeOver());
        changes.add(JournalEntry.RUN, RunEvent.Type.RUN_RESUMED, Map.of("process", context.processId()));
        for (ActionProgress action : progress.byTask.values()) {
            actions.decisions().takeUp(action);
        }
        changes.completeFlows();
        schedule();
        drive();
    }

    private void drive() throws InterruptedException {
        try {
            settle();
            while (progress.state == RunState.RUNNING) {
                if (ongoing.halted && ongoing.performing == 0) {
                    pause(List.of(RunProgress.HALTED));
                    changes.flush();
                    break;
                }
                if (ongoing.closing && (ongoing.performing == 0 || ongoing.overdue)) {
                    throw suspended(null);
                }
                if (messages.isEmpty()) {
                    workers.runWaits();
                }
                handle(messages.take());
                settle();
                unconfirmed.forEach(decision -> decision.taken().complete(true));
                unconfirmed.clear();
            }
        } catch (InterruptedException e) {
            if (ongoing.closing) {
                Thread.currentThread().interrupt();
                throw suspended(e);
            }
            throw e;
        } finally {
            if (!ongoing.closing) {
                workers.cancelInside(host);
            }
            workers.abandon();
            leave();
        }
    }

    /** From now on nobody reads the messages: who waits for one is told. */
    private void leave() {
        List<Message> unread = new ArrayList<>();
        synchronized (messages) {
            left = true;
            messages.drainTo(unread);
        }
        unread.addAll(unconfirmed);
        for (Message message : unread) {
            if (message instanceof Message.Decided decided) {
                decided.taken().complete(false);
            }
        }
    }

    /** Ends or pauses the run when nothing more can happen by itself, then makes durable what was decided. */
    private void settle() throws InterruptedException {
        if (actions.decisions().giveUpQuestions()) {
            schedule();
        }
        if (ongoing.cancelled) {
            workers.cancelInside(host);
            if (ongoing.inside == 0) {
                finish(RunState.CANCELLED, new Failure("RUN_CANCELLED", "the run was cancelled"));
            }
        } else if (ongoing.failure != null && ongoing.inFlight == ongoing.sleeping) {
            finish(RunState.FAILED, ongoing.failure);
        } else if (ongoing.inFlight == 0 && progress.state == RunState.RUNNING) {
            if (progress.byTask.values().stream().allMatch(ActionProgress::isDone)) {
                succeed();
            } else if (!ongoing.closing || !waitingFor().isEmpty()) {
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

    private void handle(Message message) {
        if (context.halt().isHalted()) {
            halt();
        }
        if (message instanceof Message.Decided decided) {
            decide(decided);
        } else if (message instanceof Message.Performed performed) {
            ongoing.inFlight--;
            actions.performed(performed.outcome());
        } else if (message instanceof Message.RetryDue due) {
            ongoing.inFlight--;
            actions.retry(due.call());
        } else if (message instanceof Message.Waited waited) {
            ongoing.inFlight--;
            actions.waited(waited.call());
        } else if (message instanceof Message.Judged judged) {
            ongoing.inFlight--;
            if (progress.isCurrent(judged.action().ref)) {
                actions.verdicts().judged(judged.action(), judged.judgement(), judged.calls());
            }
        }
        if (message instanceof Message.NotDone) {
            ongoing.inFlight--;
            halt();
        }
        if (message instanceof Message.Planned planned) {
            ongoing.inFlight--;
            if (!ongoing.closing && progress.isCurrent(planned.action())) {
                planned.then().planned(planned.draft(), planned.why());
            }
        }
        if (!ongoing.closing) {
            schedule();
        }
    }

    private void decide(Message.Decided decision) {
        ActionProgress action = progress.byTask.get(decision.entry().task());
        if (action == null || ongoing.closing || !decision.fits().test(action)) {
            decision.taken().complete(false);
            return;
        }
        changes.add(
                action.ref.taskId(), decision.entry().type(), decision.entry().payload());
        unconfirmed.add(decision);
        if (ongoing.failure == null) {
            actions.decisions().decided(action);
        }
    }

    /** Starts every action of the current group that can start; goes on to the next group when one is done. */
    private void schedule() {
        if (ongoing.failure != null || ongoing.cancelled) {
            return;
        }
        if (grouped != progress.definition()) {
            groups = groups(progress);
            grouped = progress.definition();
        }
        for (List<ActionProgress> group : groups) {
            for (ActionProgress action : group) {
                ActionProgress subtask = action.nextSubtask();
                if (subtask != null && subtask.state == ActionState.ASSIGNED) {
                    startAlone(subtask);
                } else if (action.state == ActionState.ASSIGNED && ongoing.inFlight < context.parallelism()) {
                    actions.assign(action);
                }
                if (ongoing.failure != null) {
                    return;
                }
            }
            if (!group.stream().allMatch(ActionProgress::isDone)) {
                return;
            }
        }
    }

    /** A subtask was not known when actions that only read were put together: with an effect it waits until they are done. */
    private void startAlone(ActionProgress subtask) {
        int most = subtask.effect() == Effect.READ ? context.parallelism() : 1;
        if (ongoing.inFlight < most) {
            actions.assign(subtask);
        }
    }

    private List<String> waitingFor() {
        return progress.halted().isEmpty() ? progress.waitingFor() : host.waitingFor(progress);
    }

    private void pause() {
        // A run inside may have got what it waited for while others went on here.
        for (ActionProgress action : progress.halted()) {
            if (!ongoing.closing) {
                actions.decisions().takeUpInside(action);
            }
        }
        if (ongoing.inFlight > 0) {
            return;
        }
        List<String> waiting = waitingFor();
        if (waiting.isEmpty()) {
            finish(RunState.FAILED, new Failure("STALLED", "no action can go on, and none waits for a person"));
            return;
        }
        pause(waiting);
    }

    private void pause(List<String> waiting) {
        changes.add(journal.pause(ongoing.halted ? "the node is halted" : "waits for a person"));
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
