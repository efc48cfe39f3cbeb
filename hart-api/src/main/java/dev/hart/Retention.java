package dev.hart;

import dev.hart.recipe.RecipeVersion;
import java.time.Instant;
import java.util.List;

/**
 * What may be forgotten. Nothing is unless one of these is called: journals are evidence, and how long to keep it is for their
 * owner to say. Thread-safe.
 */
public interface Retention {

    /**
     * Deletes the runs that ended before that moment, each with its whole journal. Kept are those that taught a version of a
     * recipe that is still stored, as its savings are measured by them; those that an unfinished run still reads, being a rerun
     * of them; and a run inside another one for as long as that one is kept.
     *
     * @return how many were deleted; they stay deleted when a later one cannot be
     */
    int deleteRunsEndedBefore(Instant moment);

    /**
     * Deletes all versions of a recipe but the newest ones, with the experience of them. Kept are also the version that requests
     * take, one that a rollout compares, one that a step of a stored recipe runs, and those that a stored run used, as it could
     * not be read without: delete the runs first. A number is never given to another version.
     *
     * @param newest how many of the newest versions stay, at least 1
     * @return the deleted ones, newest first
     * @throws dev.hart.error.RecipeNotFoundException when there is no such recipe
     * @throws dev.hart.error.InputInvalidException when {@code newest} is below 1
     */
    List<RecipeVersion> deleteVersionsBehind(String nameOrId, int newest);
}
