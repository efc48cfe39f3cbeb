package dev.hart;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Where HART takes the time from, and where it waits. Tests bring one that they move by hand. Thread-safe. */
public interface HartClock extends InstantSource {

    /** Returns once at least {@code duration} has passed on this clock. */
    void sleep(Duration duration) throws InterruptedException;

    /** The system's UTC clock. */
    static HartClock system() {
        return new HartClock() {
            @Override
            public Instant instant() {
                return Instant.now();
            }

            @Override
            public void sleep(Duration duration) throws InterruptedException {
                Thread.sleep(duration.toMillis(), duration.toNanosPart() % 1_000_000);
            }
        };
    }
}
