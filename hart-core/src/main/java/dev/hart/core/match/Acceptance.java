package dev.hart.core.match;

import dev.hart.core.match.RecipeRanker.Ranked;
import java.util.List;

/**
 * Whether the best ranked recipe is good enough to be used: a logistic regression over its score, its share of all odds, the
 * likeness of its nearest example, and how many examples it has. Fitted on training sentences of CLINC150 that are neither
 * examples nor held out, with some intents left out of the catalogue and out-of-scope sentences as what must be refused.
 */
public enum Acceptance {
    /** For recipes that only read: most requests are served, and nine in ten of those that fit no recipe are refused. */
    DEFAULT(
            new double[] {-0.486, 1.383, -0.238, 8.9, -1.561},
            0.28,
            new double[] {4.137, 2.267, -1.152, 3.003, -1.198},
            0.30),
    /** For recipes with effects: of what is accepted, 98 in 100 are right. */
    CAREFUL(
            new double[] {1.66, 1.129, 0.221, 5.292, -1.157},
            0.945,
            new double[] {3.598, 1.44, -0.364, 2.506, -0.762},
            0.97);

    /** Fewer examples do not show which of their words may be others. */
    public static final int FEWEST_EXAMPLES = 3;
    /** Shares that are less apart are taken for equal. */
    static final double LEAD = 0.05;

    private static final double HIGHEST_SCORE = 15;
    private static final double MOST_EXAMPLES = 40;

    private final double[] byMeaning;
    private final double byMeaningAtLeast;
    private final double[] byWords;
    private final double byWordsAtLeast;

    Acceptance(double[] byMeaning, double byMeaningAtLeast, double[] byWords, double byWordsAtLeast) {
        this.byMeaning = byMeaning;
        this.byMeaningAtLeast = byMeaningAtLeast;
        this.byWords = byWords;
        this.byWordsAtLeast = byWordsAtLeast;
    }

    /** The probability that the recipe is the right one, 0 to 1. */
    public double probability(Ranked<?> best, boolean withMeaning) {
        double[] weights = withMeaning ? byMeaning : byWords;
        double logit = weights[0]
                + weights[1] * Math.max(-HIGHEST_SCORE, Math.min(HIGHEST_SCORE, best.score()))
                + weights[2] * Math.log(Math.max(1e-6, best.share()))
                + weights[3] * best.likeness()
                + weights[4] * Math.log(Math.min(MOST_EXAMPLES, best.examples()));
        return 1 / (1 + Math.exp(-logit));
    }

    /** The least probability that is accepted. */
    public double threshold(boolean withMeaning) {
        return withMeaning ? byMeaningAtLeast : byWordsAtLeast;
    }

    /** Whether the first of the ranked is accepted; how near the second is does not count. */
    public boolean accepts(Ranked<?> best, boolean withMeaning) {
        return best.examples() >= FEWEST_EXAMPLES && probability(best, withMeaning) >= threshold(withMeaning);
    }

    /** Whether the first two fit equally well. */
    public static boolean isTie(List<? extends Ranked<?>> ranked) {
        return ranked.size() > 1 && ranked.get(0).share() - ranked.get(1).share() < LEAD;
    }
}
