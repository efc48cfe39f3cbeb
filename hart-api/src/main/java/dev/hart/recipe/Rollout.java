package dev.hart.recipe;

import dev.hart.Spark;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A new version of a recipe on its way to become the current one, as it stood when this object was made. Immutable.
 *
 * @param id UUIDv7
 * @param recipe the recipe's name
 * @param baseline the version that was the current one when it began
 * @param candidate the version that proves itself
 * @param cause why it was begun
 * @param endsAt when it ends at the latest
 * @param endedAt null while it goes on
 * @param reasons why it ended as it did; empty while it goes on
 * @param tried what the candidate has shown so far
 * @param current what the baseline has shown in the same time
 * @param compared how many shadow runs could be compared with the result of the baseline
 * @param agreed how many of them came to the same result
 * @param notCompared how many runs did not count: a shadow run that could not be compared, a request that the candidate cannot take
 */
public record Rollout(
        String id,
        String recipeId,
        String recipe,
        int baseline,
        int candidate,
        RolloutPlan plan,
        String cause,
        State state,
        Instant startedAt,
        Instant endsAt,
        @Nullable Instant endedAt,
        List<String> reasons,
        Tally tried,
        Tally current,
        int compared,
        int agreed,
        int notCompared) {
    public Rollout {
        reasons = List.copyOf(reasons);
    }

    /** Where a rollout stands. It leaves RUNNING once, and never comes back. */
    public enum State {
        RUNNING,
        /** The candidate is the current version from then on. */
        PROMOTED,
        /** The baseline stays the current version. */
        ROLLED_BACK,
        /** Another version became the current one meanwhile, so there was nothing left to decide. */
        SUPERSEDED
    }

    /**
     * What one version has shown.
     *
     * @param runs that count
     * @param passed how many ended well and passed the recipe's check
     * @param time of their steps, waiting left out
     * @param cost of their models
     */
    public record Tally(int runs, int passed, Duration time, Spark cost) {}

    /** The recipe and its candidate, as people write it. */
    public String label() {
        return recipe + "@" + candidate;
    }
}
