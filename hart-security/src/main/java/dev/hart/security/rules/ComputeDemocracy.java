package dev.hart.security.rules;

import dev.hart.Spark;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Influence grows with the logarithm of hardware, and no operator has more than 5 % of it. Pure.
 */
public final class ComputeDemocracy {
    private static final int DIGITS = 6;
    private static final double PLAIN_RAM_GB = 8;

    private ComputeDemocracy() {}

    /**
     * One node's part in the influence of its operator.
     *
     * @param operator who answers for the node
     * @param verified whether it is proven who that is; other nodes do not count
     * @param weight more than zero, at most 6 decimals
     */
    public record NodeWeight(String node, String operator, boolean verified, BigDecimal weight) {
        public NodeWeight {
            requireWeight(weight, "the weight of node " + node);
        }
    }

    /**
     * {@code log2(gpus × ramGb / 8) + 1}, from 1 to 5, with 6 decimals; 0 GPUs count as 1, 0 GB as 8 and less than 1 GB as 1. Ten GPUs weigh
     * 4.32 and a hundred weigh 5: five times one GPU, and no more.
     *
     * @throws IllegalArgumentException for a negative, infinite or undefined figure
     */
    public static BigDecimal weight(int gpus, double ramGb) {
        if (gpus < 0) {
            throw new IllegalArgumentException("a node has 0 GPUs or more, was " + gpus);
        }
        if (!(ramGb >= 0) || Double.isInfinite(ramGb)) {
            throw new IllegalArgumentException("a node has 0 GB of memory or more, was " + ramGb);
        }
        double memory = ramGb == 0 ? PLAIN_RAM_GB : Math.max(ramGb, 1);
        double size = Math.max(gpus, 1) * memory / PLAIN_RAM_GB;
        double raw = StrictMath.log(Math.max(size, 1)) / StrictMath.log(2) + 1;
        double capped = Math.min(raw, Caps.INFLUENCE_WEIGHT.doubleValue());
        return new BigDecimal(capped).setScale(DIGITS, RoundingMode.HALF_EVEN);
    }

    /**
     * {@code base × weight / 5}, to the micro-Spark, HALF_EVEN.
     *
     * @param base not negative
     * @param weight as {@link #weight} gives it or {@link #capped} lowered it: above 0, at most 5; rounded to 6 decimals first
     */
    public static Spark adjustedReward(Spark base, BigDecimal weight) {
        if (base.micro() < 0) {
            throw new IllegalArgumentException("a reward is not negative, was " + base);
        }
        BigDecimal exact = weight.setScale(DIGITS, RoundingMode.HALF_EVEN);
        if (exact.signum() < 0 || exact.compareTo(Caps.INFLUENCE_WEIGHT) > 0) {
            throw new IllegalArgumentException("a weight is from 0 to " + Caps.INFLUENCE_WEIGHT + ", was " + weight);
        }
        BigDecimal micro = BigDecimal.valueOf(base.micro())
                .multiply(exact)
                .divide(Caps.INFLUENCE_WEIGHT, 0, RoundingMode.HALF_EVEN);
        return new Spark(micro.longValueExact());
    }

    /** The weight of each verified operator: the sum over its nodes. */
    public static Map<String, BigDecimal> byOperator(Collection<NodeWeight> nodes) {
        Map<String, BigDecimal> sums = new TreeMap<>();
        for (NodeWeight node : nodes) {
            if (node.verified()) {
                sums.merge(node.operator(), node.weight(), BigDecimal::add);
            }
        }
        return Map.copyOf(sums);
    }

    /** Each operator's share of all weight, with 4 decimals. */
    public static Map<String, BigDecimal> shares(Map<String, BigDecimal> weights) {
        weights.forEach((operator, weight) -> requireWeight(weight, "the weight of operator " + operator));
        BigDecimal total = sum(weights.values());
        Map<String, BigDecimal> shares = new TreeMap<>();
        weights.forEach((operator, weight) -> shares.put(operator, weight.divide(total, 4, RoundingMode.HALF_EVEN)));
        return Map.copyOf(shares);
    }

    /** Operators with more than 5 % of all weight, sorted; none while there are fewer than 20 operators. */
    public static List<String> concentrated(Map<String, BigDecimal> weights) {
        weights.forEach((operator, weight) -> requireWeight(weight, "the weight of operator " + operator));
        if (weights.size() < Caps.OPERATORS_TO_MEASURE) {
            return List.of();
        }
        BigDecimal most = sum(weights.values()).multiply(Caps.OPERATOR_SHARE);
        return weights.entrySet().stream()
                .filter(entry -> entry.getValue().compareTo(most) > 0)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    /**
     * The weights with the {@code k} largest lowered so that no operator has more than 5 %, {@code k} as small as possible:
     * each of them gets {@code 0.05 / (1 - 0.05 k)} of what the others weigh together. Rounded down to 6 decimals, since
     * rounding to the nearest could lift a share above 0.05. Unchanged while there are fewer than 20 operators.
     */
    public static Map<String, BigDecimal> capped(Map<String, BigDecimal> weights) {
        if (concentrated(weights).isEmpty()) {
            return Map.copyOf(weights);
        }
        List<Map.Entry<String, BigDecimal>> largestFirst = weights.entrySet().stream()
                .sorted(Map.Entry.<String, BigDecimal>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .toList();
        BigDecimal others = sum(weights.values());
        int parts = BigDecimal.ONE
                .divide(Caps.OPERATOR_SHARE, RoundingMode.UNNECESSARY)
                .intValueExact();
        int k = 0;
        BigDecimal share = BigDecimal.ZERO;
        // 0.05 / (1 - 0.05 k) = 1 / (20 - k), and with 20 operators or more it ends at k = 19 at the latest.
        do {
            others = others.subtract(largestFirst.get(k).getValue());
            k++;
            share = others.divide(BigDecimal.valueOf(parts - k), DIGITS, RoundingMode.DOWN);
        } while (largestFirst.get(k).getValue().compareTo(share) > 0);
        Map<String, BigDecimal> capped = new LinkedHashMap<>(weights);
        for (int i = 0; i < k; i++) {
            capped.put(largestFirst.get(i).getKey(), share);
        }
        return Map.copyOf(capped);
    }

    private static BigDecimal sum(Collection<BigDecimal> weights) {
        return weights.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static void requireWeight(BigDecimal weight, String what) {
        if (weight.signum() <= 0 || weight.stripTrailingZeros().scale() > DIGITS) {
            throw new IllegalArgumentException(
                    what + " must be above zero with at most " + DIGITS + " decimals, was " + weight);
        }
    }
}
