package dev.hart.ledger;

/** Whether a ledger's history is whole. */
public sealed interface VerifyReport {
    /** Every hash fits, nothing is missing, and the tasks stand where their history says. */
    record Whole(long events) implements VerifyReport {}

    /** From this entry on the history was changed. */
    record Broken(long seq) implements VerifyReport {}

    /** This entry is not there. */
    record Missing(long seq) implements VerifyReport {}

    /** The history is whole, but a task's row says something else. */
    record TaskDiffers(String taskId, String history, String row) implements VerifyReport {}
}
