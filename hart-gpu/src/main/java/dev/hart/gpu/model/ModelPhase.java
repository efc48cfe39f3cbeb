package dev.hart.gpu.model;

import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** Where a model stands. {@link #next()} is its whole life cycle. */
public enum ModelPhase {
    UNLOADED,
    LOADING,
    LOADED,
    UNLOADING,
    /** It ended by itself and is started again when its back-off is over. */
    CRASHED,
    /** It crashed too often: only {@link Model#load} starts it again. */
    FAILED;

    private static final Map<ModelPhase, Set<ModelPhase>> NEXT = new EnumMap<>(Map.of(
            UNLOADED, EnumSet.of(LOADING),
            LOADING, EnumSet.of(UNLOADED, LOADED, CRASHED, FAILED),
            LOADED, EnumSet.of(UNLOADED, UNLOADING, CRASHED, FAILED),
            UNLOADING, EnumSet.of(UNLOADED),
            CRASHED, EnumSet.of(UNLOADED, LOADING),
            FAILED, EnumSet.of(UNLOADED, LOADING)));

    /** The phases that may follow, in the order of this enum. */
    public Set<ModelPhase> next() {
        return Collections.unmodifiableSet(NEXT.getOrDefault(this, EnumSet.noneOf(ModelPhase.class)));
    }

    /** @throws IllegalStateException unless {@code next} may follow */
    ModelPhase to(ModelPhase next, String model) {
        if (!next().contains(next)) {
            throw new IllegalStateException("model '%s' is %s and cannot become %s".formatted(model, this, next));
        }
        return next;
    }
}
