package dev.hart.gpu.model;

import java.time.Duration;

/**
 * Whether and when what has crashed is started again: after {@code first}, then after twice as long each time.
 *
 * @param maxRestarts crashes after which it is started again, 0 or more
 * @param first longer than zero
 * @param longest at least {@code first}
 * @param afterCleanExit whether an end with exit code 0 that nobody asked for counts as a crash
 */
public record RestartPolicy(int maxRestarts, Duration first, Duration longest, boolean afterCleanExit) {
    /** Three times, after 5, 10 and 20 seconds. */
    public static final RestartPolicy DEFAULT =
            new RestartPolicy(3, Duration.ofSeconds(5), Duration.ofSeconds(300), false);

    /** How long it has to run for earlier crashes to be forgotten. */
    public static final Duration PROVEN_AFTER = Duration.ofSeconds(60);

    private static final int MAX_DOUBLINGS = 30;

    public RestartPolicy {
        if (maxRestarts < 0) {
            throw new IllegalArgumentException("maxRestarts must be 0 or more, was " + maxRestarts);
        }
        if (first.isZero() || first.isNegative() || longest.compareTo(first) < 0) {
            throw new IllegalArgumentException(
                    "first must be longer than zero and longest at least as long, were %s and %s"
                            .formatted(first, longest));
        }
    }

    /** The same with another number of restarts. */
    public RestartPolicy withMaxRestarts(int restarts) {
        return new RestartPolicy(restarts, first, longest, afterCleanExit);
    }

    /** Whether it is started again after its {@code crashes}-th crash in a row. */
    public boolean restartsAfter(int crashes) {
        return crashes <= maxRestarts;
    }

    /** How long to wait after the {@code crashes}-th crash in a row, 1 or more. */
    public Duration backOff(int crashes) {
        if (crashes < 1) {
            throw new IllegalArgumentException("crashes must be 1 or more, was " + crashes);
        }
        if (crashes > MAX_DOUBLINGS) {
            return longest;
        }
        Duration doubled = first.multipliedBy(1L << (crashes - 1));
        return doubled.compareTo(longest) < 0 ? doubled : longest;
    }
}
