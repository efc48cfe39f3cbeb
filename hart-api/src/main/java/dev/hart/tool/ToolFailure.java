package dev.hart.tool;

import org.jspecify.annotations.Nullable;

/** Thrown by a {@link Tool} method to answer {@link ToolResult.Failed}. */
public final class ToolFailure extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String code;
    private final boolean retryable;

    /** A failure that trying again does not mend. */
    public ToolFailure(String code, String message) {
        this(code, message, false, null);
    }

    public ToolFailure(String code, String message, boolean retryable, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.retryable = retryable;
    }

    public String code() {
        return code;
    }

    public boolean retryable() {
        return retryable;
    }
}
