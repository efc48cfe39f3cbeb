package dev.hart.gpu.model;

import dev.hart.gpu.LeaseMode;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A model at one moment.
 *
 * @param mode where it runs; empty unless it is loaded
 * @param idle since its last use, zero when it was never used
 * @param accessesInWindow since the last call of {@link Model#accessRate}
 * @param vramBytes of GPUs that it holds
 * @param ramBytes of the machine's memory that it holds
 * @param pinnedUntil when a pin by hand ends
 * @param hivePopularity how much other nodes want it, 0 to 1
 * @param crashes in a row
 * @param restartAt when it is started again; empty unless it has crashed
 * @param downgraded whether it runs, or starts again, with less of the GPU because memory ran out
 * @param error why it was not loaded last time; empty when it was
 */
public record ModelStatus(
        String id,
        ModelPhase phase,
        Optional<LeaseMode> mode,
        ModelPriority priority,
        Optional<Instant> lastAccess,
        Optional<Instant> loadedAt,
        Duration idle,
        long accesses,
        long accessesInWindow,
        long vramBytes,
        long ramBytes,
        Duration idleTimeout,
        boolean pinned,
        Optional<Instant> pinnedUntil,
        double hivePopularity,
        boolean hiveBoost,
        int activeInferences,
        int crashes,
        Optional<Instant> lastCrash,
        Optional<ProcessExit> lastExit,
        Optional<Instant> restartAt,
        boolean downgraded,
        Optional<String> error) {

    /** Whether it is unloaded, or loaded without having crashed of late. */
    public boolean isHealthy() {
        return mode.isEmpty() || crashes == 0;
    }
}
