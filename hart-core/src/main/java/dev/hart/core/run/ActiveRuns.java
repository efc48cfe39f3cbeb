package dev.hart.core.run;

import dev.hart.error.RunBusyException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The runs that this runtime drives at the moment. Thread-safe. */
public final class ActiveRuns {
    private static final Duration LAST_COMMIT = Duration.ofSeconds(5);

    private final Map<String, RunExecution> executions = new ConcurrentHashMap<>();
    /** Runs that were cancelled while they were being planned. */
    private final Set<String> cancelledEarly = ConcurrentHashMap.newKeySet();

    private volatile boolean closing;

    /**
     * Marks a run as driven here.
     *
     * @throws RunBusyException when it already is
     */
    void enter(RunExecution execution) {
        if (executions.putIfAbsent(execution.runId(), execution) != null) {
            throw new RunBusyException("run " + execution.runId() + " is already going on in this runtime");
        }
        if (closing) {
            execution.suspend();
        }
        execution.pauseIfHalted();
        if (cancelledEarly.contains(execution.runId())) {
            execution.cancel();
        }
    }

    void leave(RunExecution execution) {
        executions.remove(execution.runId(), execution);
        synchronized (this) {
            notifyAll();
        }
    }

    /** Cancels the run as soon as it is driven here; {@link #forget} takes that back. */
    void cancelEarly(String runId) {
        cancelledEarly.add(runId);
        cancel(runId);
    }

    void forget(String runId) {
        cancelledEarly.remove(runId);
    }

    boolean contains(String runId) {
        return executions.containsKey(runId);
    }

    /** Has a run that is driven here look at its questions again; false when it is not. */
    boolean wake(String runId) {
        RunExecution execution = executions.get(runId);
        if (execution == null) {
            return false;
        }
        execution.wake();
        return true;
    }

    /**
     * Has a run that is driven here take what a person decided, and blocks until that is durable.
     *
     * @return false when it is not driven here, or the action does not wait for that
     */
    boolean decide(String runId, JournalEntry entry, Predicate<ActionProgress> fits) {
        RunExecution execution = executions.get(runId);
        return execution != null && execution.decide(entry, fits);
    }

    /** Whether the runtime is being closed. */
    boolean isClosing() {
        return closing;
    }

    /** Cancels it if it is driven here. */
    boolean cancel(String runId) {
        RunExecution execution = executions.get(runId);
        if (execution == null) {
            return false;
        }
        execution.cancel();
        return true;
    }

    /** Asks every run to stop at its next commit; no further one stays. */
    public void suspendAll() {
        closing = true;
        executions.values().forEach(RunExecution::suspend);
    }

    /** Has every run pause before its next step if the node stands still. */
    public void haltAll() {
        executions.values().forEach(RunExecution::pauseIfHalted);
    }

    /** Gives the runs that long to leave, then does not wait for their running steps any longer. */
    public synchronized void awaitAllLeft(Duration patience) throws InterruptedException {
        boolean inTime = awaitNone(patience);
        if (!inTime) {
            executions.values().forEach(RunExecution::suspendNow);
            awaitNone(LAST_COMMIT);
        }
    }

    private synchronized boolean awaitNone(Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        for (long left = patience.toNanos(); !executions.isEmpty() && left > 0; left = end - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return executions.isEmpty();
    }
}
