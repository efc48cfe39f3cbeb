package dev.hart.security.rules;

import dev.hart.security.rules.GovernanceDecision.Outcome;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The scorers of {@link Governance}: each turns what is known about one side of a decision into a {@link Signal}. All
 * but the content scorer follow fixed facts, and are 0.9 confident. Pure.
 */
public final class GovernanceScorers {
    private static final double FACT = 0.9;
    private static final Duration CONSENT = Duration.ofSeconds(Caps.CONSENT_SECONDS);
    private static final Set<String> PROHIBITED_TRADE = Set.of(
            "weapons",
            "drugs",
            "surveillance",
            "exploitation",
            "gambling_predatory",
            "data_harvesting",
            "dark_patterns");
    private static final List<Double> REVENUE_SHARES = List.of(0.90, 0.09, 0.01);

    private GovernanceScorers() {}

    /** How a conversation went; who calls it has read the text. */
    public record Conversation(
            boolean hasText,
            boolean brief,
            int dismissiveWords,
            boolean hasValue,
            boolean dependency,
            boolean distress) {
        public Conversation {
            requireCount(dismissiveWords, "dismissive words");
        }
    }

    /** {@code 1 / (1 + 2.5 matches)}; more text around the matches does not make it milder. */
    public static Signal content(int matches, int length) {
        requireCount(matches, "matches");
        requireCount(length, "the length");
        if (matches == 0) {
            return Signal.of("content", 1, FACT, 1.0, "no harmful content");
        }
        double confidence = Math.min(0.95, 0.5 + length / 2_000.0);
        return Signal.of("content", 1 / (1 + 2.5 * matches), confidence, 1.5, matches + " harmful passages");
    }

    public static Signal goal(boolean allowed) {
        return Signal.of(
                "goal", allowed ? 1 : 0.05, FACT, 1.5, allowed ? "the goal is allowed" : "the goal is refused");
    }

    /**
     * {@code 1 - 0.3 r} up to the budget and {@code max(0.05, 0.7 / r)} above it, {@code r} being cost over budget. A cost
     * against a budget of 0 is rejected.
     *
     * @param budget null when none is set, which is no objection
     */
    public static Signal budget(BigDecimal cost, @Nullable BigDecimal budget) {
        if (cost.signum() < 0 || budget != null && budget.signum() < 0) {
            throw new IllegalArgumentException("cost and budget are not negative, were " + cost + " and " + budget);
        }
        if (budget == null) {
            return Signal.of("budget", 1, FACT, 1.0, "no budget is set");
        }
        if (budget.signum() == 0) {
            boolean free = cost.signum() == 0;
            return Signal.of("budget", free ? 1 : 0, FACT, 1.0, free ? "it costs nothing" : "the budget is 0");
        }
        double ratio = cost.doubleValue() / budget.doubleValue();
        double score = ratio <= 1 ? 1 - 0.3 * ratio : Math.max(0.05, 0.7 / ratio);
        return Signal.of("budget", score, FACT, 1.0, "costs " + cost + " of " + budget);
    }

    /** {@code exp(-30 × deviations)} from users 0.90, infrastructure 0.09, central 0.01. */
    public static Signal revenue(double users, double infrastructure, double central) {
        double deviation = Math.abs(users - REVENUE_SHARES.get(0))
                + Math.abs(infrastructure - REVENUE_SHARES.get(1))
                + Math.abs(central - REVENUE_SHARES.get(2));
        if (!Double.isFinite(deviation)) {
            throw new IllegalArgumentException("shares of revenue are finite numbers");
        }
        // Above the smallest double: a bad split counts as one in a thousand, and is not an error.
        double score = Math.max(StrictMath.exp(-30 * deviation), Double.MIN_VALUE);
        return Signal.of("revenue", score, FACT, 2.0, "the split deviates by " + GovernanceDecision.rounded(deviation));
    }

    /** @param valid null when the node has no contract */
    public static Signal trust(@Nullable Boolean valid) {
        double score = valid == null ? 0.1 : valid ? 1 : 0.02;
        String reason = valid == null
                ? "no trust contract"
                : valid ? "the trust contract holds" : "the trust contract is invalid";
        return Signal.of("trust", score, FACT, 2.0, reason);
    }

    /**
     * Older than 24 hours {@code max(0.2, 0.8 / (age / 24))}, and DEFERRED at best.
     *
     * @param age of the consent; null when there is none
     */
    public static Signal consent(boolean needed, @Nullable Duration age) {
        if (!needed) {
            return Signal.of("consent", 1, FACT, 1.5, "no consent is needed");
        }
        if (age == null || age.isNegative()) {
            return Signal.of("consent", 0.15, FACT, 1.5, "consent is missing");
        }
        if (age.compareTo(CONSENT) <= 0) {
            return Signal.of("consent", 1, FACT, 1.5, "consent is fresh");
        }
        double days = (double) age.toSeconds() / CONSENT.toSeconds();
        return new Signal("consent", Math.max(0.2, 0.8 / days), FACT, 1.5, "consent has expired", Outcome.DEFERRED);
    }

    /**
     * {@code sqrt(min(1, share / 0.90) × consent)}, consent being 1 or 0.2; a prohibited trade 0.02.
     *
     * @param trade what is traded, in any spelling
     * @param usersShare of the revenue, 0 to 1
     */
    public static Signal commerce(String trade, double usersShare, boolean consent) {
        if (!(usersShare >= 0 && usersShare <= 1)) {
            throw new IllegalArgumentException("the users' share is from 0 to 1, was " + usersShare);
        }
        if (Names.isOneOf(trade, PROHIBITED_TRADE)) {
            return Signal.of("commerce", 0.02, FACT, 1.5, "this trade is prohibited");
        }
        double score = Math.sqrt(Math.min(1, usersShare / 0.90) * (consent ? 1 : 0.2));
        return Signal.of(
                "commerce", score, FACT, 1.5, "users get " + usersShare + (consent ? "" : ", without consent"));
    }

    /**
     * A prohibited skill 0.01; a gain above 0.05 {@code max(0.05, 0.05 / gain)}; else {@code 1 / (1 + 3 matches)}.
     *
     * @param skill null when none is gained
     * @param gain of accuracy, finite
     * @param matches of rules on self-interest
     */
    public static Signal selfSovereignty(@Nullable String skill, double gain, int matches) {
        requireCount(matches, "matches");
        if (!Double.isFinite(gain)) {
            throw new IllegalArgumentException("a gain is a finite number, was " + gain);
        }
        if (skill != null && Names.isOneOf(skill, Constitution.PROHIBITED_SKILLS)) {
            return Signal.of("self_sovereignty", 0.01, FACT, 2.0, "the skill is prohibited");
        }
        double most = Caps.ACCURACY_GAIN_PER_DAY.doubleValue();
        double score = gain > most ? Math.max(0.05, most / gain) : 1 / (1 + 3.0 * matches);
        return Signal.of("self_sovereignty", score, FACT, 2.0, "gain " + gain + ", self-interest " + matches);
    }

    /**
     * Starts at 1, times 0.6 for a brief answer, {@code max(0.3, 1 - 0.25 n)} for n dismissive words, 0.7 without value, 0.5 for
     * dependency and 0.4 for distress; 0.7 without a text.
     */
    public static Signal wellbeing(Conversation conversation) {
        if (!conversation.hasText()) {
            return Signal.of("wellbeing", 0.7, FACT, 1.5, "no text to judge");
        }
        double score = (conversation.brief() ? 0.6 : 1)
                * Math.max(0.3, 1 - 0.25 * conversation.dismissiveWords())
                * (conversation.hasValue() ? 1 : 0.7)
                * (conversation.dependency() ? 0.5 : 1)
                * (conversation.distress() ? 0.4 : 1);
        return Signal.of("wellbeing", score, FACT, 1.5, "how the conversation went");
    }

    public static Signal privacy(boolean allowed) {
        return Signal.of(
                "privacy",
                allowed ? 1 : 0.02,
                FACT,
                2.0,
                allowed ? "within its privacy scope" : "leaves its privacy scope");
    }

    private static void requireCount(int count, String what) {
        if (count < 0) {
            throw new IllegalArgumentException(what + " is 0 or more, was " + count);
        }
    }
}
