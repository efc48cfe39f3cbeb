package dev.hart.ledger;

/** Why a task failed, or cannot go on. */
public enum FailureReason {
    ERROR,
    TIMEOUT,
    /** Not worth a retry. */
    VALIDATION_FAILED,
    /** Not worth a retry. */
    PERMISSION_DENIED,
    RESOURCE_EXHAUSTED,
    /** A prerequisite ended without success; the task still waits, so that a new attempt of it can help. */
    DEPENDENCY_FAILED,
    MAX_RETRIES_EXCEEDED,
    EXTERNAL_SERVICE_ERROR,
    LEASE_EXPIRED,
    BUDGET_EXHAUSTED;

    /** Lower case, as in rows, events and documents. */
    public String wireName() {
        return WireNames.of(this);
    }
}
