package dev.hart.security.rules;

import dev.hart.security.rules.GovernanceDecision.Outcome;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one scorer says about a decision.
 *
 * @param score 0 to 1; 1 is fine
 * @param confidence 0 to 1
 * @param weight above 0
 * @param best no decision with this signal gets a better outcome
 */
public record Signal(String name, double score, double confidence, double weight, String reasoning, Outcome best) {
    private static final Logger LOG = LoggerFactory.getLogger(Signal.class);

    public Signal {
        if (!(score >= 0 && score <= 1)) {
            throw new IllegalArgumentException("the score of " + name + " is from 0 to 1, was " + score);
        }
        if (!(confidence >= 0 && confidence <= 1)) {
            throw new IllegalArgumentException("the confidence of " + name + " is from 0 to 1, was " + confidence);
        }
        if (!(weight > 0) || Double.isInfinite(weight)) {
            throw new IllegalArgumentException("the weight of " + name + " is above 0, was " + weight);
        }
        best = score == 0 ? Outcome.REJECTED : best;
    }

    /** A signal that bounds the outcome by its score alone: a score of 0 means REJECTED, whatever the others say. */
    public static Signal of(String name, double score, double confidence, double weight, String reasoning) {
        return new Signal(name, score, confidence, weight, reasoning, Outcome.APPROVED);
    }

    /** What a scorer gives; when it throws, a score of 0 with full confidence, and the cause in the log. */
    public static Signal from(String name, double weight, Supplier<Signal> scorer) {
        try {
            return scorer.get();
        } catch (RuntimeException e) {
            LOG.error("scorer {} failed, which counts as a score of 0", name, e);
            return of(name, 0, 1, weight, "the scorer failed");
        }
    }
}
