package dev.hart.ledger;

/** How a task ended, as far as those who wait for it care. */
public enum Outcome {
    /** Completed; skipped and not applicable too, unless the edge is strict. */
    SUCCESS,
    /** Failed, cancelled or terminated. */
    FAILURE,
    /** Any end. */
    ANY;

    /** Lower case, as in rows, events and documents. */
    public String wireName() {
        return WireNames.of(this);
    }
}
