package dev.hart.tool;

import dev.hart.guard.Reach;
import dev.hart.json.Schemas;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A tool given as an object. Must be thread-safe.
 *
 * @param <I> what it takes: a record, or a map for arguments as they come
 * @param <O> what it answers
 */
public interface TypedTool<I, O extends @Nullable Object> {
    ToolSpec spec();

    /** The class that arguments are converted to before {@link #call}. */
    Class<I> inputType();

    /** One attempt; called exactly once per attempt. What it throws counts as a failure that may be retried. */
    ToolResult<O> call(I input, ToolContext context) throws Exception;

    /** A tool from a function whose input is a record; described by its name. It does not say what it reaches, see {@link Reach#unstated}. */
    static <I extends Record, O> TypedTool<I, O> of(
            String name, String description, Class<I> input, Class<O> output, Effect effect, Function<I, O> function) {
        ToolSpec spec = new ToolSpec(
                name,
                description,
                Schemas.of(input),
                Schemas.of(output),
                effect,
                Duration.ofSeconds(30),
                "1",
                Reach.unstated(effect),
                arguments(input, Param::trusted),
                arguments(input, Param::command));
        return new TypedTool<>() {
            @Override
            public ToolSpec spec() {
                return spec;
            }

            @Override
            public Class<I> inputType() {
                return input;
            }

            @Override
            public ToolResult<O> call(I in, ToolContext context) {
                @Nullable O value = function.apply(in);
                return ToolResult.ok(value);
            }
        };
    }

    private static Set<String> arguments(Class<?> input, Predicate<Param> marked) {
        Set<String> names = new LinkedHashSet<>();
        for (RecordComponent component : input.getRecordComponents()) {
            Param param = component.getAnnotation(Param.class);
            if (param != null && marked.test(param)) {
                names.add(Schemas.nameOf(component));
            }
        }
        return names;
    }
}
