package dev.hart.core.run;

import dev.hart.RunEvent;
import dev.hart.RunState;
import dev.hart.core.model.ModelCall;
import dev.hart.core.tool.CallableTool;
import dev.hart.recipe.Step;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a run has decided and not written yet: its next commit. Each change is folded into the run's progress as soon as it
 * is decided, so what is decided next already sees it. Not thread-safe: one thread drives a run.
 */
final class RunChanges {
    private final RunContext context;
    private final RunProgress progress;
    private final RunJournal journal;
    private final Map<ActionProgress, ActionLifecycle> lifecycles = new LinkedHashMap<>();
    private JournalCommit commit = new JournalCommit();

    /** What a change of state means beyond itself. */
    enum Aftermath {
        NONE,
        /** An error that leaves attempts. */
        RETRIED,
        /** The action begins anew: its results so far do not count. */
        REPEATED
    }

    RunChanges(RunContext context, RunProgress progress, RunJournal journal) {
        this.context = context;
        this.progress = progress;
        this.journal = journal;
        for (ActionProgress action : progress.byTask.values()) {
            lifecycles.put(action, lifecycle(action));
        }
    }

    private ActionLifecycle lifecycle(ActionProgress action) {
        String id = progress.runId + "/" + action.ref.flowId() + "/" + action.ref.actionId();
        return new ActionLifecycle(
                id,
                action.state,
                (from, to) -> journal.announce(new JournalEntry(
                        action.ref.taskId(),
                        RunEvent.Type.TRANSITION_REJECTED,
                        Map.of("from", from.wireName(), "to", to.wireName()))));
    }

    void set(ActionProgress action, ActionState to, String reason) {
        set(action, to, reason, Aftermath.NONE);
    }

    /** Changes the state; the commit takes its event, and what the ledger's task does because of it. */
    void set(ActionProgress action, ActionState to, String reason, Aftermath aftermath) {
        ActionLifecycle lifecycle = Objects.requireNonNull(lifecycles.get(action));
        ActionState from = lifecycle.state();
        lifecycle.set(to);
        Object result = to == ActionState.COMPLETED ? action.lastResult() : null;
        journal.tasks()
                .follow(action, to, reason, result, aftermath == Aftermath.RETRIED)
                .forEach(command -> commit.add((tx, ledger, written) -> command.on(ledger)));
        add(
                action.ref.taskId(),
                RunEvent.Type.ACTION_STATE_CHANGED,
                Payload.stateChanged(action, from, to, reason, aftermath == Aftermath.REPEATED));
    }

    void started(StepCall call) {
        add(call.action().taskId(), RunEvent.Type.STEP_STARTED, Payload.stepStarted(call, toolVersion(call.step())));
    }

    private @Nullable String toolVersion(Step step) {
        CallableTool tool = step.tool() == null ? null : context.tools().tool(step.tool());
        return tool == null ? null : tool.spec().version();
    }

    void modelCalled(String task, List<ModelCall> calls) {
        calls.forEach(call -> add(task, RunEvent.Type.MODEL_CALLED, Payload.modelCalled(call)));
    }

    void add(String task, RunEvent.Type type, Map<String, @Nullable Object> payload) {
        JournalEntry entry = new JournalEntry(task, type, payload);
        commit.add(entry);
        progress.apply(entry, context.clock().instant());
    }

    /** A part of the commit that is no event alone. */
    void add(JournalCommit.Part part) {
        commit.add(part);
    }

    /** To do once all that was decided so far is durable, if the run still goes on then. */
    void afterwards(Runnable action) {
        commit.afterwards(action);
    }

    /** Makes durable what was decided. */
    void flush() {
        JournalCommit durable = commit;
        commit = new JournalCommit();
        if (!durable.isEmpty()) {
            journal.write(durable, progress);
        }
        if (progress.state == RunState.RUNNING) {
            durable.runAfterwards();
        }
    }
}
