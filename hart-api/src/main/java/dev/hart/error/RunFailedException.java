package dev.hart.error;

import org.jspecify.annotations.Nullable;

/** A run failed; the code says why, such as {@code FILE_NOT_FOUND}, {@code EXPECTATION_FAILED} or {@code TIMEOUT}. */
public final class RunFailedException extends HartException {
    private static final long serialVersionUID = 1;

    public RunFailedException(String code, String message, @Nullable Throwable cause) {
        super(code, message, cause);
    }
}
