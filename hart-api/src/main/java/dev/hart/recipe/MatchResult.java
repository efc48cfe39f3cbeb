package dev.hart.recipe;

import dev.hart.Inputs;
import java.math.BigDecimal;
import java.util.List;

/** Which stored recipe does a request. */
public sealed interface MatchResult {

    /** Why this recipe, which words each input came from, and the runner-up; or why there is none. */
    MatchExplanation explain();

    /** An intent template of the recipe fits the whole request. */
    record Exact(RecipeVersion recipe, Inputs inputs, String intent, MatchExplanation explain) implements MatchResult {}

    /**
     * The words, or the meaning, are close enough to the recipe's examples; every required input is bound.
     *
     * @param score 0 to 1: how many of the words are shared, or the probability that it is the right recipe
     */
    record Match(RecipeVersion recipe, Inputs inputs, BigDecimal score, MatchExplanation explain)
            implements MatchResult {}

    /** Several fit too equally well to choose. */
    record Ambiguous(List<Candidate> candidates, MatchExplanation explain) implements MatchResult {
        public Ambiguous {
            candidates = List.copyOf(candidates);
        }
    }

    /** Nothing fits. */
    record None(MatchExplanation explain) implements MatchResult {}

    /** One that might. */
    record Candidate(RecipeVersion recipe, BigDecimal score) {}
}
