package dev.hart.security.rules;

import java.util.Arrays;
import java.util.Collection;

/**
 * Finds one value far above the others by medians, which a single liar cannot move. With the sample's own deviation no
 * value among fewer than 11 can ever be 3 deviations away. Pure.
 */
public final class Outliers {
    /** Scores above it are far away. */
    public static final double LIMIT = 3.5;

    private static final int LEAST_NODES = 5;
    private static final double MAD_TO_DEVIATION = 0.6745;
    private static final double MEAN_TO_DEVIATION = 1.253314;

    private Outliers() {}

    /**
     * {@code 0.6745 (x - median) / MAD}; where MAD, the median of the distances from the median, is 0,
     * {@code (x - median) / (1.253314 × mean distance)}; where that is 0 too, 0.
     *
     * @param values finite, one or more, {@code x} among them
     */
    public static double score(double x, Collection<Double> values) {
        if (values.isEmpty() || !Double.isFinite(x) || values.stream().anyMatch(v -> !Double.isFinite(v))) {
            throw new IllegalArgumentException("outliers are found among one or more finite values");
        }
        double median = median(values.stream().mapToDouble(Double::doubleValue).toArray());
        double[] distances =
                values.stream().mapToDouble(v -> Math.abs(v - median)).toArray();
        double mad = median(distances);
        if (mad > 0) {
            return MAD_TO_DEVIATION * (x - median) / mad;
        }
        double mean = Arrays.stream(distances).average().orElse(0);
        return mean == 0 ? 0 : (x - median) / (MEAN_TO_DEVIATION * mean);
    }

    /**
     * Whether a node's value is an anomaly: 5 nodes or more, at least {@code least}, at least twice the median, and a score
     * above 3.5.
     *
     * @param least smallest value worth a look: 50 views, 10 Spark
     */
    public static boolean isAnomaly(double x, Collection<Double> values, double least) {
        return values.size() >= LEAST_NODES
                && x >= least
                && score(x, values) > LIMIT
                && x
                        >= 2
                                * median(values.stream()
                                        .mapToDouble(Double::doubleValue)
                                        .toArray());
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : sorted[middle - 1] / 2 + sorted[middle] / 2;
    }
}
