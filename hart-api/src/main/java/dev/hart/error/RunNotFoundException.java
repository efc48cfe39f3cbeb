package dev.hart.error;

import org.jspecify.annotations.Nullable;

/** There is no such run. */
public final class RunNotFoundException extends HartException {
    private static final long serialVersionUID = 1;

    public RunNotFoundException(String message) {
        this(message, null);
    }

    public RunNotFoundException(String message, @Nullable Throwable cause) {
        super("RUN_NOT_FOUND", message, cause);
    }
}
