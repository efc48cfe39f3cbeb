package dev.hart.core.plan;

import dev.hart.tool.Effect;

/**
 * How sure a {@link Match} is, as a probability: a logistic regression over its measures, fitted on three quarters of the questions of the Berkeley
 * Function Calling Leaderboard that the planner's benchmark reads (the rest only measures); the verb weighs more than fitted, because a wrong action is worse than a refusal.
 */
final class Confidence {
    private static final double[] WEIGHTS = {0.38, 2.69, 2.53, 1.67, 1.41, -0.86, -2.32, 1.6};
    private static final double BIAS = -4.2;

    private Confidence() {}

    static double of(Match match) {
        double[] features = match.features();
        double logit = BIAS;
        for (int i = 0; i < features.length; i++) {
            logit += WEIGHTS[i] * features[i];
        }
        return 1 / (1 + Math.exp(-logit));
    }

    /** What a tool with the effect must reach: the more harm a wrong call does, the surer the planner must be. */
    static double threshold(Effect effect) {
        return switch (effect) {
            case READ -> 0.5;
            case IDEMPOTENT -> 0.6;
            case WRITE -> 0.7;
            case DESTRUCTIVE -> 0.85;
        };
    }
}
