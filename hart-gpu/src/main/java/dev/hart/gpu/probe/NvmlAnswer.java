package dev.hart.gpu.probe;

import java.util.Optional;
import java.util.function.Function;

/** What one call of NVML gave: a value, or the code with which the driver refused. */
sealed interface NvmlAnswer<T> {

    record Value<T>(T value) implements NvmlAnswer<T> {}

    /** {@code code} is an {@code nvmlReturn_t}, never {@link NvmlLibrary#SUCCESS}. */
    record Refused<T>(String function, int code) implements NvmlAnswer<T> {}

    default Optional<T> toOptional() {
        return this instanceof Value<T> given ? Optional.of(given.value()) : Optional.empty();
    }

    default <R> NvmlAnswer<R> map(Function<T, R> change) {
        if (this instanceof Value<T> given) {
            return new Value<>(change.apply(given.value()));
        }
        Refused<T> refused = (Refused<T>) this;
        return new Refused<>(refused.function(), refused.code());
    }
}
