package dev.hart.core.rollout;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run came to, as a rollout and a drift rule see it.
 *
 * @param agreed whether a shadow run came to what the current version did; null when that is not asked
 * @param millis of its steps, waiting left out
 * @param problems without secrets
 */
public record TrialResult(
        String runId, boolean passed, @Nullable Boolean agreed, long millis, long microSpark, List<String> problems) {
    public TrialResult {
        problems = List.copyOf(problems);
    }
}
