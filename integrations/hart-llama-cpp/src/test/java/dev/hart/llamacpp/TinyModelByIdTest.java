package dev.hart.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;

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
import dev.hart.gpu.runtime.LoadedModel;
import dev.hart.gpu.runtime.TextModel;
import dev.hart.gpu.runtime.TextRequest;
import dev.hart.tinymodel.TinyModel;
import dev.hart.tinymodel.TinyModelEntry;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The tiny model as the catalogue's. */
@Timeout(60)
class TinyModelByIdTest {
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
            String id = library.select(ModelWish.of(ModelType.LLM))
                    .orElseThrow()
                    .entry()
                    .id();
            assertThat(id).isEqualTo(TinyModelEntry.ID);
            try (ModelUse<LoadedModel> use = library.model(id).model().use()) {
                TinyModel.Task task = TinyModel.heldOutTasks().get(0);
                TextRequest request = TextRequest.of(task.prompt()).maxTokens(80);
                assertThat(((TextModel) use.get()).generate(request).text()).isEqualTo(task.answer());
            }
            assertThat(catalogue.standing(id).downloaded()).isTrue();
        }
    }
}
