package dev.hart.core.model;

import dev.hart.HartClock;
import java.time.Duration;
import java.time.Instant;

/** A clock that stands still until a test moves it; who sleeps on it waits for that. */
public final class MovedClock implements HartClock {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private int sleepers;

    @Override
    public synchronized Instant instant() {
        return now;
    }

    /** Moves the clock on, and wakes those whose time has come. */
    public synchronized void advance(Duration duration) {
        now = now.plus(duration);
        notifyAll();
    }

    /** Blocks until somebody sleeps. */
    public synchronized void awaitSleeper() throws InterruptedException {
        while (sleepers == 0) {
            wait();
        }
    }

    @Override
    public synchronized void sleep(Duration duration) throws InterruptedException {
        Instant end = now.plus(duration);
        sleepers++;
        notifyAll();
        try {
            while (now.isBefore(end)) {
                wait();
            }
        } finally {
            sleepers--;
        }
    }
}
