package dev.hart.core.run;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** When a WAIT step, or the question of an ASK step, is over. */
final class Waiting {
    private static final Duration LONGEST = Duration.ofDays(365);

    private Waiting() {}

    /**
     * The end of a wait that starts now.
     *
     * @throws IllegalArgumentException when the arguments name no time, or one that is further away than 365 days
     */
    static Instant until(Map<String, @Nullable Object> args, Instant now) {
        Object millis = args.get("ms");
        Instant end = millis == null ? time(args.get("until")) : now.plus(duration(millis));
        if (Duration.between(now, end).compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("a step waits at most 365 days, not until " + end);
        }
        return end;
    }

    private static Duration duration(Object millis) {
        if (millis instanceof Long number && number >= 0 && number <= LONGEST.toMillis()) {
            return Duration.ofMillis(number);
        }
        throw new IllegalArgumentException("a step waits a whole number of milliseconds, 0 to 365 days, was " + millis);
    }

    private static Instant time(@Nullable Object until) {
        if (until instanceof String text) {
            try {
                return OffsetDateTime.parse(text).toInstant();
            } catch (DateTimeException e) {
                throw new IllegalArgumentException(
                        "a step waits until a time such as 2026-01-31T09:00:00Z, was " + until, e);
            }
        }
        throw new IllegalArgumentException("a step waits until a time such as 2026-01-31T09:00:00Z, was " + until);
    }

    /** The deadline of a question that is asked now; null when it has none. */
    static @Nullable Instant deadline(Map<String, @Nullable Object> args, Instant now) {
        return args.get("deadlineMs") instanceof Long millis ? now.plusMillis(millis) : null;
    }

    static boolean isOver(@Nullable Instant end, Instant now) {
        return end != null && !now.isBefore(end);
    }
}
