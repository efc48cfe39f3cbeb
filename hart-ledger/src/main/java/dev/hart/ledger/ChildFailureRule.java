package dev.hart.ledger;

/** What becomes of a task that waited for its children when one of them did not succeed. */
public enum ChildFailureRule {
    /** It goes on, and is told which failed. */
    RESUME_PARENT,
    /** It waits, so that the child can be repeated. */
    WAIT,
    /** It fails with dependency_failed. */
    FAIL_PARENT;

    /** Lower case, as in rows, events and documents. */
    public String wireName() {
        return WireNames.of(this);
    }
}
