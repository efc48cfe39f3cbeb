package dev.hart.gpu;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Stands until it is moved. */
final class MovedClock implements InstantSource {
    private volatile Instant now = Instant.parse("2026-11-28T06:00:00Z");

    @Override
    public Instant instant() {
        return now;
    }

    void advance(Duration duration) {
        now = now.plus(duration);
    }

    void advanceSeconds(double seconds) {
        advance(Duration.ofMillis(Math.round(seconds * 1000)));
    }
}
