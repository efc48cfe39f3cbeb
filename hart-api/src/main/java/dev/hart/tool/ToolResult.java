package dev.hart.tool;

import org.jspecify.annotations.Nullable;

/** What one call of a tool came to. */
public sealed interface ToolResult<O extends @Nullable Object> {

    /** It worked. */
    record Ok<O extends @Nullable Object>(@Nullable O value) implements ToolResult<O> {}

    /**
     * It did not.
     *
     * @param code stable, upper case, such as {@code FILE_NOT_FOUND}
     * @param message says what to do; shown to users
     * @param retryable whether the same call may work later, and may be repeated although the tool has effects
     */
    record Failed<O extends @Nullable Object>(String code, String message, boolean retryable)
            implements ToolResult<O> {}

    static <O extends @Nullable Object> ToolResult<O> ok(@Nullable O value) {
        return new Ok<>(value);
    }

    static <O extends @Nullable Object> ToolResult<O> failed(String code, String message, boolean retryable) {
        return new Failed<>(code, message, retryable);
    }
}
