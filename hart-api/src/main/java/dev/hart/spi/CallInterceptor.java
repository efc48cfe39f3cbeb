package dev.hart.spi;

import dev.hart.model.LanguageModel;
import dev.hart.tool.ToolContext;
import dev.hart.tool.ToolResult;
import dev.hart.tool.ToolSpec;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a runtime and what it calls, built-in tools included: for recordings, fault injection, measurements. Added
 * with {@link dev.hart.HartBuilder#intercept}; of several, the first one added is the outermost. What a method does not
 * override passes through. Implementations are thread-safe.
 */
public interface CallInterceptor {

    /** The model that the runtime asks instead of that one; called once for each runtime that has a model. */
    default LanguageModel model(LanguageModel original) {
        return original;
    }

    /**
     * One attempt to call a tool. What this throws is treated like what a tool throws.
     *
     * @param arguments checked against the tool's input schema
     * @param next calls the next interceptor, or the tool; what the tool throws is already a {@link ToolResult.Failed}
     * @return the answer; its value is whatever {@link dev.hart.json.Json#valueOf} takes
     */
    default ToolResult<@Nullable Object> call(
            ToolSpec tool, Map<String, @Nullable Object> arguments, ToolContext context, Next next) throws Exception {
        return next.call(arguments, context);
    }

    /**
     * How long the next call of a tool may take, in steps that do not say it themselves.
     *
     * @param limit what holds without this interceptor
     * @return longer than zero
     */
    default Duration timeout(ToolSpec tool, Duration limit) {
        return limit;
    }

    /** The rest of the way to a tool. */
    @FunctionalInterface
    interface Next {
        ToolResult<@Nullable Object> call(Map<String, @Nullable Object> arguments, ToolContext context)
                throws Exception;
    }
}
