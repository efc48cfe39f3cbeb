package dev.hart.gpu.model;

import java.util.concurrent.CompletionStage;

/** A loaded model that may end by itself, such as one in a process of its own. */
public interface ModelProcess extends AutoCloseable {

    /** Completes once it has ended, whether by itself or by {@link #close}; never exceptionally. */
    CompletionStage<ProcessExit> exit();
}
