package dev.hart.gpu.library;

import dev.hart.error.ModelFileException;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.catalogue.MachineTier;
import dev.hart.gpu.catalogue.ModelCatalogue;
import dev.hart.gpu.catalogue.ModelStore;
import dev.hart.gpu.model.Models;
import dev.hart.spi.RuntimePart;
import java.nio.file.Path;

/** The library as a part of the runtime: catalogue and files in {@code models} of its data directory. */
public final class ModelLibraryPart implements RuntimePart<ModelLibrary> {
    @Override
    public Class<ModelLibrary> type() {
        return ModelLibrary.class;
    }

    /** @throws ModelFileException MODELS_NOT_KEPT when the runtime is in memory */
    @Override
    public ModelLibrary open(Host host) {
        Path folder = host.dataDirectory()
                .orElseThrow(() -> new ModelFileException(
                        "MODELS_NOT_KEPT", "models are files, and this runtime keeps none: give it a data directory"))
                .resolve("models");
        ModelCatalogue catalogue = ModelCatalogue.configure()
                .file(folder.resolve("catalogue.json"))
                .clock(host.clock())
                .open();
        ModelStore store = ModelStore.configure(folder)
                .catalogue(catalogue)
                .clock(host.clock())
                .open();
        return new ModelLibrary(
                catalogue, store, host.part(Gpus.class), host.part(Models.class), MachineTier.parse(host.tier()));
    }
}
