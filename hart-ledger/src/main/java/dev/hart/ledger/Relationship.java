package dev.hart.ledger;

/** How a task that was discovered at run time belongs to another one. */
public enum Relationship {
    /** The other one waits for it. */
    CHILD,
    /** It may run beside the other one. */
    SIBLING,
    /** It waits for the other one's success. */
    SEQUENTIAL,
    /** It waits for a certain outcome of the other one. */
    CONDITIONAL,
    /** It has nothing to do with others. */
    INDEPENDENT;

    /** Lower case, as in rows, events and documents. */
    public String wireName() {
        return WireNames.of(this);
    }
}
