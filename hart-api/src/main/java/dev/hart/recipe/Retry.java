package dev.hart.recipe;

import java.time.Duration;

/**
 * How often a step is tried, and how long between: the delay after failed attempt k is {@code backoff * 2^(k-1)}, at most
 * 30 seconds.
 *
 * @param maxAttempts 1 to 100
 */
public record Retry(int maxAttempts, Duration backoff) {
    /** Three attempts, one second. */
    public static final Retry DEFAULT = new Retry(3, Duration.ofSeconds(1));

    private static final Duration LONGEST = Duration.ofSeconds(30);

    public Retry {
        if (maxAttempts < 1 || maxAttempts > 100) {
            throw new IllegalArgumentException("maxAttempts must be 1 to 100, was " + maxAttempts);
        }
        if (backoff.isNegative()) {
            throw new IllegalArgumentException("backoff must not be negative, was " + backoff);
        }
    }

    /** How long to wait after this many failed attempts, from 1. */
    public Duration delayAfter(int failedAttempts) {
        if (backoff.compareTo(LONGEST) >= 0) {
            return LONGEST;
        }
        long millis = backoff.toMillis();
        for (int i = 1; i < failedAttempts && millis < LONGEST.toMillis(); i++) {
            millis *= 2;
        }
        return Duration.ofMillis(Math.min(millis, LONGEST.toMillis()));
    }
}
