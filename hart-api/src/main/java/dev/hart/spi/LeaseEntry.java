package dev.hart.spi;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Something that happened to a lease on device memory, with what the lease is from then on.
 *
 * @param leaseId a UUID
 * @param fencingToken of the lease; 0 in {@link Kind#GRANTED}, which gives it
 * @param tenant for whom
 * @param tool what uses the memory, such as the name of a model
 * @param priority {@code SYSTEM}, {@code INTERACTIVE}, {@code NORMAL} or {@code BATCH}
 * @param mode {@code GPU}, {@code CPU_OFFLOAD} or {@code CPU}
 * @param grants bytes by the uuid of the device
 * @param owner the process that was given the lease
 * @param child a process that uses the memory in the owner's stead
 */
public record LeaseEntry(
        Kind kind,
        String leaseId,
        long fencingToken,
        String tenant,
        String tool,
        String priority,
        String mode,
        Map<String, Long> grants,
        ProcessIdentity owner,
        Optional<ProcessIdentity> child,
        Instant at) {

    /** What happened. */
    public enum Kind {
        GRANTED,
        ACTIVATED,
        RESIZED,
        /** It is being taken back. */
        REVOKED,
        RELEASED,
        /** Its device is gone. */
        LOST,
        /** Its owner was found dead. */
        RECOVERED;

        /** Whether the lease is over. */
        public boolean isEnd() {
            return this == RELEASED || this == LOST || this == RECOVERED;
        }
    }

    /**
     * Tells a process from a later one with the same number.
     *
     * @param startedAt to the second where systems tell no better
     * @param bootId of the machine's start, empty where the system has none
     */
    public record ProcessIdentity(long pid, Instant startedAt, String bootId) {}

    public LeaseEntry {
        grants = Map.copyOf(grants);
    }
}
