package dev.hart.ledger;

import java.util.List;
import java.util.Locale;

/** Where a task stands. The public life cycle is the table {@link #next()}: 48 legal changes of 225. */
public enum TaskStatus {
    PENDING,
    DEFERRED,
    IN_PROGRESS,
    DELEGATED,
    PAUSED,
    USER_STOPPED,
    BLOCKED,
    COMPLETED,
    FAILED,
    CANCELLED,
    TERMINATED,
    SKIPPED,
    NOT_APPLICABLE,
    ROLLED_BACK,
    /** Between two states of one command; never at rest. */
    RESUMING;

    /** What it may become, in a fixed order; never itself. */
    public List<TaskStatus> next() {
        return switch (this) {
            case PENDING ->
                List.of(IN_PROGRESS, PAUSED, CANCELLED, SKIPPED, NOT_APPLICABLE, DEFERRED, DELEGATED, BLOCKED);
            case DEFERRED -> List.of(PENDING, IN_PROGRESS, CANCELLED, SKIPPED, NOT_APPLICABLE);
            case IN_PROGRESS ->
                List.of(COMPLETED, FAILED, PAUSED, USER_STOPPED, BLOCKED, TERMINATED, NOT_APPLICABLE, DELEGATED);
            case DELEGATED -> List.of(COMPLETED, FAILED, IN_PROGRESS, CANCELLED, BLOCKED);
            case PAUSED, USER_STOPPED -> List.of(RESUMING, CANCELLED, TERMINATED, NOT_APPLICABLE, SKIPPED, DEFERRED);
            case BLOCKED -> List.of(PENDING, RESUMING, FAILED, CANCELLED, NOT_APPLICABLE, DEFERRED);
            case RESUMING -> List.of(IN_PROGRESS, PAUSED, FAILED);
            case COMPLETED -> List.of(ROLLED_BACK);
            case FAILED, CANCELLED, TERMINATED, SKIPPED, NOT_APPLICABLE, ROLLED_BACK -> List.of();
        };
    }

    /** Whether the task is over. */
    public boolean isTerminal() {
        return switch (this) {
            case COMPLETED, FAILED, CANCELLED, TERMINATED, SKIPPED, NOT_APPLICABLE, ROLLED_BACK -> true;
            default -> false;
        };
    }

    /** Whether whoever waits for the task may go on. */
    public boolean isResolved() {
        return this == COMPLETED || this == SKIPPED || this == NOT_APPLICABLE;
    }

    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The status with that wire name. */
    public static TaskStatus ofWireName(String wireName) {
        return valueOf(wireName.toUpperCase(Locale.ROOT));
    }
}
