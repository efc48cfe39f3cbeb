package dev.hart.server;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The requests being served, so that a server that stops can let them end. Thread-safe. */
final class Visits {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition empty = lock.newCondition();
    private int inside;
    private boolean closed;

    /** Lets one in, unless the server is stopping. */
    void enter() {
        lock.lock();
        try {
            if (closed) {
                throw new Refused(503, "stopping", "the server is stopping", Map.of("Retry-After", "5"));
            }
            inside++;
        } finally {
            lock.unlock();
        }
    }

    void leave() {
        lock.lock();
        try {
            inside--;
            if (inside == 0) {
                empty.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Lets nobody in any more, and waits at most that long until all have left; false when some have not. */
    boolean close(Duration longest) {
        lock.lock();
        try {
            closed = true;
            long left = longest.toNanos();
            while (inside > 0 && left > 0) {
                left = empty.awaitNanos(left);
            }
            return inside == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }
}
