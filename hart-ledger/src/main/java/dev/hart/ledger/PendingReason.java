package dev.hart.ledger;

/** What a pending task waits for. */
public enum PendingReason {
    READY,
    QUEUED,
    SCHEDULED,
    AWAITING_PREREQUISITES,
    RETRY_BACKOFF;

    /** Lower case, as in rows, events and documents. */
    public String wireName() {
        return WireNames.of(this);
    }
}
