package dev.hart.store;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Channels on their way to one thread. A channel that waits already is not added again, and one that was taken waits
 * {@value #APART_MILLIS} ms before it is due again. Above {@value #MAX_WAITING} channels all are meant. Thread-safe.
 */
final class SignalQueue {
    /** No channel's name, and means every channel. */
    static final String ALL = "*";

    static final int APART_MILLIS = 10;
    static final int MAX_WAITING = 1_000;
    private static final long APART = TimeUnit.MILLISECONDS.toNanos(APART_MILLIS);

    private final LongSupplier nanoTime;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, Long> dueAt = new LinkedHashMap<>(); // guarded by lock
    private final Map<String, Long> takenAt = new HashMap<>(); // guarded by lock; of the last APART_MILLIS
    private boolean closed; // guarded by lock

    SignalQueue(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    void add(String channel) {
        lock.lock();
        try {
            if (closed || dueAt.containsKey(channel)) {
                return;
            }
            String added = channel;
            if (dueAt.size() >= MAX_WAITING) {
                dueAt.clear();
                added = ALL;
            }
            long now = nanoTime.getAsLong();
            Long taken = takenAt.get(added);
            dueAt.put(added, taken == null || taken + APART - now < 0 ? now : taken + APART);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Takes what is due; empty if nothing is. */
    Set<String> poll() {
        lock.lock();
        try {
            long now = nanoTime.getAsLong();
            takenAt.values().removeIf(taken -> now - taken >= APART);
            Set<String> due = new LinkedHashSet<>();
            dueAt.forEach((channel, at) -> {
                if (closed || at - now <= 0) {
                    due.add(channel);
                }
            });
            due.forEach(channel -> {
                dueAt.remove(channel);
                takenAt.put(channel, now);
            });
            return due;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes what is due, when something is, {@code longest} nanoseconds are over or the queue is closed; the largest
     * number of nanoseconds has no end.
     */
    Set<String> take(long longest) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long until = nanoTime.getAsLong() + longest;
            while (!closed) {
                long now = nanoTime.getAsLong();
                long wait = longest == Long.MAX_VALUE ? longest : until - now;
                for (long due : dueAt.values()) {
                    wait = Math.min(wait, due - now);
                }
                if (wait <= 0) {
                    break;
                }
                if (wait == Long.MAX_VALUE) {
                    changed.await();
                } else {
                    changed.awaitNanos(wait);
                }
            }
            return poll();
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Takes nothing more in. What waits is due at once. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
