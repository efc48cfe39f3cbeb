package dev.hart.djl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.embeddings.BgeSmallEmbedder;
import dev.hart.embeddings.BgeSmallEntry;
import dev.hart.gpu.Device;
import dev.hart.gpu.DeviceKind;
import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.ProbeReading;
import dev.hart.gpu.catalogue.MachineTier;
import dev.hart.gpu.catalogue.ModelCatalogue;
import dev.hart.gpu.catalogue.ModelStore;
import dev.hart.gpu.catalogue.ModelType;
import dev.hart.gpu.catalogue.ModelWish;
import dev.hart.gpu.library.ModelLibrary;
import dev.hart.gpu.model.ModelUse;
import dev.hart.gpu.model.Models;
import dev.hart.gpu.runtime.EmbeddingModel;
import dev.hart.gpu.runtime.LoadedModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The sentence model of hart-embeddings as the catalogue's. */
@Timeout(60)
class BgeSmallByIdTest {
    @TempDir
    private Path folder;

    private static Gpus processor() {
        DeviceMemory memory = new DeviceMemory(16L << 30, 12L << 30);
        return Gpus.configure()
                .probes(List.of(now -> ProbeReading.Found.of(
                        List.of(Device.of(DeviceKind.CPU, 0, "cpu:0", "CPU", Optional.of(memory), now)))))
                .withoutBackgroundThread()
                .open();
    }

    @Test
    void itIsChosenLoadedAndUsedByItsIdWithoutANetwork() throws InterruptedException {
        ModelCatalogue catalogue = ModelCatalogue.builtIn();
        try (Gpus gpus = processor();
                Models models = Models.of(gpus);
                ModelLibrary library = new ModelLibrary(
                        catalogue,
                        ModelStore.configure(folder).catalogue(catalogue).open(),
                        gpus,
                        models,
                        MachineTier.LITE)) {
            String id = library.select(ModelWish.of(ModelType.EMBEDDING))
                    .orElseThrow()
                    .entry()
                    .id();
            assertThat(id).isEqualTo(BgeSmallEntry.ID);
            try (ModelUse<LoadedModel> use = library.model(id).model().use()) {
                float[] vector = ((EmbeddingModel) use.get()).embed("the printer is jammed");
                // Only with the pooling that its file says.
                assertThat(DjlRuntimeTest.cosine(vector, new BgeSmallEmbedder().embed("the printer is jammed")))
                        .isGreaterThan(0.999);
            }
            assertThat(catalogue.standing(id).downloaded()).isTrue();
        }
    }
}
