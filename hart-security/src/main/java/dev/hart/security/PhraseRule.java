package dev.hart.security;

import org.jspecify.annotations.Nullable;

/**
 * Words of several families close together.
 *
 * @param id of the rule that a hit counts for; null when a hit stands for a family itself
 * @param weight 0 to 100
 * @param userWeight the weight in a user's own text
 * @param slots for each part the families that fill it
 * @param window longest distance from the first to the last word, in units of {@link Words}
 * @param ordered the parts come in this order
 * @param untrustedOnly counts only in text of peers, tools and retrieval
 * @param meaning the family a hit stands for, or -1
 */
record PhraseRule(
        @Nullable String id,
        int weight,
        int userWeight,
        int[][] slots,
        int window,
        boolean ordered,
        boolean untrustedOnly,
        int meaning) {}
