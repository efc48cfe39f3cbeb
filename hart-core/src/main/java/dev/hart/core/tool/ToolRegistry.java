package dev.hart.core.tool;

import dev.hart.Tools;
import dev.hart.error.ToolInvalidException;
import dev.hart.spi.CallInterceptor;
import dev.hart.tool.ToolSpec;
import dev.hart.tool.TypedTool;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The tools of one runtime, by name. Thread-safe: readers see an immutable snapshot. */
public final class ToolRegistry implements Tools {
    private final List<CallInterceptor> interceptors;
    private volatile Map<String, CallableTool> tools = Map.of();

    public ToolRegistry() {
        this(List.of());
    }

    /** @param interceptors of every call, the outermost first */
    public ToolRegistry(List<CallInterceptor> interceptors) {
        this.interceptors = List.copyOf(interceptors);
    }

    @Override
    public void register(Object object) {
        if (object instanceof TypedTool<?, ?> tool) {
            register(tool);
        } else {
            add(AnnotatedTool.of(object));
        }
    }

    @Override
    public void register(TypedTool<?, ?> tool) {
        add(List.of(CallableTool.of(tool)));
    }

    private synchronized void add(List<CallableTool> added) {
        Map<String, CallableTool> all = new TreeMap<>(tools);
        for (CallableTool tool : added) {
            if (all.put(tool.spec().name(), tool) != null) {
                throw new ToolInvalidException(
                        "there is already a tool named " + tool.spec().name()
                                + "; give this one another name, or leave out the built-in tools with withoutBuiltInTools()");
            }
        }
        tools = Map.copyOf(all);
    }

    @Override
    public List<ToolSpec> list() {
        return new TreeMap<>(tools).values().stream().map(CallableTool::spec).toList();
    }

    @Override
    public Optional<ToolSpec> find(String name) {
        return Optional.ofNullable(tools.get(name)).map(CallableTool::spec);
    }

    /** The tool with that name, or null. */
    public @Nullable CallableTool tool(String name) {
        CallableTool tool = tools.get(name);
        return tool == null || interceptors.isEmpty() ? tool : new InterceptedTool(tool, interceptors);
    }
}
