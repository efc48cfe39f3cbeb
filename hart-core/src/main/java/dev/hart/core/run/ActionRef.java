package dev.hart.core.run;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One action of a run, or one of the subtasks that it was broken down into.
 *
 * @param flowId from 0
 * @param actionId from 1 within the flow
 * @param path which subtask: {@code 2} for the second, {@code 2/1} for the first of that one; empty for the action itself
 * @param epoch how often the action was assigned anew
 */
record ActionRef(int flowId, int actionId, List<Integer> path, int epoch) {
    ActionRef(int flowId, int actionId) {
        this(flowId, actionId, List.of(), 0);
    }

    ActionRef subtask(int number) {
        List<Integer> longer = new ArrayList<>(path);
        longer.add(number);
        return new ActionRef(flowId, actionId, List.copyOf(longer), epoch);
    }

    /** The same action, assigned once more. */
    ActionRef again() {
        return new ActionRef(flowId, actionId, path, epoch + 1);
    }

    boolean isSubtask() {
        return !path.isEmpty();
    }

    /**
     * Its task in the run's ledger: {@code action_2}, or {@code f1_action_2} in later flows; {@code 2.1} for a subtask. In a later
     * epoch with its number, {@code action_2~1}.
     */
    String taskId() {
        return (flowId == 0 ? "" : "f" + flowId + "_")
                + (isSubtask() ? place(".") : "action_" + actionId)
                + (epoch == 0 ? "" : "~" + epoch);
    }

    /** As idempotency keys name it: {@code 2}, {@code 2/1} for a subtask, {@code 2~1} in a later epoch. */
    String inKey() {
        return place("/") + (epoch == 0 ? "" : "~" + epoch);
    }

    private String place(String between) {
        return actionId + path.stream().map(number -> between + number).collect(Collectors.joining());
    }
}
