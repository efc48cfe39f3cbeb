package dev.hart.error;

import org.jspecify.annotations.Nullable;

/** The database cannot be opened, read or written; the command did not happen, unless {@link #outcomeUnknown} says otherwise. */
public final class StoreUnavailableException extends HartException {
    private static final long serialVersionUID = 1;
    private final boolean outcomeUnknown;

    public StoreUnavailableException(String message) {
        this(message, null);
    }

    public StoreUnavailableException(String message, @Nullable Throwable cause) {
        this(message, cause, false);
    }

    private StoreUnavailableException(String message, @Nullable Throwable cause, boolean outcomeUnknown) {
        super("STORE_UNAVAILABLE", message, cause);
        this.outcomeUnknown = outcomeUnknown;
    }

    /** One for a commit that got no answer. */
    public static StoreUnavailableException outcomeUnknown(String message, @Nullable Throwable cause) {
        return new StoreUnavailableException(message, cause, true);
    }

    /**
     * Whether a server was lost during a commit, so that the command may have happened: look before you give it again. Never
     * true with SQLite.
     */
    public boolean outcomeUnknown() {
        return outcomeUnknown;
    }
}
