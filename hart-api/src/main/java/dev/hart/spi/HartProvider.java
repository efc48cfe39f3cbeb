package dev.hart.spi;

import dev.hart.Hart;
import dev.hart.HartConfig;

/** Makes the runtime behind {@link Hart#configure()}; hart-core provides the one implementation. */
public interface HartProvider {
    Hart create(HartConfig config);
}
