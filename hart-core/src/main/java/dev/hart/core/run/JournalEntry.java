package dev.hart.core.run;

import dev.hart.RunEvent;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One event of a run, before it is written or as it was read.
 *
 * @param task the ledger task it belongs to: an action's, or {@link #RUN}
 */
record JournalEntry(String task, RunEvent.Type type, Map<String, @Nullable Object> payload) {
    static final String RUN = "run";

    /** Whether it belongs to the journal, not only to listeners. */
    static boolean isJournalled(RunEvent.Type type) {
        return switch (type) {
            case RUN_PLANNING,
                    TRANSITION_REJECTED,
                    VERDICT_ID_MISMATCH,
                    RECIPE_SAVED,
                    ROLLOUT_STARTED,
                    ROLLOUT_TRIED,
                    ROLLOUT_ENDED,
                    RECIPE_DRIFTING -> false;
            default -> true;
        };
    }
}
