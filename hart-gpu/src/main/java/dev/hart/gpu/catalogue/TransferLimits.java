package dev.hart.gpu.catalogue;

import java.time.Duration;

/**
 * How long a transfer may take, and how often it is tried.
 *
 * @param stall without a byte, after which a connection counts as broken
 * @param whole of one file, with all tries
 * @param failures in a row without a byte of progress, after which it is given up
 * @param attempts of all
 */
record TransferLimits(Duration connect, Duration answer, Duration stall, Duration whole, int failures, int attempts) {
    static final TransferLimits USUAL = new TransferLimits(
            Duration.ofSeconds(30), Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ofHours(24), 5, 100);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

    /** 1, 2, 4, … seconds after the first, second, … failure in a row, 60 at most; what the source asks for when it does. */
    static Duration pauseAfter(int failures, Duration asked) {
        Duration pause = asked.isZero() ? FIRST_PAUSE.multipliedBy(1L << Math.min(failures - 1, 10)) : asked;
        return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }
}
