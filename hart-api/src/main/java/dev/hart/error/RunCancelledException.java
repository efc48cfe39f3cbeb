package dev.hart.error;

import org.jspecify.annotations.Nullable;

/** The run was cancelled. */
public final class RunCancelledException extends HartException {
    private static final long serialVersionUID = 1;

    public RunCancelledException(String message) {
        this(message, null);
    }

    public RunCancelledException(String message, @Nullable Throwable cause) {
        super("RUN_CANCELLED", message, cause);
    }
}
