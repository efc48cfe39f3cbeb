package dev.hart;

/** Where a run stands. */
public enum RunState {
    RUNNING,
    /** Waits for a person: an answer, an approval, or a decision about a step that is in doubt. */
    PAUSED,
    SUCCEEDED,
    FAILED,
    CANCELLED;

    /** Whether the run is over; an ended run never changes again. */
    public boolean hasEnded() {
        return this == SUCCEEDED || this == FAILED || this == CANCELLED;
    }
}
