package dev.hart.gpu.sidecar;

import dev.hart.gpu.model.ProcessExit;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A sidecar at one moment.
 *
 * @param pid of its process, while it has one
 * @param crashes in a row
 * @param restartAt when it is started again; empty unless it is {@code RESTARTING}
 */
public record SidecarStatus(
        String tool,
        SidecarState state,
        OptionalLong pid,
        int crashes,
        Optional<ProcessExit> lastExit,
        Optional<Instant> restartAt) {}
