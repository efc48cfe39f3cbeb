package dev.hart.security.rules;

import dev.hart.security.rules.GovernanceDecision.Outcome;
import dev.hart.security.rules.GovernanceDecision.Scores;
import java.math.BigDecimal;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Advice on decisions that rules alone do not settle. It stands under the gate: it never makes a refusal of the
 * {@link dev.hart.security.Guardrails} milder. Decisions form a chain of hashes, appended under one lock. Thread-safe.
 *
 * <p>The aggregate is the weighted geometric mean {@code exp(Σ w ln(max(s, 0.001)) / Σ w)}, so one bad signal counts more
 * than many good ones make up for. An adjustment of the caller is bounded the tighter the more confident the signals are;
 * then the bounds multiply. A signal of 0 means REJECTED, an unknown domain or no signal at all DEFERRED at best.
 */
public final class Governance {
    private static final BigDecimal APPROVED = new BigDecimal("0.7");
    private static final BigDecimal BOUNDED = new BigDecimal("0.5");
    private static final BigDecimal DEFERRED = new BigDecimal("0.3");
    private static final double LEAST_SCORE = 0.001;
    private static final int AUDITED = 50;
    private static final int LEAST_AUDITED = 20;
    private static final Set<String> DOMAINS = Set.of(
            "content",
            "goal",
            "budget",
            "revenue",
            "trust",
            "consent",
            "commerce",
            "self_sovereignty",
            "wellbeing",
            "privacy");

    private final Clock clock;
    private final Deque<Past> past = new ArrayDeque<>();
    private String head;

    private record Past(String domain, Outcome outcome, double score) {}

    /**
     * What bounds a decision whatever its signals say; null where it does not apply.
     *
     * @param entityShare of one operator in all influence, 0 to 1
     * @param witnesses how many saw it
     * @param gain by which accuracy would rise
     */
    public record Bounds(
            @Nullable Double entityShare,
            @Nullable Integer witnesses,
            @Nullable Double gain) {
        public static final Bounds NONE = new Bounds(null, null, null);

        public Bounds {
            if (entityShare != null && !(entityShare >= 0 && entityShare <= 1)) {
                throw new IllegalArgumentException("a share is from 0 to 1, was " + entityShare);
            }
            if (witnesses != null && witnesses < 0) {
                throw new IllegalArgumentException("witnesses are 0 or more, were " + witnesses);
            }
            if (gain != null && !Double.isFinite(gain)) {
                throw new IllegalArgumentException("a gain is a finite number, was " + gain);
            }
        }

        double factor() {
            double share = Caps.OPERATOR_SHARE.doubleValue();
            double most = Caps.ACCURACY_GAIN_PER_DAY.doubleValue();
            double factor = entityShare != null && entityShare > share ? share / entityShare : 1;
            if (witnesses != null && witnesses < Caps.WITNESSES) {
                factor *= (double) witnesses / Caps.WITNESSES;
            }
            return gain != null && gain > most ? factor * most / gain : factor;
        }
    }

    /** A chain that begins here. */
    public Governance(Clock clock) {
        this(clock, List.of());
    }

    /**
     * A chain that goes on.
     *
     * @param earlier its last decisions, the oldest first; 50 are enough
     * @throws IllegalArgumentException when they are no chain
     */
    public Governance(Clock clock, List<GovernanceDecision> earlier) {
        this.clock = clock;
        this.head = GovernanceDecision.FIRST_PARENT;
        if (!earlier.isEmpty()) {
            if (!GovernanceDecision.isChain(earlier, earlier.get(0).parentHash())) {
                throw new IllegalArgumentException("the earlier decisions are no chain: one was changed or is missing");
            }
            earlier.forEach(this::remember);
        }
    }

    /**
     * Decides, and appends to the chain.
     *
     * @param domain one of content, goal, budget, revenue, trust, consent, commerce, self_sovereignty, wellbeing, privacy;
     *     any other is DEFERRED at best
     * @param adjustment what the caller would add to the aggregate, finite; bounded to ±0.1 to ±0.3
     */
    public synchronized GovernanceDecision decide(
            String domain, List<Signal> signals, double adjustment, Bounds bounds) {
        if (!Double.isFinite(adjustment)) {
            throw new IllegalArgumentException("an adjustment is a finite number, was " + adjustment);
        }
        double aggregate = aggregate(signals);
        double most = mostAdjustment(confidence(signals));
        double adjusted = Math.max(-most, Math.min(most, adjustment));
        double result = Math.max(0, Math.min(1, aggregate + adjusted)) * bounds.factor() * selfAudit(domain);
        Outcome outcome = outcome(result);
        StringBuilder reasoning = new StringBuilder();
        for (Signal signal : signals) {
            outcome = outcome.orWorse(signal.best());
            reasoning.append(reasoning.isEmpty() ? "" : "; ").append(signal.reasoning());
        }
        if (!DOMAINS.contains(domain) || signals.isEmpty()) {
            outcome = outcome.orWorse(Outcome.DEFERRED);
            reasoning.append(reasoning.isEmpty() ? "" : "; ").append("nothing here judges this domain");
        }
        GovernanceDecision decision = GovernanceDecision.chained(
                domain,
                outcome,
                signals,
                new Scores(aggregate, adjusted, result),
                reasoning.toString(),
                clock.instant(),
                head);
        remember(decision);
        return decision;
    }

    /** The weighted geometric mean of the scores, each at least 0.001; 1 without signals. */
    public static double aggregate(List<Signal> signals) {
        double weights = 0;
        double sum = 0;
        for (Signal signal : signals) {
            weights += signal.weight();
            sum += signal.weight() * StrictMath.log(Math.max(signal.score(), LEAST_SCORE));
        }
        return weights == 0 ? 1 : Math.min(1, StrictMath.exp(sum / weights));
    }

    /** The weighted mean of the confidences; 0 without signals. */
    public static double confidence(List<Signal> signals) {
        double weights = signals.stream().mapToDouble(Signal::weight).sum();
        double sum =
                signals.stream().mapToDouble(s -> s.weight() * s.confidence()).sum();
        return weights == 0 ? 0 : Math.min(1, sum / weights);
    }

    /** How far the caller may move the aggregate. */
    static double mostAdjustment(double confidence) {
        return confidence > 0.8 ? 0.1 : confidence > 0.4 ? 0.2 : 0.3;
    }

    /** The outcome of a score: APPROVED from 0.7, BOUNDED from 0.5, DEFERRED from 0.3; judged with 6 decimals. */
    static Outcome outcome(double score) {
        BigDecimal exact = GovernanceDecision.rounded(score);
        if (exact.compareTo(APPROVED) >= 0) {
            return Outcome.APPROVED;
        }
        if (exact.compareTo(BOUNDED) >= 0) {
            return Outcome.BOUNDED;
        }
        return exact.compareTo(DEFERRED) >= 0 ? Outcome.DEFERRED : Outcome.REJECTED;
    }

    /** Thresholds as the guardrail hash takes them in. */
    static Map<String, Object> thresholds() {
        return Map.of(
                "approved", APPROVED.toPlainString(),
                "bounded", BOUNDED.toPlainString(),
                "deferred", DEFERRED.toPlainString(),
                "least_score", "0.001",
                "domains", DOMAINS.stream().sorted().toList());
    }

    /** Doubt about itself: it approved nearly everything, refused nearly a whole domain, or is erratic in it. */
    private double selfAudit(String domain) {
        if (past.size() < LEAST_AUDITED) {
            return 1;
        }
        long high = past.stream().filter(p -> p.score() > 0.9).count();
        double factor = high > 0.85 * past.size() ? 0.9 : 1;
        List<Past> same = past.stream().filter(p -> p.domain().equals(domain)).toList();
        long rejected =
                same.stream().filter(p -> p.outcome() == Outcome.REJECTED).count();
        if (same.size() >= 5 && rejected > 0.8 * same.size()) {
            factor *= 0.85;
        }
        return same.size() >= 3 && variance(same) > 0.15 ? factor * 0.9 : factor;
    }

    private static double variance(List<Past> decisions) {
        double mean = decisions.stream().mapToDouble(Past::score).average().orElse(0);
        return decisions.stream()
                .mapToDouble(p -> (p.score() - mean) * (p.score() - mean))
                .average()
                .orElse(0);
    }

    private void remember(GovernanceDecision decision) {
        past.addLast(new Past(
                decision.domain(), decision.outcome(), decision.finalScore().doubleValue()));
        if (past.size() > AUDITED) {
            past.removeFirst();
        }
        head = decision.auditHash();
    }
}
