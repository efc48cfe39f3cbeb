package dev.hart.gpu.media;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.catalogue.MachineTier;
import dev.hart.gpu.library.ModelLibrary;
import dev.hart.gpu.model.Models;
import dev.hart.gpu.sidecar.Sidecars;
import dev.hart.spi.RuntimePart;
import java.nio.file.Path;

/** The media agent as a part of the runtime, without a tool: its files in {@code media} of the data directory. */
public final class MediaAgentPart implements RuntimePart<MediaAgent> {
    @Override
    public Class<MediaAgent> type() {
        return MediaAgent.class;
    }

    /** @throws InvalidConfigurationException when the runtime is in memory */
    @Override
    public MediaAgent open(Host host) {
        Path folder = host.dataDirectory()
                .orElseThrow(() -> new InvalidConfigurationException(
                        "media are files, and this runtime is in memory: give it a data directory"))
                .resolve("media");
        ModelLibrary library = host.part(ModelLibrary.class);
        return MediaAgent.configure(
                        folder,
                        library.catalogue(),
                        host.part(Gpus.class),
                        host.part(Models.class),
                        host.part(Sidecars.class))
                .tier(MachineTier.parse(host.tier()))
                .clock(host.clock())
                .taskKeeper(host.taskKeeper())
                .open();
    }
}
