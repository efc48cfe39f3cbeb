package dev.hart.gpu.sidecar;

import dev.hart.gpu.model.ProcessExit;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A sidecar at one moment.
 *
 * @param pid of its process, while it has one
 * @param residentBytes of memory that it and what it started held when it was last looked at; only with a memory limit
 * @param crashes in a row
 * @param lastExit says, too, when it was killed above its memory limit
 * @param restartAt when it is started again; empty unless it is {@code RESTARTING}
 */
public record SidecarStatus(
        String tool,
        SidecarState state,
        OptionalLong pid,
        OptionalLong residentBytes,
        int crashes,
        Optional<ProcessExit> lastExit,
        Optional<Instant> restartAt) {}
