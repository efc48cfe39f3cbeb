package dev.hart.speech;

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
import dev.hart.gpu.runtime.Audio;
import dev.hart.gpu.runtime.LoadedModel;
import dev.hart.gpu.runtime.SpeechToText;
import dev.hart.gpu.runtime.TextToSpeech;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What this module brings is chosen, loaded and used by its id, without a network. */
@Timeout(60)
class SpeechModelsTest {
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
    void whatTheChosenVoiceSaysTheChosenRecogniserHears() throws InterruptedException {
        ModelCatalogue catalogue = ModelCatalogue.builtIn();
        try (Gpus gpus = processor();
                Models models = Models.of(gpus);
                ModelLibrary library = new ModelLibrary(
                        catalogue,
                        ModelStore.configure(folder).catalogue(catalogue).open(),
                        gpus,
                        models,
                        MachineTier.LITE)) {
            String voice = chosen(library, ModelType.TTS);
            String listener = chosen(library, ModelType.STT);
            assertThat(voice).isEqualTo(SpeechModels.VOICE);
            assertThat(listener).isEqualTo(SpeechModels.COMMANDS);

            Audio said;
            try (ModelUse<LoadedModel> use = library.model(voice).model().use()) {
                said = ((TextToSpeech) use.get()).speak("turn off the radio");
            }
            try (ModelUse<LoadedModel> use = library.model(listener).model().use()) {
                assertThat(((SpeechToText) use.get()).transcribe(said)).isEqualTo("turn off the radio");
            }
            assertThat(gpus.status().leases()).hasSize(2);
            assertThat(catalogue.standing(voice).loaded()).isPresent();
        }
    }

    private static String chosen(ModelLibrary library, ModelType type) throws InterruptedException {
        return library.select(ModelWish.of(type).language("en"))
                .orElseThrow()
                .entry()
                .id();
    }
}
