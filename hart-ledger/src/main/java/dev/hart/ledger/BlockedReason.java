package dev.hart.ledger;

/** What a blocked task waits for. */
public enum BlockedReason {
    DEPENDENCY,
    INPUT_REQUIRED,
    APPROVAL_REQUIRED,
    RESOURCE_UNAVAILABLE,
    RATE_LIMITED,
    EXTERNAL_SERVICE,
    MANUAL_BLOCK;

    /** Lower case, as in rows, events and documents. */
    public String wireName() {
        return WireNames.of(this);
    }
}
