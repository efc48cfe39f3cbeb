package dev.hart.spi;

import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/**
 * Decides when the steps of a run are performed that could be performed at the same time; for tests that want an order they can
 * repeat. Set with {@link dev.hart.HartBuilder#scheduler}. Implementations are thread-safe and do not block.
 */
public interface StepScheduler {

    /**
     * Something is to be performed for a step: an attempt, the wait before one, or the judgement of a result. Called on the
     * run's thread.
     *
     * @param action as in {@link dev.hart.RunEvent#action()}
     * @param work to be called once, on a worker; gives false when there was nothing left to do, as the time for it was over
     */
    void perform(String runId, String action, BooleanSupplier work, Executor workers);

    /** The run has handed over all it can, and now waits for work to end. Called on the run's thread. */
    void waits(String runId);

    /** The run goes on no further here: what was not performed yet never will be. */
    void ended(String runId);
}
