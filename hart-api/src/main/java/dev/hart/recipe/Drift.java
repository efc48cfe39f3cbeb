package dev.hart.recipe;

import java.time.Instant;
import java.util.List;

/**
 * The current version of a recipe does not do what it did: too many of its last replays have failed, or failed its check.
 *
 * @param recipe the recipe's name
 * @param since when it was first found to drift
 * @param failures how many of the last replays
 * @param outOf how many replays were looked at
 * @param problems of the latest replay that failed, without secrets
 */
public record Drift(
        String recipeId, String recipe, int version, Instant since, int failures, int outOf, List<String> problems) {
    public Drift {
        problems = List.copyOf(problems);
    }
}
