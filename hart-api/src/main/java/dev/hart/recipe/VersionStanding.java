package dev.hart.recipe;

import java.util.List;

/**
 * What one version of a recipe is to it.
 *
 * @param reasons why it is not the current version, where somebody or something decided that
 */
public record VersionStanding(int version, Standing standing, List<String> reasons) {
    public VersionStanding {
        reasons = List.copyOf(reasons);
    }

    /** What a version can be. */
    public enum Standing {
        /** Requests, runs by name and schedules take it. */
        CURRENT,
        /** It came before the current one. */
        EARLIER,
        /** Not complete yet. */
        DRAFT,
        /** It is to prove itself first. */
        CANDIDATE,
        /** It had its chance, and lost it. */
        ROLLED_BACK,
        /** An older version took its place again. */
        REPLACED
    }
}
