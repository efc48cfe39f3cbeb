package dev.hart.gpu.catalogue;

import dev.hart.gpu.LeaseMode;
import java.time.Instant;
import java.util.Optional;

/**
 * How a model stands on this machine now. Never saved.
 *
 * @param loaded where it runs; empty when it is not loaded
 * @param activeSince when it was loaded
 * @param error why it could not be loaded the last time
 */
public record ModelStanding(
        boolean downloaded, Optional<LeaseMode> loaded, Optional<Instant> activeSince, Optional<String> error) {
    static final ModelStanding NONE = new ModelStanding(false, Optional.empty(), Optional.empty(), Optional.empty());
}
