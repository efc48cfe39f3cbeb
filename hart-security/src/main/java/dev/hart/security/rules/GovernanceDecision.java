package dev.hart.security.rules;

import dev.hart.security.canonical.CanonicalText;
import dev.hart.security.canonical.SignedBytes;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * An advice of {@link Governance}, chained to the one before it.
 *
 * @param decisionId 16 hex digits
 * @param aggregateScore of the signals, with 6 decimals
 * @param intelligentAdjustment as it was bounded, with 6 decimals
 * @param finalScore what the outcome was read from, with 6 decimals
 * @param timestamp to the millisecond
 * @param auditHash SHA-256 over everything else, {@code parentHash} included; 64 hex digits
 * @param parentHash the audit hash of the decision before, 64 zeros for the first
 */
public record GovernanceDecision(
        String decisionId,
        String domain,
        Outcome outcome,
        List<Signal> signals,
        BigDecimal aggregateScore,
        BigDecimal intelligentAdjustment,
        BigDecimal finalScore,
        String reasoning,
        Instant timestamp,
        String auditHash,
        String parentHash) {
    static final String FIRST_PARENT = "0".repeat(64);

    /** From the best to the worst. */
    public enum Outcome {
        APPROVED,
        BOUNDED,
        DEFERRED,
        REJECTED;

        Outcome orWorse(Outcome other) {
            return compareTo(other) >= 0 ? this : other;
        }
    }

    public GovernanceDecision {
        signals = List.copyOf(signals);
    }

    static GovernanceDecision chained(
            String domain,
            Outcome outcome,
            List<Signal> signals,
            Scores scores,
            String reasoning,
            Instant now,
            String parentHash) {
        Instant timestamp = now.truncatedTo(ChronoUnit.MILLIS);
        String id =
                SignedBytes.sha256(parentHash + "|" + timestamp + "|" + domain).substring(0, 16);
        GovernanceDecision open = new GovernanceDecision(
                id,
                domain,
                outcome,
                signals,
                rounded(scores.aggregate()),
                rounded(scores.adjustment()),
                rounded(scores.result()),
                reasoning,
                timestamp,
                "",
                parentHash);
        return open.withHash(open.hash());
    }

    /** @param result after adjustment and bounds */
    record Scores(double aggregate, double adjustment, double result) {}

    /** Whether the decision is as it was written. */
    public boolean isIntact() {
        return hash().equals(auditHash);
    }

    /** Whether each decision is intact and names the one before it. */
    public static boolean isChain(List<GovernanceDecision> decisions, String parentOfFirst) {
        String parent = parentOfFirst;
        for (GovernanceDecision decision : decisions) {
            if (!decision.isIntact() || !decision.parentHash().equals(parent)) {
                return false;
            }
            parent = decision.auditHash();
        }
        return true;
    }

    private GovernanceDecision withHash(String hash) {
        return new GovernanceDecision(
                decisionId,
                domain,
                outcome,
                signals,
                aggregateScore,
                intelligentAdjustment,
                finalScore,
                reasoning,
                timestamp,
                hash,
                parentHash);
    }

    private String hash() {
        Map<String, Object> json = new TreeMap<>();
        json.put("decision_id", decisionId);
        json.put("domain", domain);
        json.put("outcome", outcome.name());
        json.put("signals", signals.stream().map(GovernanceDecision::asJson).toList());
        json.put("aggregate_score", aggregateScore.toPlainString());
        json.put("intelligent_adjustment", intelligentAdjustment.toPlainString());
        json.put("final_score", finalScore.toPlainString());
        json.put("reasoning", reasoning);
        json.put("timestamp", timestamp.toString());
        json.put("parent_hash", parentHash);
        return SignedBytes.sha256(CanonicalText.of(json));
    }

    private static Map<String, Object> asJson(Signal signal) {
        return Map.of(
                "name", signal.name(),
                "score", rounded(signal.score()).toPlainString(),
                "confidence", rounded(signal.confidence()).toPlainString(),
                "weight", rounded(signal.weight()).toPlainString(),
                "reasoning", signal.reasoning(),
                "best", signal.best().name());
    }

    static BigDecimal rounded(double value) {
        return new BigDecimal(value).setScale(6, RoundingMode.HALF_EVEN);
    }
}
