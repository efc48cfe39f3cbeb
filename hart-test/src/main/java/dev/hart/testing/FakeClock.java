package dev.hart.testing;

import static java.util.Objects.requireNonNull;

import dev.hart.HartClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A clock that stands still until a test moves it. It starts at {@link #START}. Thread-safe.
 *
 * <p>What {@link #sleep} does is chosen when the clock is made: {@link #create()} gives one that a sleeper moves on by
 * itself, so that back-offs and latencies pass at once; {@link #movedByHand()} one on which a sleeper waits until the test
 * has moved it far enough.
 */
public final class FakeClock implements HartClock {
    /** The time that a new clock shows: 2026-01-01T00:00:00Z. */
    public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private static final int MAX_NAPS = 10_000;
    private static final Duration LONGEST_WAIT_FOR_SLEEPERS = Duration.ofSeconds(10);

    private final boolean sleepMovesIt;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Duration> naps = new ArrayDeque<>();
    /** What has passed since the start; sleepers wait by it. */
    private Instant now = START;

    private Duration jumped = Duration.ZERO;
    private int sleepers;

    private FakeClock(boolean sleepMovesIt) {
        this.sleepMovesIt = sleepMovesIt;
    }

    /** A clock that a sleeper moves on by the time it sleeps: {@link #sleep} returns at once. */
    public static FakeClock create() {
        return new FakeClock(true);
    }

    /** A clock on which {@link #sleep} blocks until {@link #advance} has moved it far enough. */
    public static FakeClock movedByHand() {
        return new FakeClock(false);
    }

    @Override
    public Instant instant() {
        lock.lock();
        try {
            return now.plus(jumped);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Moves the clock on and wakes the sleepers whose time has come.
     *
     * @param duration zero or more
     * @throws IllegalArgumentException when it is negative
     */
    public void advance(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("a clock runs forward only, was moved by " + duration);
        }
        lock.lock();
        try {
            now = now.plus(duration);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Sets the clock forward, or back when {@code duration} is negative, as a time server or a person does: no time passes, so
     * nobody who sleeps on it wakes up earlier or later.
     */
    public void jump(Duration duration) {
        lock.lock();
        try {
            jumped = jumped.plus(duration);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void sleep(Duration duration) throws InterruptedException {
        requireNonNull(duration);
        lock.lockInterruptibly();
        try {
            if (duration.isZero() || duration.isNegative()) {
                return;
            }
            record(duration);
            Instant wakeUp = now.plus(duration);
            if (sleepMovesIt) {
                now = wakeUp;
                changed.signalAll();
                return;
            }
            sleepers++;
            changed.signalAll();
            try {
                while (now.isBefore(wakeUp)) {
                    changed.await();
                }
            } finally {
                sleepers--;
            }
        } finally {
            lock.unlock();
        }
    }

    /** How long each sleeper meant to sleep, in the order in which they fell asleep; the newest 10,000. */
    public List<Duration> naps() {
        lock.lock();
        try {
            return List.copyOf(naps);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Blocks until at least that many threads sleep on this clock, so that a test moves it only then. Waits at most 10
     * seconds of real time.
     *
     * @throws IllegalStateException on a clock that sleepers move by themselves, since nobody ever waits on it
     * @throws AssertionError when fewer threads sleep by then
     */
    public void awaitSleepers(int threads) throws InterruptedException {
        if (sleepMovesIt) {
            throw new IllegalStateException("nobody waits on this clock: make it with FakeClock.movedByHand()");
        }
        lock.lock();
        try {
            long left = LONGEST_WAIT_FOR_SLEEPERS.toNanos();
            while (sleepers < threads) {
                if (left <= 0) {
                    throw new AssertionError("%d of %d threads sleep on the clock after %d s"
                            .formatted(sleepers, threads, LONGEST_WAIT_FOR_SLEEPERS.toSeconds()));
                }
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private void record(Duration nap) {
        if (naps.size() == MAX_NAPS) {
            naps.removeFirst();
        }
        naps.addLast(nap);
    }

    @Override
    public String toString() {
        return "FakeClock[" + instant() + "]";
    }
}
