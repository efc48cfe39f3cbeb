package dev.hart.ledger;

/** What of a task may leave the node. */
public enum Sensitivity {
    /** Anyone may see it. */
    PUBLIC,
    /** Nodes of the same organisation only. */
    INTERNAL,
    /** Trusted nodes only. */
    CONFIDENTIAL,
    /** Only the node that made the ledger. */
    SECRET;

    /** Lower case, as in rows, events and documents. */
    public String wireName() {
        return WireNames.of(this);
    }
}
