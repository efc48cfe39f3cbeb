package dev.hart.security.rules;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** The thresholds from which what was counted about a peer is an alert. Pure; the caller counts. */
public final class FraudSignals {
    private static final double LEAST_VIEWS = 50;
    private static final double LEAST_SPARK = 10;
    private static final Duration CLUSTER = Duration.ofSeconds(5);

    private FraudSignals() {}

    /** A reward, by who confirmed and who got it. */
    public record Reward(String witnessOperator, String beneficiaryOperator) {}

    /** A challenge's count is less than half of what the peer claims. */
    public static boolean failsCount(long actual, long claimed) {
        return requireCount(actual) * 2.0 < requireCount(claimed);
    }

    /** {@link FraudAlert#IMPRESSION_ANOMALY}: one node's views of 24 hours among those of all nodes. */
    public static boolean impressionAnomaly(double views, Collection<Double> ofAllNodes) {
        return Outliers.isAnomaly(views, ofAllNodes, LEAST_VIEWS);
    }

    /** {@link FraudAlert#REWARD_VELOCITY_ANOMALY}: one node's rewards of 24 hours in Spark among those of all nodes. */
    public static boolean rewardVelocityAnomaly(double spark, Collection<Double> ofAllNodes) {
        return Outliers.isAnomaly(spark, ofAllNodes, LEAST_SPARK);
    }

    /** {@link FraudAlert#SCORE_JUMP}: agents (above 5 before) or posts (above 10 before) more than tripled. */
    public static boolean scoreJump(long agentsBefore, long agents, long postsBefore, long posts) {
        return agentsBefore > 5 && agents > 3.0 * agentsBefore || postsBefore > 10 && posts > 3.0 * postsBefore;
    }

    /** {@link FraudAlert#CONSENSUS_DISAGREEMENT}: two reports or more of a peer's agents differ by over half their mean. */
    public static boolean consensusDisagreement(List<Long> reports) {
        reports.forEach(FraudSignals::requireCount);
        if (reports.size() < 2) {
            return false;
        }
        var counts = reports.stream().mapToLong(Long::longValue).summaryStatistics();
        return counts.getAverage() > 0 && (counts.getMax() - counts.getMin()) / counts.getAverage() > 0.5;
    }

    /** {@link FraudAlert#COLLUSION_SUSPECTED}: 5 attestations or more in 7 days, over 80 % from one attester. */
    public static boolean collusion(Map<String, Integer> attestationsByAttester) {
        long total = attestationsByAttester.values().stream()
                .mapToLong(FraudSignals::requireCount)
                .sum();
        long most = attestationsByAttester.values().stream()
                .mapToLong(Integer::longValue)
                .max()
                .orElse(0);
        return total >= 5 && most * 5 > total * 4;
    }

    /**
     * {@link FraudAlert#REWARD_SELF_DEALING}: over 5 rewards, over half of them confirmed by the beneficiary's own operator;
     * or over 10 impressions confirmed by 1 or 2 witnesses within 7 days.
     */
    public static boolean selfDealing(List<Reward> rewards, long impressions, int witnesses) {
        long own = rewards.stream()
                .filter(reward -> reward.witnessOperator().equals(reward.beneficiaryOperator()))
                .count();
        return rewards.size() > 5 && own * 2 > rewards.size()
                || requireCount(impressions) > 10 && requireCount(witnesses) <= 2;
    }

    /**
     * {@link FraudAlert#SPARK_GAMING} within 48 hours: 5 goals or more, over 70 % failed and over 100 Spark spent; or over 10
     * abandoned and over 200 spent.
     */
    public static boolean sparkGaming(int goals, int failed, int abandoned, BigDecimal spent) {
        return requireCount(goals) >= 5
                        && requireCount(failed) * 10 > goals * 7L
                        && spent.compareTo(BigDecimal.valueOf(100)) > 0
                || requireCount(abandoned) > 10 && spent.compareTo(BigDecimal.valueOf(200)) > 0;
    }

    /**
     * {@link FraudAlert#WITNESS_RING}: 10 impressions or more, 1 or 2 witnesses, and each of them was witnessed in return at
     * least 5 times and at least 0.9 times as often.
     *
     * @param given by witness, how often it confirmed this node
     * @param returned by witness, how often this node confirmed it
     */
    public static boolean witnessRing(Map<String, Integer> given, Map<String, Integer> returned) {
        long impressions =
                given.values().stream().mapToLong(FraudSignals::requireCount).sum();
        return impressions >= 10
                && given.size() <= 2
                && given.entrySet().stream().allMatch(witness -> {
                    long back = returned.getOrDefault(witness.getKey(), 0);
                    return back >= 5 && back * 10 >= witness.getValue() * 9L;
                });
    }

    /** {@link FraudAlert#TEMPORAL_CLUSTERING}: 20 events or more within the hour, 10 or more of them within 5 seconds. */
    public static boolean temporalClustering(Collection<Instant> ofOneHour) {
        if (ofOneHour.size() < 20) {
            return false;
        }
        List<Instant> sorted = ofOneHour.stream().sorted().toList();
        for (int i = 9; i < sorted.size(); i++) {
            if (Duration.between(sorted.get(i - 9), sorted.get(i)).compareTo(CLUSTER) <= 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * {@link FraudAlert#AUDIT_DOMINANCE}: the target computes as much as all its auditors together. With fewer than 4 nodes,
     * the target among them, there is nothing to see.
     */
    public static boolean auditDominance(double target, Collection<Double> auditors) {
        return auditors.size() + 1 >= 4
                && target >= auditors.stream().mapToDouble(Double::doubleValue).sum();
    }

    private static long requireCount(long count) {
        if (count < 0) {
            throw new IllegalArgumentException("a count is 0 or more, was " + count);
        }
        return count;
    }
}
