package dev.hart.core.run;

/**
 * One action of a run.
 *
 * @param flowId from 0
 * @param actionId from 1 within the flow
 */
record ActionRef(int flowId, int actionId) {
    /** Its task in the run's ledger: {@code action_2}, or {@code f1_action_2} in later flows. */
    String taskId() {
        return flowId == 0 ? "action_" + actionId : "f" + flowId + "_action_" + actionId;
    }
}
