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

    /** How many times as long {@code contestant} takes as the same rows written by hand: 1 is as good as it gets. */
    static Ratio toRaw(String metric, String contestant, String raw, Load load) {
        return new Ratio(metric, new Rated(raw, load), new Rated(contestant, load));
    }

    /** How many times as many tasks a second {@code contestant} does, on 16 threads, as {@code peer}. */
    static Ratio toPeer(String metric, String contestant, String peer) {
        return new Ratio(metric, new Rated(contestant, Load.THREADS_16), new Rated(peer, Load.THREADS_16));
    }
}
