package dev.hart.core.rollout;

import org.jspecify.annotations.Nullable;

/**
 * What a run is to a rollout; it stands in the run's journal.
 *
 * @param arm whose run it is
 * @param shadowed whether the candidate is to run beside it
 * @param why it does not count; null when it does
 */
public record Trial(
        String rolloutId,
        Arm arm,
        boolean shadowed,
        @Nullable String why) {
    /** Which version a trial tells about. */
    public enum Arm {
        BASELINE,
        CANDIDATE,
        /** It tells about none. */
        NOT_COMPARED
    }
}
