package dev.hart.error;

import org.jspecify.annotations.Nullable;

/** A document or database is of a format that this version does not know. */
public final class UnsupportedSchemaException extends HartException {
    private static final long serialVersionUID = 1;

    public UnsupportedSchemaException(String message) {
        this(message, null);
    }

    public UnsupportedSchemaException(String message, @Nullable Throwable cause) {
        super("UNSUPPORTED_SCHEMA", message, cause);
    }
}
