package dev.hart.ledger;

import java.util.Locale;

/** Why a task cannot go on by itself. */
public enum BlockedReason {
    DEPENDENCY,
    INPUT_REQUIRED,
    APPROVAL_REQUIRED,
    RESOURCE_UNAVAILABLE,
    RATE_LIMITED,
    EXTERNAL_SERVICE,
    MANUAL_BLOCK;

    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
