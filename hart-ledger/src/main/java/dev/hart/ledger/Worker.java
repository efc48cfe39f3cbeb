package dev.hart.ledger;

import dev.hart.error.HartException;
import dev.hart.error.LedgerException;
import dev.hart.error.StoreUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads that claim tasks of a ledger and work on them until they are closed. While a task is worked on its lease is
 * prolonged; what the handler returns completes the task, what it throws is a failed attempt. A handler whose lease was lost
 * is interrupted, and its result is not taken.
 *
 * <p>Begin with {@link #of}. Thread-safe.
 */
public final class Worker implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Worker.class);
    private static final long POLL_MS = 1_000;
    private static final long PAUSE_AFTER_FAILURE_MS = 500;
    private static final long CLOSE_MS = 10_000;
    /** Jobs may come at any time, with leases as short as a second. */
    private static final long BEAT_MS = 200;

    /** Does the work of one task. */
    @FunctionalInterface
    public interface Handler {

        /**
         * Works on a task.
         *
         * @return the result, a {@code dev.hart.json} value
         * @throws Exception to note a failed attempt with its message
         */
        @Nullable
        Object handle(Job job) throws Exception;
    }

    /** A task that is being worked on. */
    public static final class Job {
        private final Lease lease;
        private final Thread thread;
        private volatile boolean cancelRequested;
        private volatile boolean pauseRequested;
        private volatile boolean lost;
        private volatile long lastBeat = System.nanoTime() / 1_000_000;
        private boolean over; // guarded by this

        private Job(Lease lease, Thread thread) {
            this.lease = lease;
            this.thread = thread;
        }

        public Lease lease() {
            return lease;
        }

        public Task task() {
            return lease.task();
        }

        /** Whether somebody asked for the work to end. */
        public boolean cancelRequested() {
            return cancelRequested;
        }

        /** Whether somebody asked for the work to pause. */
        public boolean pauseRequested() {
            return pauseRequested;
        }

        /** Whether the lease is over: nothing that is done now will be taken. */
        public boolean lost() {
            return lost;
        }

        /** Interrupts the handler, never what its thread does next. */
        private synchronized void interrupt() {
            if (!over) {
                thread.interrupt();
            }
        }

        /** The handler has returned; an interrupt that came too late for it is gone. */
        private synchronized void end() {
            over = true;
            Thread.interrupted();
        }
    }

    private final Ledger ledger;
    private final ClaimRequest request;
    private final Handler handler;
    private final List<Thread> threads = new ArrayList<>();
    private final int size;
    private final ConcurrentHashMap<String, Job> jobs = new ConcurrentHashMap<>();
    private final Semaphore news = new Semaphore(0);
    private final dev.hart.store.Subscription wakeUps;
    private final Thread pulse;
    private volatile boolean closed;

    private Worker(Ledger ledger, ClaimRequest request, int threads, Handler handler) {
        this.ledger = ledger;
        this.request = request;
        this.handler = handler;
        this.size = threads;
        this.pulse = daemon("hart-ledger-pulse", this::beat);
        for (int i = 0; i < threads; i++) {
            this.threads.add(daemon("hart-ledger-worker-" + i, this::work));
        }
        this.wakeUps = ledger.onNews(this::wake);
    }

    /**
     * Starts to work.
     *
     * @param threads how many tasks at the same time, 1 to 1000
     */
    public static Worker of(Ledger ledger, ClaimRequest request, int threads, Handler handler) {
        Limits.requireRange("threads", threads, 1, 1000);
        Worker worker = new Worker(ledger, request.atMost(1), threads, handler);
        worker.pulse.start();
        worker.threads.forEach(Thread::start);
        return worker;
    }

    private static Thread daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    private void wake() {
        if (news.availablePermits() < size) {
            news.release();
        }
    }

    private void work() {
        while (!closed) {
            try {
                Lease lease = ledger.claim(request).orElse(null);
                if (lease == null) {
                    news.tryAcquire(POLL_MS, TimeUnit.MILLISECONDS);
                } else {
                    wake(); // one piece of news may be of many tasks: each thread that finds one wakes the next
                    work(lease);
                }
            } catch (InterruptedException e) {
                // close() wants the thread to end
            } catch (RuntimeException e) {
                if (!ledger.isOpen()) {
                    return;
                }
                log.warn("worker {} could not claim or report", request.worker().workerId(), e);
                pause();
            }
        }
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE_AFTER_FAILURE_MS);
        } catch (InterruptedException e) {
            // see work()
        }
    }

    private void work(Lease lease) {
        Job job = new Job(lease, Thread.currentThread());
        jobs.put(lease.taskId(), job);
        try {
            TaskCommand report = report(job);
            while (!isTaken(lease, report) && !job.lost && !closed && ledger.isOpen()) {
                pause();
            }
        } finally {
            jobs.remove(lease.taskId(), job);
        }
    }

    // An Error is the handler's too: its thread has other tasks to work on.
    private TaskCommand report(Job job) {
        try {
            return TaskCommand.complete(handler.handle(job));
        } catch (InterruptedException e) {
            return closed ? new TaskCommand.Release("the worker is closing") : TaskCommand.failAttempt("interrupted");
        } catch (Throwable e) {
            log.debug("task {} failed", job.task(), e);
            return TaskCommand.failAttempt(e.getMessage() == null ? e.getClass().getName() : e.getMessage());
        } finally {
            job.end();
        }
    }

    /** Whether the ledger has decided about a report; while the store is away it cannot, and the lease is prolonged. */
    private boolean isTaken(Lease lease, TaskCommand report) {
        try {
            ledger.apply(lease, report);
        } catch (StoreUnavailableException e) {
            log.warn("the result of {} could not be written", lease.task(), e);
            return false;
        } catch (HartException e) {
            if (!e.code().equals("STALE_LEASE")) {
                log.warn("the result of {} was refused", lease.task(), e);
                refused(lease, e);
            }
        }
        return true;
    }

    /** A result that the ledger cannot take is a failed attempt. */
    private void refused(Lease lease, HartException why) {
        try {
            ledger.apply(
                    lease,
                    new TaskCommand.FailAttempt(why.code() + ": " + why.getMessage(), FailureReason.VALIDATION_FAILED));
        } catch (HartException e) {
            log.warn("the failure of {} was refused too", lease.task(), e);
        }
    }

    /** Prolongs the leases of what is being worked on, three times in the time of a lease, until the last one has ended. */
    private void beat() {
        while (ledger.isOpen()) {
            jobs.values().forEach(this::beat);
            try {
                Thread.sleep(BEAT_MS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void beat(Job job) {
        Lease lease = job.lease;
        long third = lease.duration().toMillis() / 3;
        long now = System.nanoTime() / 1_000_000;
        if (job.lost || now - job.lastBeat < third) {
            return;
        }
        job.lastBeat = now;
        try {
            Heartbeat answer = ledger.heartbeat(lease);
            job.cancelRequested = answer.cancelRequested();
            job.pauseRequested = answer.pauseRequested();
            if (answer.budgetExhausted()) {
                lose(job);
            }
        } catch (LedgerException e) {
            lose(job);
        } catch (RuntimeException e) {
            log.warn("no heartbeat for {}", lease.task(), e);
        }
    }

    private static void lose(Job job) {
        job.lost = true;
        job.interrupt();
    }

    /** Ends the threads: tasks that are being worked on have 10 seconds to end, then they are interrupted and given back. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        wakeUps.close();
        news.release(size);
        try {
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CLOSE_MS);
            List<Thread> others = threads.stream()
                    .filter(thread -> thread != Thread.currentThread()) // a handler may be the one that closes
                    .toList();
            for (Thread thread : others) {
                thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
            }
            others.forEach(Thread::interrupt);
            for (Thread thread : others) {
                thread.join(1_000);
            }
            pulse.interrupt();
            pulse.join(1_000);
        } catch (InterruptedException e) {
            threads.forEach(Thread::interrupt);
            pulse.interrupt();
            Thread.currentThread().interrupt();
        }
    }
}
