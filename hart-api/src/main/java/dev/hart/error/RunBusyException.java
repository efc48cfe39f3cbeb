package dev.hart.error;

import org.jspecify.annotations.Nullable;

/** A living process works on the run. */
public final class RunBusyException extends HartException {
    private static final long serialVersionUID = 1;

    public RunBusyException(String message) {
        this(message, null);
    }

    public RunBusyException(String message, @Nullable Throwable cause) {
        super("RUN_BUSY", message, cause);
    }
}
