package dev.hart.error;

import org.jspecify.annotations.Nullable;

/** A setting cannot be used. */
public final class InvalidConfigurationException extends HartException {
    private static final long serialVersionUID = 1;

    public InvalidConfigurationException(String message) {
        this(message, null);
    }

    public InvalidConfigurationException(String message, @Nullable Throwable cause) {
        super("INVALID_CONFIGURATION", message, cause);
    }
}
