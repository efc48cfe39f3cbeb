package dev.hart.ledger;

import java.util.Locale;

/** Why a task failed. */
public enum FailureReason {
    ERROR,
    TIMEOUT,
    VALIDATION_FAILED,
    PERMISSION_DENIED,
    RESOURCE_EXHAUSTED,
    DEPENDENCY_FAILED,
    MAX_RETRIES_EXCEEDED,
    EXTERNAL_SERVICE_ERROR,
    LEASE_EXPIRED,
    BUDGET_EXHAUSTED;

    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
