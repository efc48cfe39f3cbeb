package dev.hart.core.tool;

import dev.hart.error.ToolInvalidException;
import dev.hart.guard.Reach;
import dev.hart.json.Schemas;
import dev.hart.tool.Param;
import dev.hart.tool.Tool;
import dev.hart.tool.ToolContext;
import dev.hart.tool.ToolFailure;
import dev.hart.tool.ToolResult;
import dev.hart.tool.ToolSpec;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A method annotated with {@link Tool}. */
final class AnnotatedTool extends CallableTool {
    private final Object target;
    private final Method method;
    private final String[] names;
    private final Type[] types;

    private AnnotatedTool(ToolSpec spec, Object target, Method method) {
        super(spec);
        this.target = target;
        this.method = method;
        Parameter[] parameters = method.getParameters();
        this.names = new String[parameters.length];
        this.types = new Type[parameters.length];
        for (int i = 0; i < parameters.length; i++) {
            types[i] = parameters[i].getParameterizedType();
            names[i] = parameters[i].getType() == ToolContext.class ? "" : Schemas.nameOf(parameters[i]);
        }
    }

    /** Every annotated method of the object, by tool name. */
    static List<CallableTool> of(Object target) {
        List<CallableTool> tools = new ArrayList<>();
        for (Method method : target.getClass().getMethods()) {
            Tool tool = method.getAnnotation(Tool.class);
            if (tool != null) {
                tools.add(of(target, method, tool));
            }
        }
        for (Method method : target.getClass().getDeclaredMethods()) {
            if (method.getAnnotation(Tool.class) != null && !Modifier.isPublic(method.getModifiers())) {
                throw new ToolInvalidException("%s.%s is annotated with @Tool but not public"
                        .formatted(target.getClass().getName(), method.getName()));
            }
        }
        if (tools.isEmpty()) {
            throw new ToolInvalidException(
                    target.getClass().getName() + " has no public method annotated with @Tool; annotate at least one");
        }
        tools.sort(Comparator.comparing(t -> t.spec().name()));
        return tools;
    }

    private static CallableTool of(Object target, Method method, Tool tool) {
        if (!method.trySetAccessible()) {
            throw new ToolInvalidException(
                    "%s cannot be called: make its class public, or open its package to dev.hart.core"
                            .formatted(method));
        }
        String name = tool.name().isEmpty() ? method.getName() : tool.name();
        if (tool.description().isBlank()) {
            throw new ToolInvalidException("tool " + name + " needs a description: planners choose by it");
        }
        ToolSpec spec = new ToolSpec(
                name,
                tool.description(),
                Schemas.ofParameters(method),
                Schemas.of(method.getGenericReturnType()),
                tool.effect(),
                Duration.ofMillis(tool.timeoutMs()),
                tool.version(),
                reach(tool),
                arguments(method, Param::trusted),
                arguments(method, Param::command));
        return new AnnotatedTool(spec, target, method);
    }

    private static Set<Reach> reach(Tool tool) {
        Set<Reach> reach = Set.copyOf(Arrays.asList(tool.reach()));
        return reach.size() == Reach.values().length ? Reach.unstated(tool.effect()) : reach;
    }

    private static Set<String> arguments(Method method, Predicate<Param> marked) {
        Set<String> names = new LinkedHashSet<>();
        for (Parameter parameter : method.getParameters()) {
            Param param = parameter.getAnnotation(Param.class);
            if (param != null && parameter.getType() != ToolContext.class && marked.test(param)) {
                names.add(Schemas.nameOf(parameter));
            }
        }
        return names;
    }

    @Override
    ToolResult<@Nullable Object> invoke(Map<String, @Nullable Object> arguments, ToolContext context) throws Exception {
        @Nullable Object[] values = new @Nullable Object[names.length];
        for (int i = 0; i < names.length; i++) {
            if (types[i] == ToolContext.class) {
                values[i] = context;
                continue;
            }
            try {
                values[i] = JavaValues.convert(arguments.get(names[i]), types[i]);
            } catch (IllegalArgumentException e) {
                throw new ToolFailure("ARGUMENTS_INVALID", "argument '" + names[i] + "': " + e.getMessage(), false, e);
            }
        }
        try {
            return asJson(spec(), method.invoke(target, values));
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Exception exception) {
                throw exception;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e;
        }
    }

    @Override
    public String toString() {
        return spec().name() + Arrays.toString(names);
    }
}
