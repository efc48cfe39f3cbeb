package dev.hart.core.run;

import dev.hart.Mode;
import dev.hart.RunEvent;
import dev.hart.RunState;
import dev.hart.core.model.ModelCall;
import dev.hart.core.recipe.RecipeDocument;
import dev.hart.core.tool.CallableTool;
import dev.hart.recipe.Action;
import dev.hart.recipe.Fallback;
import dev.hart.recipe.Flow;
import dev.hart.recipe.Step;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a run has decided and not written yet: its next commit. Each change is folded into the run's progress as soon as it
 * is decided, so what is decided next already sees it. Not thread-safe: one thread drives a run.
 */
final class RunChanges {
    /** Why tasks end that a changed definition leaves behind. */
    private static final String UPDATED = "the verifier changed what is to be done";

    private static final String ANSWERED = "its question was answered";

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
    }

    private ActionLifecycle lifecycle(ActionProgress action) {
        String id = progress.runId + "/" + action.ref.flowId() + "/" + action.ref.inKey();
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
        ActionState from = move(action, to);
        Object result = to == ActionState.COMPLETED ? action.lastResult() : null;
        journal.tasks()
                .follow(action, to, reason, result, aftermath == Aftermath.RETRIED)
                .forEach(command -> commit.add((tx, ledger, written) -> command.on(ledger)));
        add(
                action.ref.taskId(),
                RunEvent.Type.ACTION_STATE_CHANGED,
                Payload.stateChanged(action, from, to, reason, aftermath == Aftermath.REPEATED));
    }

    /**
     * The run does something else from now on; the commit takes the event, the ledger's tasks, and the state of every action that is
     * assigned anew.
     *
     * @param by the action whose verdict or answer it was
     * @param plan what the run does
     * @param again the actions that are assigned anew
     */
    void update(ActionProgress by, RunPlan plan, List<ActionProgress> again) {
        String task = by.ref.taskId();
        String why = progress.plan.isAsking() ? ANSWERED : UPDATED;
        Map<String, ActionProgress> before = new LinkedHashMap<>(progress.byTask);
        add(
                task,
                RunEvent.Type.UPDATED,
                Payload.updated(
                        progress.definition() + 1,
                        plan,
                        again.stream().map(action -> action.ref.taskId()).toList()));
        for (Flow flow : FlowOrder.of(plan.recipe())) {
            for (List<Action> wave : flow.waves()) {
                for (Action action : wave) {
                    assigned(progress.at(flow.flowId(), action.actionId()), before, again, why);
                }
            }
        }
        before.forEach((old, action) -> {
            if (!progress.isCurrent(action.ref)) {
                commands(journal.tasks().drop(old, why));
            }
        });
    }

    private void assigned(
            ActionProgress now, Map<String, ActionProgress> before, List<ActionProgress> again, String why) {
        ActionProgress old = again.stream()
                .filter(each -> each.ref.again().equals(now.ref))
                .findFirst()
                .orElse(null);
        String task = now.ref.taskId();
        List<String> waitsFor = now.action.dependsOn().stream()
                .filter(id -> id != now.ref.actionId())
                .map(id -> progress.at(now.ref.flowId(), id).ref.taskId())
                .toList();
        if (old != null) {
            old.all().stream()
                    .filter(each -> each != old)
                    .forEach(subtask -> commands(journal.tasks().drop(subtask.ref.taskId(), why)));
            commands(journal.tasks().drop(old.ref.taskId(), why));
            commands(journal.tasks().again(old.ref.taskId(), task, waitsFor));
            add(task, RunEvent.Type.ACTION_STATE_CHANGED, Payload.assigned(now, old.state, why));
        } else if (!before.containsKey(task)) {
            commands(journal.tasks().add(task, now.action.description(), JournalEntry.RUN, waitsFor));
        }
    }

    /**
     * An action waits for a person to approve a call.
     *
     * @param reasons sentences
     */
    void preview(ActionProgress action, StepCall call, List<String> reasons) {
        String reason = WaitsFor.APPROVAL_REQUIRED.because(String.join("; ", reasons));
        ActionState from = move(action, ActionState.PENDING);
        commands(journal.tasks().follow(action, ActionState.PENDING, reason, null, false));
        add(
                action.ref.taskId(),
                RunEvent.Type.ACTION_STATE_CHANGED,
                Payload.previewed(
                        Payload.stateChanged(action, from, ActionState.PENDING, reason, false), call, reasons));
    }

    private ActionState move(ActionProgress action, ActionState to) {
        ActionLifecycle lifecycle = lifecycles.computeIfAbsent(action, this::lifecycle);
        ActionState from = lifecycle.state();
        lifecycle.set(to);
        return from;
    }

    /** An action waits for the end of others from now on, which are part of it; the commit takes the event and the ledger's tasks. */
    void breakDown(ActionProgress action, List<Action> subtasks, int answer, boolean late) {
        String task = action.ref.taskId();
        add(task, RunEvent.Type.BROKEN_DOWN, Payload.late(Payload.brokenDown(subtasks, answer), late));
        String reason = WaitsFor.SUBTASKS.because(
                action.subtasks().stream().map(subtask -> subtask.ref.taskId()).collect(Collectors.joining(", ")));
        String before = null;
        for (ActionProgress subtask : action.subtasks()) {
            String own = subtask.ref.taskId();
            commands(journal.tasks()
                    .add(own, subtask.action.description(), task, before == null ? List.of() : List.of(before)));
            before = own;
        }
        set(action, ActionState.PENDING, reason);
    }

    /**
     * An action gets a fallback that its verifier has suggested.
     *
     * @param late whether the verifier is a model, which has read results
     */
    void suggested(ActionProgress action, Fallback fallback, boolean late) {
        received(action, "suggested", fallback, late);
    }

    /** An action gets the steps of a fallback in the place of its own. */
    void replaced(ActionProgress action, Fallback fallback, boolean late) {
        received(action, "instead", fallback, late);
    }

    private void received(ActionProgress action, String as, Fallback fallback, boolean late) {
        ActionState from = move(action, ActionState.FALLBACK_RECEIVED);
        commands(journal.tasks().follow(action, ActionState.FALLBACK_RECEIVED, "", null, false));
        Map<String, @Nullable Object> payload =
                Payload.stateChanged(action, from, ActionState.FALLBACK_RECEIVED, "", false);
        payload.put(as, RecipeDocument.fallback(fallback));
        add(action.ref.taskId(), RunEvent.Type.ACTION_STATE_CHANGED, Payload.late(payload, late));
    }

    /** Every flow of a CREATE run whose actions are all done becomes part of the recipe. */
    void completeFlows() {
        if (progress.plan.mode() != Mode.CREATE) {
            return;
        }
        for (Flow flow : progress.recipe().flows()) {
            if (progress.flowState(flow.flowId()) != FlowState.FLOW_COMPLETED && progress.isFlowDone(flow.flowId())) {
                FlowState from = progress.flowState(flow.flowId());
                for (FlowState to = FlowState.after(from); to != null; to = FlowState.after(from)) {
                    add(JournalEntry.RUN, RunEvent.Type.FLOW_STATE_CHANGED, Payload.flowState(flow, from, to));
                    from = to;
                }
            }
        }
    }

    private void commands(List<TaskSync.Command> commands) {
        commands.forEach(command -> commit.add((tx, ledger, written) -> command.on(ledger)));
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
