package dev.hart.ledger;

/** What becomes of a task when one it waits for cannot satisfy it any more. */
public enum DependencyFailureRule {
    /** It waits, so that the other can be repeated. */
    WAIT,
    /** It is cancelled, and so is what waits for it. */
    CANCEL;

    /** Lower case, as in rows, events and documents. */
    public String wireName() {
        return WireNames.of(this);
    }
}
