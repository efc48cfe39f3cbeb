package dev.hart.recipe;

import dev.hart.Inputs;
import java.math.BigDecimal;
import java.util.List;

/** Which stored recipe does a request. */
public sealed interface MatchResult {

    /** An intent template of the recipe fits the whole request. */
    record Exact(RecipeVersion recipe, Inputs inputs, String intent) implements MatchResult {}

    /** The words are close enough; every input is bound. */
    record Match(RecipeVersion recipe, Inputs inputs, BigDecimal score) implements MatchResult {}

    /** Several fit too equally well to choose. */
    record Ambiguous(List<Candidate> candidates) implements MatchResult {
        public Ambiguous {
            candidates = List.copyOf(candidates);
        }
    }

    /** Nothing fits. */
    record None() implements MatchResult {}

    /** One that might. */
    record Candidate(RecipeVersion recipe, BigDecimal score) {}
}
