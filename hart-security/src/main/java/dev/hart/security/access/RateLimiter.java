package dev.hart.security.access;

import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * How often each caller may do what. An action has a bucket of tokens that refills steadily, or a true sliding window; every call
 * also takes one from the caller's bucket {@value #GLOBAL}, which is tried first. An action without a limit of its own has that one
 * only.
 *
 * <p>The callers and actions seen last are kept, {@value #MAX_KEYS} unless told otherwise; one that was forgotten starts full. Time
 * is monotonic and arithmetic is in whole nanoseconds. Nothing switches it off. Thread-safe.
 */
public final class RateLimiter {
    /** The action that every call counts for. */
    public static final String GLOBAL = "global";

    /** How many pairs of caller and action are kept. */
    public static final int MAX_KEYS = 50_000;

    private static final Map<String, Limit> STANDARD = Map.ofEntries(
            bucket(GLOBAL, 100, 60),
            bucket("auth", 5, 300),
            bucket("register", 3, 3_600),
            bucket("post", 1, 1_800),
            bucket("comment", 50, 3_600),
            bucket("vote", 60, 60),
            bucket("search", 30, 60),
            bucket("bot_register", 5, 300),
            bucket("discover", 10, 60),
            bucket("chat", 30, 60),
            bucket("remote_desktop", 30, 60),
            bucket("remote_desktop_auth", 5, 60),
            bucket("shell_ops", 30, 60),
            bucket("shell_file_ops", 20, 60),
            bucket("shell_terminal", 10, 60),
            bucket("shell_power", 3, 60),
            bucket("app_install", 5, 3_600),
            bucket("mcp", 30, 60),
            bucket("tts", 10, 60),
            bucket("tts_clone", 5, 3_600),
            bucket("video_gen", 5, 300),
            bucket("autoresearch", 5, 3_600),
            bucket("auto_update", 3, 3_600),
            Map.entry("goal_create", Limit.sliding(10, Duration.ofHours(1))),
            Map.entry("skill_export", Limit.sliding(10, Duration.ofHours(1))));

    private final Map<String, Limit> limits;
    private final TimeMeter time;
    private final int maxKeys;
    /** Guarded by this. */
    private final Map<Key, Counter> counters = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Counter> eldest) {
            return size() > maxKeys;
        }
    };

    /**
     * How often something may be done.
     *
     * @param count 1 to 1,000,000
     * @param window in which, longer than zero
     * @param sliding whether exactly the last {@code window} counts; otherwise a bucket holds {@code count} and refills evenly in
     *     {@code window}
     */
    public record Limit(int count, Duration window, boolean sliding) {
        private static final int MOST = 1_000_000;

        public Limit {
            if (count < 1 || count > MOST || window.isZero() || window.isNegative()) {
                throw new IllegalArgumentException(
                        "a limit is 1 to 1,000,000 in a time longer than zero, was " + count + " in " + window);
            }
        }

        /** A bucket that holds {@code count} and refills evenly in {@code window}. */
        public static Limit bucket(int count, Duration window) {
            return new Limit(count, window, false);
        }

        /** At most {@code count} in any stretch of {@code window}. */
        public static Limit sliding(int count, Duration window) {
            return new Limit(count, window, true);
        }
    }

    /** What the limiter says. */
    public sealed interface Decision {
        /**
         * @param remaining how many more would be allowed at once
         */
        record Allowed(long remaining) implements Decision {}

        /**
         * @param action whose limit is used up: the one asked for, or {@link RateLimiter#GLOBAL}
         * @param retryAfter when the next one is allowed
         */
        record Refused(String action, Duration retryAfter) implements Decision {
            /** For the header {@code Retry-After}: in seconds, rounded up. */
            public long retryAfterSeconds() {
                return retryAfter.getSeconds() + (retryAfter.getNano() > 0 ? 1 : 0);
            }
        }
    }

    private record Key(String caller, String action) {}

    /** Counts one action of one caller; used with the limiter's lock held. */
    private sealed interface Counter {
        Decision take(String action);
    }

    private RateLimiter(Map<String, Limit> limits, LongSupplier nanoTime, int maxKeys) {
        this.limits = Map.copyOf(limits);
        this.time = new TimeMeter() {
            @Override
            public long currentTimeNanos() {
                return nanoTime.getAsLong();
            }

            @Override
            public boolean isWallClockBased() {
                return false;
            }
        };
        this.maxKeys = maxKeys;
    }

    /**
     * The limits of the security sheet.
     *
     * @param nanoTime monotonic nanoseconds, such as {@link System#nanoTime}
     */
    public static RateLimiter standard(LongSupplier nanoTime) {
        return of(STANDARD, nanoTime, MAX_KEYS);
    }

    /**
     * Other limits.
     *
     * @param limits by action; {@value #GLOBAL} among them
     * @param maxKeys how many pairs of caller and action are kept, at least 1
     */
    public static RateLimiter of(Map<String, Limit> limits, LongSupplier nanoTime, int maxKeys) {
        if (!limits.containsKey(GLOBAL)) {
            throw new IllegalArgumentException("a limit '" + GLOBAL + "' is needed, for every call");
        }
        if (maxKeys < 1) {
            throw new IllegalArgumentException("maxKeys must be at least 1, was " + maxKeys);
        }
        return new RateLimiter(limits, nanoTime, maxKeys);
    }

    private static Map.Entry<String, Limit> bucket(String action, int count, int seconds) {
        return Map.entry(action, Limit.bucket(count, Duration.ofSeconds(seconds)));
    }

    /**
     * Counts one call, unless it is refused.
     *
     * @param action what is done
     * @param caller whose calls are counted together: a user's id, else an address
     */
    public synchronized Decision take(String action, String caller) {
        Decision global = counter(GLOBAL, caller).take(GLOBAL);
        return global instanceof Decision.Refused || action.equals(GLOBAL) || !limits.containsKey(action)
                ? global
                : counter(action, caller).take(action);
    }

    private Counter counter(String action, String caller) {
        Key key = new Key(caller, action);
        Counter counter = counters.get(key);
        if (counter == null) {
            Limit limit = Objects.requireNonNull(limits.get(action), action);
            counter = limit.sliding() ? new Window(limit, time) : new Tokens(limit, time);
            counters.put(key, counter);
        }
        return counter;
    }

    /** How many pairs of caller and action are kept now. */
    synchronized int keys() {
        return counters.size();
    }

    private static final class Tokens implements Counter {
        private final Bucket bucket;

        Tokens(Limit limit, TimeMeter time) {
            bucket = Bucket.builder()
                    .addLimit(Bandwidth.builder()
                            .capacity(limit.count())
                            .refillGreedy(limit.count(), limit.window())
                            .build())
                    .withCustomTimePrecision(time)
                    .build();
        }

        @Override
        public Decision take(String action) {
            ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(1);
            return probe.isConsumed()
                    ? new Decision.Allowed(probe.getRemainingTokens())
                    : new Decision.Refused(action, Duration.ofNanos(probe.getNanosToWaitForRefill()));
        }
    }

    private static final class Window implements Counter {
        private final Limit limit;
        private final TimeMeter time;
        private final ArrayDeque<Long> taken = new ArrayDeque<>();

        Window(Limit limit, TimeMeter time) {
            this.limit = limit;
            this.time = time;
        }

        @Override
        public Decision take(String action) {
            long now = time.currentTimeNanos();
            long window = limit.window().toNanos();
            while (!taken.isEmpty() && now - taken.getFirst() >= window) {
                taken.removeFirst();
            }
            if (taken.size() >= limit.count()) {
                return new Decision.Refused(action, Duration.ofNanos(window - (now - taken.getFirst())));
            }
            taken.addLast(now);
            return new Decision.Allowed(limit.count() - taken.size());
        }
    }
}
