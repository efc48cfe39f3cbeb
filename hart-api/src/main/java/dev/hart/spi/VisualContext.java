package dev.hart.spi;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What a camera or a screen has shown lately: supplied by whoever watches it. A schedule of the kind {@code VISUAL} runs only
 * when its time has come and the newest observation is fresh. Must be thread-safe, and quick.
 */
@FunctionalInterface
public interface VisualContext {

    /** The newest observation; empty when there is none. */
    Optional<Observation> latest();

    /**
     * Something that was seen.
     *
     * @param description what it shows, in words
     */
    record Observation(Source source, Instant at, String description) {
        /** Whether it is fresh enough for a schedule. */
        public boolean isFresh(Instant now) {
            return !now.isAfter(at.plus(source.fresh()));
        }
    }

    /** What has seen it. */
    enum Source {
        /** Fresh for five minutes. */
        CAMERA(Duration.ofMinutes(5)),
        /** Fresh for two minutes. */
        SCREEN(Duration.ofMinutes(2));

        private final Duration fresh;

        Source(Duration fresh) {
            this.fresh = fresh;
        }

        /** How long an observation of it counts. */
        public Duration fresh() {
            return fresh;
        }
    }
}
