package dev.hart.gpu;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Stands until it is moved. */
public final class MovedClock implements InstantSource {
    private volatile Instant now = Instant.parse("2026-11-28T06:00:00Z");

    @Override
    public Instant instant() {
        return now;
    }

    public void advance(Duration duration) {
        now = now.plus(duration);
    }

    public void advanceSeconds(double seconds) {
        advance(Duration.ofMillis(Math.round(seconds * 1000)));
    }
}
