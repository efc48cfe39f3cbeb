package dev.hart.ledger;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what another thread or process does. */
final class Eventually {
    private static final long LOOK_AGAIN = TimeUnit.MILLISECONDS.toNanos(10);

    private Eventually() {}

    /** Returns when it is so, and fails when it is not within a minute. */
    static void is(String what, BooleanSupplier so) {
        long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!so.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("in a minute it did not come to this: " + what);
            }
            LockSupport.parkNanos(LOOK_AGAIN);
        }
    }
}
