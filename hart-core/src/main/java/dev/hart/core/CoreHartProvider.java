package dev.hart.core;

import dev.hart.Hart;
import dev.hart.HartConfig;
import dev.hart.spi.HartProvider;

/** Opens the runtime of this module. */
public final class CoreHartProvider implements HartProvider {
    @Override
    public Hart create(HartConfig config) {
        return CoreHart.open(config);
    }
}
