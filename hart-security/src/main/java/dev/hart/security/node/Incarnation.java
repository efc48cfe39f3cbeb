package dev.hart.security.node;

import java.util.concurrent.CancellationException;

/**
 * One start of a watched task. When the task is started again, this incarnation is over: its heartbeats and its work are refused
 * from then on, also when its thread still runs. Thread-safe.
 */
public final class Incarnation {
    private final Watchdog watchdog;
    private final String task;
    private final long generation;

    Incarnation(Watchdog watchdog, String task, long generation) {
        this.watchdog = watchdog;
        this.task = task;
        this.generation = generation;
    }

    public String task() {
        return task;
    }

    /** From 1, one more with each start. */
    public long generation() {
        return generation;
    }

    /** Whether the task was not started again since. */
    public boolean isCurrent() {
        return watchdog.isCurrent(this);
    }

    /**
     * Says that the task lives.
     *
     * @throws CancellationException when this incarnation is over: end the thread
     */
    public void heartbeat() {
        watchdog.heartbeat(this);
    }

    /**
     * Asks before work with an effect, which an old incarnation must not do.
     *
     * @throws CancellationException when this incarnation is over
     */
    public void requireCurrent() {
        if (!isCurrent()) {
            throw over();
        }
    }

    /**
     * Says that a model is called, which may take longer than the task's interval. Begin and end are heartbeats.
     *
     * @throws CancellationException when this incarnation is over
     */
    public ModelCall modelCall() {
        watchdog.beginModelCall(this);
        return new ModelCall(this);
    }

    CancellationException over() {
        return new CancellationException("task " + task + " was started again; this is its incarnation " + generation);
    }

    /** A model call under way; closing it ends it. Closing it again does nothing. */
    public static final class ModelCall implements AutoCloseable {
        private final Incarnation incarnation;
        private boolean closed;

        private ModelCall(Incarnation incarnation) {
            this.incarnation = incarnation;
        }

        @Override
        public synchronized void close() {
            if (!closed) {
                closed = true;
                incarnation.watchdog.endModelCall(incarnation);
            }
        }
    }
}
