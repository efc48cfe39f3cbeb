package dev.hart.core.run;

import dev.hart.error.RunBusyException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The runs that this runtime drives at the moment. Thread-safe. */
public final class ActiveRuns {
    private final Map<String, RunExecution> executions = new ConcurrentHashMap<>();
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
    }

    void leave(RunExecution execution) {
        executions.remove(execution.runId(), execution);
    }

    void remove(String runId) {
        executions.remove(runId);
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

    /** Asks every run to stop at its next commit; no further one stays. */
    public void suspendAll() {
        closing = true;
        executions.values().forEach(RunExecution::suspend);
    }

    public boolean isEmpty() {
        return executions.isEmpty();
    }
}
