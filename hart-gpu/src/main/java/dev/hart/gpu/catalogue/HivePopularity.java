package dev.hart.gpu.catalogue;

import java.util.List;

/**
 * How much a model is used by other nodes, 0 to 1: the share of peers that have it × (1 + their mean access rate), 1 at most.
 *
 * @param isBoosted whether it stays loaded longer for that: above 0.6
 */
public record HivePopularity(double value, boolean isBoosted) {
    private static final double BOOST_ABOVE = 0.6;

    /**
     * The popularity of one model.
     *
     * @param accessRates of each peer that has the model, 0 or more
     * @param peers that there are, at least as many
     */
    public static HivePopularity of(List<Double> accessRates, int peers) {
        if (peers < accessRates.size()) {
            throw new IllegalArgumentException(
                    "peers must be at least the %d that have the model, was %d".formatted(accessRates.size(), peers));
        }
        double sum = 0;
        for (double rate : accessRates) {
            if (!(rate >= 0 && rate <= Double.MAX_VALUE)) {
                throw new IllegalArgumentException("an access rate must be 0 or more, was " + rate);
            }
            sum += rate;
        }
        if (accessRates.isEmpty()) {
            return new HivePopularity(0, false);
        }
        double share = (double) accessRates.size() / peers;
        double value = Math.min(1, share * (1 + sum / accessRates.size()));
        return new HivePopularity(value, value > BOOST_ABOVE);
    }
}
