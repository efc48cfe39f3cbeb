package dev.hart.core.tool;

import dev.hart.spi.CallInterceptor;
import dev.hart.tool.ToolContext;
import dev.hart.tool.ToolResult;
import dev.hart.tool.ToolSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A tool behind interceptors, the first of which is the outermost. */
final class InterceptedTool extends CallableTool {
    private final CallableTool original;
    private final List<CallInterceptor> interceptors;

    InterceptedTool(CallableTool original, List<CallInterceptor> interceptors) {
        super(limited(original.spec(), interceptors));
        this.original = original;
        this.interceptors = interceptors;
    }

    private static ToolSpec limited(ToolSpec spec, List<CallInterceptor> interceptors) {
        Duration limit = spec.timeout();
        for (CallInterceptor interceptor : interceptors) {
            limit = interceptor.timeout(spec, limit);
        }
        return limit.equals(spec.timeout()) ? spec : spec.withTimeout(limit);
    }

    @Override
    ToolResult<@Nullable Object> invoke(Map<String, @Nullable Object> arguments, ToolContext context) throws Exception {
        ToolResult<@Nullable Object> result = call(0, arguments, context);
        return result instanceof ToolResult.Ok<@Nullable Object> ok ? asJson(spec(), ok.value()) : result;
    }

    private ToolResult<@Nullable Object> call(int from, Map<String, @Nullable Object> arguments, ToolContext context)
            throws Exception {
        return from == interceptors.size()
                ? original.call(arguments, context)
                : interceptors
                        .get(from)
                        .call(original.spec(), arguments, context, (args, c) -> call(from + 1, args, c));
    }
}
