package dev.hart.core.run;

import dev.hart.Evidence;
import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.RunReport;
import dev.hart.RunState;
import dev.hart.Savings;
import dev.hart.core.tool.JavaValues;
import dev.hart.error.HartException;
import dev.hart.error.OutputMismatchException;
import dev.hart.recipe.RecipeVersion;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A run as its journal tells it.
 *
 * @param proof makes its evidence when it is asked for
 */
record EndedRun(
        String id,
        RunState state,
        Mode mode,
        String request,
        Optional<RecipeVersion> recipe,
        Map<String, @Nullable Object> result,
        Optional<HartException> failure,
        Duration elapsed,
        RunReport report,
        Optional<Savings> savings,
        Supplier<Evidence> proof)
        implements Run {

    @Override
    public @Nullable Object output() {
        Map<String, @Nullable Object> all = outputs();
        return all.size() == 1 ? all.values().iterator().next() : all;
    }

    @Override
    public <T> T output(Class<T> type) {
        Object value = output();
        try {
            Object converted = JavaValues.convert(value, type);
            if (converted != null) {
                return boxed(type).cast(converted);
            }
        } catch (IllegalArgumentException e) {
            throw new OutputMismatchException(
                    "the output of run " + id + " is no " + type.getSimpleName() + ": " + e.getMessage(), e);
        }
        throw new OutputMismatchException("the output of run " + id + " is null, not a " + type.getSimpleName());
    }

    @SuppressWarnings("unchecked")
    private static <T> Class<T> boxed(Class<T> type) {
        return type.isPrimitive()
                ? (Class<T>) java.lang.invoke.MethodType.methodType(type).wrap().returnType()
                : type;
    }

    @Override
    public Map<String, @Nullable Object> outputs() {
        if (failure.isPresent()) {
            throw failure.get();
        }
        return result;
    }

    @Override
    public Evidence evidence() {
        return proof.get();
    }

    @Override
    public String toString() {
        return "Run[" + id + " " + mode + " " + state + " " + elapsed.toMillis() + " ms]";
    }
}
