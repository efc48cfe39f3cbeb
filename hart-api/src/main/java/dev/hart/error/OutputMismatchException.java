package dev.hart.error;

import org.jspecify.annotations.Nullable;

/** A run's result does not fit the type that was asked for. */
public final class OutputMismatchException extends HartException {
    private static final long serialVersionUID = 1;

    public OutputMismatchException(String message) {
        this(message, null);
    }

    public OutputMismatchException(String message, @Nullable Throwable cause) {
        super("OUTPUT_MISMATCH", message, cause);
    }
}
