package dev.hart.gpu.model;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** A loaded model that may end by itself, such as one in a process of its own. */
public interface ModelProcess extends AutoCloseable {

    /** Completes once it has ended, whether by itself or by {@link #close}; never exceptionally. */
    CompletionStage<ProcessExit> exit();

    /**
     * The process that has the model's memory, which HART notes on the lease: it is stopped when the lease is taken back and not
     * closed in time. Empty where the loader has noted it, or there is none.
     */
    default Optional<ProcessHandle> process() {
        return Optional.empty();
    }
}
