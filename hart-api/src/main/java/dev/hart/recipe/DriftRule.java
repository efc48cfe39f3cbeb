package dev.hart.recipe;

import dev.hart.error.InputInvalidException;

/**
 * When the current version of a recipe counts as drifting: so many of its last replays have failed, or failed the recipe's
 * check.
 *
 * @param failures how many, at least 1
 * @param outOf of how many replays, from {@code failures} to 1,000
 * @param fallBack whether the version before then shows in shadow that it still passes, and takes over again if it does
 */
public record DriftRule(int failures, int outOf, boolean fallBack) {
    private static final int MOST = 1_000;

    public DriftRule {
        if (failures < 1 || outOf < failures || outOf > MOST) {
            throw new InputInvalidException(
                    "drift",
                    "must be 1 or more failures of as many replays or more, at most " + MOST + ", was " + failures
                            + " of " + outOf);
        }
    }

    /** So many failures of so many replays are reported; nothing else happens. */
    public static DriftRule of(int failures, int outOf) {
        return new DriftRule(failures, outOf, false);
    }

    /** The same, and the version before takes over again if it passes. */
    public DriftRule fallingBack() {
        return new DriftRule(failures, outOf, true);
    }
}
