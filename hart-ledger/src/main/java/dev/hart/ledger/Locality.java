package dev.hart.ledger;

/** Where a task may run. */
public enum Locality {
    /** On the node that made the ledger only. */
    LOCAL_ONLY,
    /** On nodes of the same region. */
    REGIONAL,
    /** Anywhere. */
    GLOBAL;

    /** Lower case, as in rows, events and documents. */
    public String wireName() {
        return WireNames.of(this);
    }
}
