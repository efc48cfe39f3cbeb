package dev.hart.gpu.time;

import dev.hart.spi.TaskKeeper;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Has what is due done, then waits until something is due again or it is woken. Thread-safe. */
public final class Ticker {
    private static final Duration SHORTEST_SILENCE = Duration.ofSeconds(60);

    private final InstantSource clock;
    private final Work work;
    private final LongSupplier nextMillis;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition earlier = lock.newCondition();
    /** Guarded by the lock, as is what follows. */
    private boolean stopped;

    private TaskKeeper.@Nullable Kept kept;
    private @Nullable Thread working;

    /** Does what is due. */
    @FunctionalInterface
    public interface Work {
        /**
         * Does it once.
         *
         * @param heartbeat says between two pieces of work that it goes on; what it throws must end the tick
         */
        void tick(Runnable heartbeat) throws InterruptedException;
    }

    /** How long a task that looks every so often may be silent before it hangs: three intervals, and a minute at least. */
    public static Duration longestSilence(Duration interval) {
        Duration three = interval.multipliedBy(3);
        return three.compareTo(SHORTEST_SILENCE) > 0 ? three : SHORTEST_SILENCE;
    }

    /**
     * One that is not started yet.
     *
     * @param work throws nothing but to end the thread
     * @param nextMillis when something is due next, in milliseconds of the clock; asked after each tick
     */
    public Ticker(InstantSource clock, Work work, LongSupplier nextMillis) {
        this.clock = clock;
        this.work = work;
        this.nextMillis = nextMillis;
    }

    /**
     * Begins, on a thread {@code hart-<name>}. Called once.
     *
     * @param keeper gives the thread, and starts it anew if it watches over it
     * @param longest between two heartbeats
     */
    public void start(TaskKeeper keeper, String name, Duration longest) {
        lock.lock();
        try {
            kept = keeper.keep(name, longest, heartbeat -> round(heartbeat, longest));
        } finally {
            lock.unlock();
        }
    }

    private Duration round(Runnable heartbeat, Duration longest) throws InterruptedException {
        Thread thread = Thread.currentThread();
        lock.lock();
        try {
            if (stopped) {
                leave();
                return longest;
            }
            working = thread;
        } finally {
            lock.unlock();
        }
        try {
            work.tick(heartbeat);
        } finally {
            ended(thread);
        }
        lock.lock();
        try {
            if (!stopped) {
                long wait = Math.max(1, Math.min(nextMillis.getAsLong() - clock.millis(), longest.toMillis()));
                var unused = earlier.await(wait, TimeUnit.MILLISECONDS);
            }
            return Duration.ZERO;
        } finally {
            lock.unlock();
        }
    }

    /** A thread that hung and was replaced comes here late, when another one works. */
    private void ended(Thread thread) {
        lock.lock();
        try {
            if (working == thread) {
                working = null;
            }
            if (stopped) {
                leave();
            }
        } finally {
            lock.unlock();
        }
    }

    private void leave() {
        TaskKeeper.Kept mine = kept;
        kept = null;
        if (mine != null) {
            mine.close();
        }
    }

    /** Something may be due earlier than before. */
    public void wake() {
        lock.lock();
        try {
            earlier.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the thread after the tick that it may be in. Idempotent. */
    public void stop() {
        lock.lock();
        try {
            stopped = true;
            earlier.signalAll();
            if (working == null) {
                leave();
            }
        } finally {
            lock.unlock();
        }
    }
}
