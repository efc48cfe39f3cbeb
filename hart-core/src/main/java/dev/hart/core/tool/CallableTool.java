package dev.hart.core.tool;

import dev.hart.json.Json;
import dev.hart.tool.ToolContext;
import dev.hart.tool.ToolFailure;
import dev.hart.tool.ToolResult;
import dev.hart.tool.ToolSpec;
import dev.hart.tool.TypedTool;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A registered tool that takes and gives JSON values. */
public abstract class CallableTool {
    /** The code of a failure that the tool did not declare: its effect may or may not have happened. */
    public static final String UNDECLARED = "TOOL_THREW";

    private final ToolSpec spec;

    CallableTool(ToolSpec spec) {
        this.spec = spec;
    }

    public final ToolSpec spec() {
        return spec;
    }

    /**
     * One attempt. What the tool throws becomes a failure; only an interrupt passes through.
     *
     * @param arguments already checked against the input schema
     * @return the tool's answer, its value a JSON value
     */
    public final ToolResult<@Nullable Object> call(Map<String, @Nullable Object> arguments, ToolContext context)
            throws InterruptedException {
        try {
            return invoke(arguments, context);
        } catch (InterruptedException e) {
            throw e;
        } catch (ToolFailure failure) {
            return ToolResult.failed(failure.code(), message(failure), failure.retryable());
        } catch (Exception | LinkageError | StackOverflowError e) {
            return ToolResult.failed(
                    UNDECLARED,
                    "tool " + spec.name() + " threw " + e.getClass().getSimpleName() + ": " + message(e),
                    false);
        }
    }

    abstract ToolResult<@Nullable Object> invoke(Map<String, @Nullable Object> arguments, ToolContext context)
            throws Exception;

    /** The result with its value as a JSON value. */
    static ToolResult<@Nullable Object> asJson(ToolSpec spec, @Nullable Object value) {
        try {
            return ToolResult.ok(Json.valueOf(value));
        } catch (IllegalArgumentException e) {
            return ToolResult.failed(
                    "RESULT_INVALID",
                    "tool " + spec.name() + " answered something without a JSON form: " + e.getMessage(),
                    false);
        }
    }

    private static String message(Throwable thrown) {
        String message = thrown.getMessage();
        return message == null || message.isBlank() ? thrown.getClass().getSimpleName() : message;
    }

    /** A tool given as an object. */
    static <I, O> CallableTool of(TypedTool<I, O> tool) {
        return new CallableTool(tool.spec()) {
            @Override
            @SuppressWarnings("unchecked")
            ToolResult<@Nullable Object> invoke(Map<String, @Nullable Object> arguments, ToolContext context)
                    throws Exception {
                Object input;
                try {
                    input = Objects.requireNonNull(JavaValues.convert(arguments, tool.inputType()));
                } catch (IllegalArgumentException e) {
                    throw new ToolFailure("ARGUMENTS_INVALID", message(e), false, e);
                }
                ToolResult<O> result = tool.call((I) input, context);
                if (result instanceof ToolResult.Ok<O> ok) {
                    return asJson(spec(), ok.value());
                }
                ToolResult.Failed<O> failed = (ToolResult.Failed<O>) result;
                return ToolResult.failed(failed.code(), failed.message(), failed.retryable());
            }
        };
    }
}
