package dev.hart.gpu.sidecar;

import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** Where a sidecar stands. {@link #next()} is its whole life cycle. */
public enum SidecarState {
    STOPPED,
    STARTING,
    READY,
    /** It has not answered three times in a row. */
    UNHEALTHY,
    /** It crashed, or did not answer six times in a row, and is started again when its back-off is over. */
    RESTARTING,
    STOPPING,
    /** It crashed too often: only {@link Sidecar#start} and {@link Sidecar#reset} lead out. */
    FAILED;

    private static final Map<SidecarState, Set<SidecarState>> NEXT = new EnumMap<>(Map.of(
            STOPPED, EnumSet.of(STARTING),
            STARTING, EnumSet.of(STOPPED, READY, RESTARTING, STOPPING, FAILED),
            READY, EnumSet.of(STOPPED, UNHEALTHY, RESTARTING, STOPPING, FAILED),
            UNHEALTHY, EnumSet.of(STOPPED, READY, RESTARTING, STOPPING, FAILED),
            RESTARTING, EnumSet.of(STOPPED, STARTING, FAILED),
            STOPPING, EnumSet.of(STOPPED),
            FAILED, EnumSet.of(STOPPED, STARTING)));

    /** The states that may follow, in the order of this enum. */
    public Set<SidecarState> next() {
        return Collections.unmodifiableSet(NEXT.getOrDefault(this, EnumSet.noneOf(SidecarState.class)));
    }

    /** @throws IllegalStateException unless {@code next} may follow */
    SidecarState to(SidecarState next, String tool) {
        if (!next().contains(next)) {
            throw new IllegalStateException("sidecar '%s' is %s and cannot become %s".formatted(tool, this, next));
        }
        return next;
    }

    /** Whether it can be called. */
    boolean isUp() {
        return this == READY || this == UNHEALTHY;
    }
}
