package dev.hart.gpu.time;

import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/** A daemon thread that does what is due, then waits until something is due again or it is woken. Thread-safe. */
public final class Ticker {
    private final InstantSource clock;
    private final Work work;
    private final LongSupplier nextMillis;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition earlier = lock.newCondition();
    private volatile boolean stopped;

    /** Does what is due. */
    @FunctionalInterface
    public interface Work {
        void tick() throws InterruptedException;
    }

    /**
     * A thread that is not started yet.
     *
     * @param work throws nothing but to end the thread
     * @param nextMillis when something is due next, in milliseconds of the clock; asked after each tick
     */
    public Ticker(InstantSource clock, Work work, LongSupplier nextMillis) {
        this.clock = clock;
        this.work = work;
        this.nextMillis = nextMillis;
    }

    public void start(String name) {
        Thread thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (!stopped) {
                work.tick();
                lock.lock();
                try {
                    if (!stopped) {
                        long wait = Math.max(1, nextMillis.getAsLong() - clock.millis());
                        var unused = earlier.await(wait, TimeUnit.MILLISECONDS);
                    }
                } finally {
                    lock.unlock();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
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

    /** Ends the thread after the tick that it may be in. */
    public void stop() {
        stopped = true;
        wake();
    }
}
