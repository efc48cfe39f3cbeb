package dev.hart.security.node;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * How a watched task is.
 *
 * @param age since the last heartbeat, to a tenth of a second; zero in the time after a start
 * @param lastHeartbeat when it was, or will be when the time after a start ends
 * @param restarts how often it was started again
 * @param consecutiveFailures starts that failed since the last one that worked
 * @param abandoned threads of it that did not end
 */
public record TaskHealth(
        String name,
        Status status,
        Duration age,
        Instant lastHeartbeat,
        Duration expectedInterval,
        boolean inModelCall,
        int restarts,
        int consecutiveFailures,
        int abandoned,
        Optional<Instant> lastRestartAt) {

    /** What is known of a task. */
    public enum Status {
        HEALTHY,
        FROZEN,
        RESTARTING,
        /** Given up; {@link Watchdog#revive} starts it again. */
        DEAD;

        /** Lower case. */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
