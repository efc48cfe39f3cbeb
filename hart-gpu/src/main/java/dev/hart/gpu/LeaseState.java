package dev.hart.gpu;

import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** Where a lease stands. {@link #next()} is its whole life cycle. */
public enum LeaseState {
    /** It waits for memory. */
    QUEUED,
    /** It has memory; the model is being loaded. */
    RESERVED,
    /** The model is loaded. */
    ACTIVE,
    /** It is being taken back for another one. */
    REVOKING,
    RELEASED,
    /** It waited as long as it may. */
    TIMED_OUT,
    /** Whoever asked gave up. */
    CANCELLED,
    /** It can never fit. */
    REFUSED,
    /** Its device is gone. */
    LOST,
    /** Its owner, or the process that used the memory, was found dead. */
    RECOVERED;

    private static final Map<LeaseState, Set<LeaseState>> NEXT = new EnumMap<>(Map.of(
            QUEUED, EnumSet.of(RESERVED, TIMED_OUT, CANCELLED, REFUSED),
            RESERVED, EnumSet.of(ACTIVE, RELEASED, LOST, RECOVERED),
            ACTIVE, EnumSet.of(REVOKING, RELEASED, LOST, RECOVERED),
            REVOKING, EnumSet.of(RELEASED, LOST, RECOVERED)));

    /** The states that may follow, in the order of this enum; none once the lease is over. */
    public Set<LeaseState> next() {
        return Collections.unmodifiableSet(NEXT.getOrDefault(this, EnumSet.noneOf(LeaseState.class)));
    }

    public boolean canBecome(LeaseState next) {
        Set<LeaseState> allowed = NEXT.get(this);
        return allowed != null && allowed.contains(next);
    }

    /** Whether it holds memory. */
    public boolean isLive() {
        return this == RESERVED || this == ACTIVE || this == REVOKING;
    }
}
