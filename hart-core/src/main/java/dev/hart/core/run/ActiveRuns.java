package dev.hart.core.run;

import dev.hart.error.RunBusyException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The runs that this runtime drives at the moment. Thread-safe. */
public final class ActiveRuns {
    private final Map<String, RunExecution> executions = new ConcurrentHashMap<>();
    /** Runs that were cancelled while they were still being planned. */
    private final Set<String> cancelled = ConcurrentHashMap.newKeySet();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition left = lock.newCondition();
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
        if (cancelled.remove(execution.runId())) {
            execution.cancel();
        }
        if (closing) {
            execution.suspend();
        }
    }

    void leave(RunExecution execution) {
        remove(execution.runId());
        cancelled.remove(execution.runId());
    }

    void remove(String runId) {
        lock.lock();
        try {
            executions.remove(runId);
            left.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean contains(String runId) {
        return executions.containsKey(runId);
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

    /** Cancels it when it enters. */
    void cancelOnEntry(String runId) {
        cancelled.add(runId);
    }

    /** Forgets a run that never entered. */
    void forget(String runId) {
        cancelled.remove(runId);
    }

    /**
     * Lets running steps end, starts none, and waits until every run has stopped. After the time is over, steps that still run are
     * left behind; their runs stay resumable.
     */
    public void suspendAll(long timeout, TimeUnit unit) throws InterruptedException {
        closing = true;
        executions.values().forEach(RunExecution::suspend);
        if (!awaitEmpty(unit.toNanos(timeout))) {
            executions.values().forEach(RunExecution::abandon);
            awaitEmpty(TimeUnit.SECONDS.toNanos(1));
        }
    }

    private boolean awaitEmpty(long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long remaining = nanos;
            while (!executions.isEmpty() && remaining > 0) {
                remaining = left.awaitNanos(remaining);
            }
            return executions.isEmpty();
        } finally {
            lock.unlock();
        }
    }
}
