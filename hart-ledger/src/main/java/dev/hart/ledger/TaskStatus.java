package dev.hart.ledger;

import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** Where a task stands. {@link #next()} is the life cycle: the only changes of status that a command may ask for. */
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
    /** Between paused and in progress; a task never rests in it. */
    RESUMING;

    private static final Map<TaskStatus, Set<TaskStatus>> NEXT = new EnumMap<>(Map.of(
            PENDING, EnumSet.of(IN_PROGRESS, PAUSED, CANCELLED, SKIPPED, NOT_APPLICABLE, DEFERRED, DELEGATED, BLOCKED),
            DEFERRED, EnumSet.of(PENDING, IN_PROGRESS, CANCELLED, SKIPPED, NOT_APPLICABLE),
            IN_PROGRESS,
                    EnumSet.of(COMPLETED, FAILED, PAUSED, USER_STOPPED, BLOCKED, TERMINATED, NOT_APPLICABLE, DELEGATED),
            DELEGATED, EnumSet.of(COMPLETED, FAILED, IN_PROGRESS, CANCELLED, BLOCKED),
            PAUSED, EnumSet.of(RESUMING, CANCELLED, TERMINATED, NOT_APPLICABLE, SKIPPED, DEFERRED),
            USER_STOPPED, EnumSet.of(RESUMING, CANCELLED, TERMINATED, NOT_APPLICABLE, SKIPPED, DEFERRED),
            BLOCKED, EnumSet.of(PENDING, RESUMING, FAILED, CANCELLED, NOT_APPLICABLE, DEFERRED),
            RESUMING, EnumSet.of(IN_PROGRESS, PAUSED, FAILED),
            COMPLETED, EnumSet.of(ROLLED_BACK)));
    private static final Set<TaskStatus> TERMINAL =
            EnumSet.of(COMPLETED, FAILED, CANCELLED, TERMINATED, SKIPPED, NOT_APPLICABLE, ROLLED_BACK);

    /** The statuses that may follow, in the order of this enum. */
    public Set<TaskStatus> next() {
        return Collections.unmodifiableSet(NEXT.getOrDefault(this, EnumSet.noneOf(TaskStatus.class)));
    }

    public boolean canBecome(TaskStatus next) {
        Set<TaskStatus> allowed = NEXT.get(this);
        return allowed != null && allowed.contains(next);
    }

    /** Whether the work is over; only a completed task still changes, to rolled back. */
    public boolean isTerminal() {
        return TERMINAL.contains(this);
    }

    /** Whether a task that waits for this one for success may go on. */
    public boolean isResolved() {
        return this == COMPLETED || this == SKIPPED || this == NOT_APPLICABLE;
    }

    /** Whether it ended without success: failed, cancelled or terminated. */
    public boolean isFailure() {
        return this == FAILED || this == CANCELLED || this == TERMINATED;
    }

    public boolean isActive() {
        return this == IN_PROGRESS || this == RESUMING || this == DELEGATED;
    }

    /** Whether {@link LedgerTransaction#resume} applies. */
    public boolean isResumable() {
        return this == PAUSED || this == USER_STOPPED || this == BLOCKED;
    }

    /** Lower case, as in rows, events and documents. */
    public String wireName() {
        return WireNames.of(this);
    }

    /** @throws dev.hart.error.LedgerException INVALID_ARGUMENT for an unknown name */
    public static TaskStatus ofWireName(String name) {
        return WireNames.parse(TaskStatus.class, name);
    }
}
