package dev.hart.ledger;

/**
 * A task that waits for another.
 *
 * @param from the one waited for
 * @param to the waiter
 * @param condition which end of {@code from} satisfies it
 * @param strict whether success means completed only; otherwise skipped and not applicable count too
 */
public record Edge(String from, String to, Kind kind, Outcome condition, boolean strict) {

    /** Why the one waits. */
    public enum Kind {
        /** It needs the other's outcome before it may start. */
        PREREQ,
        /** It was going on or was added as blocked, and goes on when the other ends. */
        BLOCKER;

        String wireName() {
            return WireNames.of(this);
        }
    }

    boolean isSatisfiedBy(TaskStatus status) {
        return switch (condition) {
            case SUCCESS -> strict ? status == TaskStatus.COMPLETED : status.isResolved();
            case FAILURE -> status.isFailure();
            case ANY -> status.isTerminal();
        };
    }

    /** Whether it can no longer be satisfied, as the other task ended differently. */
    boolean isDeadBy(TaskStatus status) {
        return status.isTerminal() && !isSatisfiedBy(status);
    }
}
