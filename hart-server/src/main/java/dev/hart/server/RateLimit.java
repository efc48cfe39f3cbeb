package dev.hart.server;

import dev.hart.HartClock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A token bucket per caller: each call takes one token, and tokens come back at a steady rate up to the bucket's size. The
 * callers seen last are kept; one that was forgotten starts with a full bucket, which it would have had by then.
 */
final class RateLimit {
    private static final int MAX_CALLERS = 10_000;

    private final int capacity;
    private final Duration perToken;
    private final HartClock clock;

    /** For each caller the time at which its bucket was, or will be, full. */
    private final Map<String, Instant> fullAt = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
            return size() > MAX_CALLERS;
        }
    };

    /**
     * @param perToken how long one token takes to come back
     */
    RateLimit(int capacity, Duration perToken, HartClock clock) {
        this.capacity = capacity;
        this.perToken = perToken;
        this.clock = clock;
    }

    /** Takes a token: zero when there was one, else the time until there is. */
    synchronized Duration take(String caller) {
        Instant now = clock.instant();
        Instant full = fullAt.getOrDefault(caller, now);
        if (full.isBefore(now)) {
            full = now;
        }
        Instant fullAfter = full.plus(perToken);
        Duration missing = Duration.between(now.plus(perToken.multipliedBy(capacity)), fullAfter);
        if (missing.compareTo(Duration.ZERO) > 0) {
            return missing;
        }
        fullAt.put(caller, fullAfter);
        return Duration.ZERO;
    }
}
