package dev.hart.bench.ledger;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the tasks that a system completes on threads of its own. Thread-safe. */
final class Completions {
    private static final Duration LONGEST_START = Duration.ofSeconds(60);
    private static final long LOOK_AGAIN_MILLIS = 2;

    private final AtomicLong count = new AtomicLong();
    private volatile long lastNanos;

    void add() {
        lastNanos = System.nanoTime();
        count.incrementAndGet();
    }

    /**
     * The rate from the first completion on, less a quarter of {@code time} to warm up, for {@code time} or until all are
     * done. What a system waits before it begins is not counted, nor what it waits when nothing is left.
     *
     * @param all how many there are to complete
     */
    CommandRate rate(long all, Duration time) throws InterruptedException {
        if (!reaches(1, LONGEST_START)) {
            throw new IllegalStateException("nothing was completed within " + LONGEST_START.toSeconds() + " s");
        }
        long startCount = count.get();
        long startNanos = lastNanos;
        if (!reaches(all, Drivers.warmUp(time))) {
            startCount = count.get();
            startNanos = System.nanoTime();
        }
        boolean drained = reaches(all, time);
        return new CommandRate(count.get() - startCount, (drained ? lastNanos : System.nanoTime()) - startNanos);
    }

    private boolean reaches(long most, Duration longest) throws InterruptedException {
        long end = System.nanoTime() + longest.toNanos();
        while (count.get() < most && System.nanoTime() < end) {
            Thread.sleep(LOOK_AGAIN_MILLIS);
        }
        return count.get() >= most;
    }
}
