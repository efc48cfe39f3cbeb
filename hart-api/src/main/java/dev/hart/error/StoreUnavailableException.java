package dev.hart.error;

import org.jspecify.annotations.Nullable;

/** The database cannot be opened, read or written; the command did not happen. */
public final class StoreUnavailableException extends HartException {
    private static final long serialVersionUID = 1;

    public StoreUnavailableException(String message) {
        this(message, null);
    }

    public StoreUnavailableException(String message, @Nullable Throwable cause) {
        super("STORE_UNAVAILABLE", message, cause);
    }
}
