package dev.hart.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Group commit without a writer thread ("flat combining"). A caller queues its job; if nobody is writing it leads, takes
 * everything that is queued, at most {@value #MAX_BATCH} jobs, and executes it as one batch. What arrives while the batch
 * is being committed forms the next batch, led by the first caller in the queue. A caller alone never changes threads.
 *
 * <p>Interrupts are kept for the caller and otherwise ignored: a job that is queued may be executed at any moment, so its
 * caller cannot leave.
 */
final class WriteQueue {
    static final int MAX_BATCH = 256;

    /** One caller's place in the queue. */
    abstract static class Job {
        private enum Turn {
            WAIT,
            LEAD,
            DONE
        }

        private final Thread caller = Thread.currentThread();
        private volatile Turn turn = Turn.WAIT;

        private void give(Turn turn) {
            this.turn = turn;
            if (caller != Thread.currentThread()) {
                LockSupport.unpark(caller);
            }
        }

        private Turn awaitTurn() {
            boolean interrupted = false;
            while (turn == Turn.WAIT) {
                LockSupport.park(this);
                interrupted |= Thread.interrupted();
            }
            if (interrupted) {
                caller.interrupt();
            }
            return turn;
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private final ArrayDeque<Job> waiting = new ArrayDeque<>(); // guarded by lock; one job per calling thread
    private boolean led; // guarded by lock
    private boolean closed; // guarded by lock

    /**
     * Returns when {@code job} has been executed, in a batch of this caller's or of another's. {@code batch} must not
     * throw: it tells each job its outcome.
     */
    void execute(Job job, StoreFailures failures, Consumer<List<Job>> batch) {
        boolean lead;
        lock.lock();
        try {
            if (closed) {
                throw failures.closed();
            }
            waiting.add(job);
            lead = !led;
            led = true;
        } finally {
            lock.unlock();
        }
        if (lead || job.awaitTurn() == Job.Turn.LEAD) {
            lead(batch);
        }
    }

    private void lead(Consumer<List<Job>> batch) {
        List<Job> jobs = new ArrayList<>();
        lock.lock();
        try {
            for (Job job = waiting.poll(); job != null; job = jobs.size() < MAX_BATCH ? waiting.poll() : null) {
                jobs.add(job);
            }
        } finally {
            lock.unlock();
        }
        try {
            batch.accept(jobs);
        } finally {
            passOn();
            jobs.forEach(job -> job.give(Job.Turn.DONE));
        }
    }

    private void passOn() {
        lock.lock();
        try {
            Job next = waiting.peek();
            if (next == null) {
                led = false;
                idle.signalAll();
            } else {
                next.give(Job.Turn.LEAD);
            }
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

    /** Refuses new jobs and returns when the queued ones are done. False if it was closed before. */
    boolean close() {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            closed = true;
            while (led) {
                idle.awaitUninterruptibly();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }
}
