package dev.hart.bench.ledger;

/**
 * A figure that compares two contestants of one run.
 *
 * @param metric its name
 * @param divided the contestant whose rate is divided
 * @param by the contestant by whose rate it is divided
 */
record Ratio(String metric, Rated divided, Rated by) {
    /** A contestant under a load. */
    record Rated(String contestant, Load load) {}

    /** How much of the rate of the same rows written by hand {@code contestant} reaches: 1 is the limit. */
    static Ratio toRaw(String metric, String contestant, String raw, Load load) {
        return new Ratio(metric, new Rated(contestant, load), new Rated(raw, load));
    }

    /** How many times as many tasks a second {@code contestant} does, on 16 threads, as {@code peer}. */
    static Ratio toPeer(String metric, String contestant, String peer) {
        return new Ratio(metric, new Rated(contestant, Load.THREADS_16), new Rated(peer, Load.THREADS_16));
    }
}
