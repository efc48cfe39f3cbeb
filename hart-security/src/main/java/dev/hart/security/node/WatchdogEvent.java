package dev.hart.security.node;

import java.time.Instant;

/**
 * Something that the watchdog saw or did.
 *
 * @param task whose; empty for the watchdog itself
 * @param detail a sentence
 */
public record WatchdogEvent(Kind kind, String task, Instant at, String detail) {

    /** What happened. */
    public enum Kind {
        /** No heartbeat for too long. */
        FROZEN,
        /** It runs again. */
        RESTARTED,
        /** It could not be started. */
        START_FAILED,
        /** Its old thread did not end and is left alone. */
        ABANDONED,
        /** It is given up until an operator revives it. */
        DEAD,
        /** An operator had it started again. */
        REVIVED,
        /** The thread that checks was stuck and has been replaced. */
        CHECKER_REPLACED
    }
}
