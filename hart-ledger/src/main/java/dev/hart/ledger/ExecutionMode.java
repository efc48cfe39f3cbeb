package dev.hart.ledger;

/** Whether a task may run beside others. The order between tasks comes from prerequisites, never from this. */
public enum ExecutionMode {
    PARALLEL,
    SEQUENTIAL;

    /** Lower case, as in rows, events and documents. */
    public String wireName() {
        return WireNames.of(this);
    }
}
