package dev.hart.error;

import org.jspecify.annotations.Nullable;

/** A tool cannot be registered as it is. */
public final class ToolInvalidException extends HartException {
    private static final long serialVersionUID = 1;

    public ToolInvalidException(String message) {
        this(message, null);
    }

    public ToolInvalidException(String message, @Nullable Throwable cause) {
        super("TOOL_INVALID", message, cause);
    }
}
