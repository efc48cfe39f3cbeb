package dev.hart.ledger;

/** Where a task comes from. */
public enum TaskType {
    /** From a plan or recipe. */
    PRE_ASSIGNED,
    /** Made by an agent at run time. */
    AUTONOMOUS,
    /** From a person's feedback. */
    USER_REQUESTED,
    /** A part of another task, made while that one ran. */
    INTERMEDIATE;

    /** Lower case, as in rows, events and documents. */
    public String wireName() {
        return WireNames.of(this);
    }
}
