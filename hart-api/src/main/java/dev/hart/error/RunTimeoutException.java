package dev.hart.error;

import org.jspecify.annotations.Nullable;

/** Waiting for the run took too long; the run goes on. */
public final class RunTimeoutException extends HartException {
    private static final long serialVersionUID = 1;

    public RunTimeoutException(String message) {
        this(message, null);
    }

    public RunTimeoutException(String message, @Nullable Throwable cause) {
        super("RUN_TIMEOUT", message, cause);
    }
}
