package dev.hart.gpu.catalogue;

import java.util.Locale;

/** GiB, as JSON and people have them, and the bytes that HART counts. */
final class Gib {
    static final long ONE = 1L << 30;
    /** More than any machine has. */
    private static final double MOST = 1L << 20;

    private Gib() {}

    static long bytes(String field, double gib) {
        if (!(gib >= 0 && gib <= MOST)) {
            throw new IllegalArgumentException("%s must be 0 to %.0f, was %s".formatted(field, MOST, gib));
        }
        return Math.round(gib * ONE);
    }

    /** With two decimals. */
    static double of(long bytes) {
        return Math.round(100.0 * bytes / ONE) / 100.0;
    }

    static String text(long bytes) {
        return String.format(Locale.ROOT, "%.2f GiB", bytes / (double) ONE);
    }
}
