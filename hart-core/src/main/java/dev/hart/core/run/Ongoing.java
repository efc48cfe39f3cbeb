package dev.hart.core.run;

import org.jspecify.annotations.Nullable;

/**
 * What a run has going on, and what will end it. The thread that drives the run reads and writes it; the flags may be raised
 * from any thread, and stay raised.
 */
final class Ongoing {
    /** Calls, waits and judgements that have not reported yet. */
    int inFlight;
    /** Waits and delays among them: a run that fails does not wait for their end. */
    int sleeping;
    /** Steps that a worker performs at the moment, runs inside included. */
    int performing;
    /** Runs inside that are driven at the moment. */
    int inside;
    /** Why the run fails once all that is in flight has reported; null while it does not. */
    @Nullable
    Failure failure;

    /** The run is to stop. */
    volatile boolean cancelled;
    /** The run is to start nothing more, and to stay resumable. */
    volatile boolean closing;
    /** The run is to pause, as the node stands still; {@link #closing} is raised with it. */
    volatile boolean halted;
    /** The run is not to wait for its running steps any longer. */
    volatile boolean overdue;

    record Failure(String code, String message) {}
}
