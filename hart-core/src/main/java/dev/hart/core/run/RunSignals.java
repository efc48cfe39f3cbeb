package dev.hart.core.run;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Wakes whoever follows a journal when something was written. Thread-safe. */
public final class RunSignals {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition written = lock.newCondition();
    private volatile long writes;
    private int waiting;

    /** How often something was written so far. */
    long writes() {
        return writes;
    }

    void wrote() {
        lock.lock();
        try {
            writes++;
            if (waiting > 0) {
                written.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Returns when something was written after {@code seen}, or the time is over. */
    void awaitAfter(long seen, long millis) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            waiting++;
            long left = TimeUnit.MILLISECONDS.toNanos(millis);
            while (writes == seen && left > 0) {
                left = written.awaitNanos(left);
            }
        } finally {
            waiting--;
            lock.unlock();
        }
    }
}
