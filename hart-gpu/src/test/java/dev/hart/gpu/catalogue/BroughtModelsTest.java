package dev.hart.gpu.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.gpu.LeaseMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Entries that modules bring, and entries that nothing here runs. */
class BroughtModelsTest {
    private static final ModelEntry VOICE = ModelEntry.of("tts-brought", "Brought", ModelType.TTS)
            .source(ModelSource.CLASSPATH)
            .file("voice.bin")
            .backend(ModelBackend.IN_PROCESS)
            .capability("engine", "mine")
            .supportsGpu(false)
            .quality(0.1)
            .languages("en")
            .build();
    private static final Headroom ROOM = new Headroom(24L << 30, 16L << 30, MachineTier.FULL);

    @TempDir
    private Path folder;

    private ModelCatalogue with(CatalogueProvider... providers) {
        return ModelCatalogue.configure()
                .file(folder.resolve("catalogue.json"))
                .providers(List.of(providers))
                .open();
    }

    private String file() throws IOException {
        return Files.readString(folder.resolve("catalogue.json"));
    }

    @Test
    void whatAModuleBringsIsInEveryCatalogueAndInNoFile() throws IOException {
        ModelCatalogue catalogue = with(() -> List.of(VOICE));
        assertThat(catalogue.find(VOICE.id())).contains(VOICE);
        catalogue.register(VOICE.toBuilder().quality(0.2).build());
        assertThat(file()).contains(VOICE.id());
        catalogue.register(VOICE);
        assertThat(file()).doesNotContain(VOICE.id());
        assertThat(with().find(VOICE.id())).isEmpty();
    }

    @Test
    void whatSomebodyTookOutStaysOut() {
        assertThat(with(() -> List.of(VOICE)).unregister(VOICE.id())).isTrue();
        assertThat(with(() -> List.of(VOICE)).find(VOICE.id())).isEmpty();
    }

    @Test
    void anIdThatIsTakenAndAModuleThatFailsAreLeftOut() {
        ModelEntry taken = ModelEntry.of("vlm-clip", "Another", ModelType.VLM).build();
        ModelCatalogue catalogue = with(
                () -> List.of(taken),
                () -> {
                    throw new IllegalStateException("no list");
                },
                () -> List.of(VOICE));
        assertThat(catalogue.find("vlm-clip").orElseThrow().name()).isEqualTo("CLIP");
        assertThat(catalogue.find(VOICE.id())).isPresent();
    }

    @Test
    void aBetterModelWithoutAnEngineLosesToOneThatRunsAndSaysWhatToAdd() {
        ModelCatalogue catalogue = with(() -> List.of(VOICE));
        EngineCheck mine =
                entry -> entry.id().equals(VOICE.id()) ? Optional.empty() : Optional.of("no engine here: add hart-x");
        ModelWish wish = ModelWish.of(ModelType.TTS).language("en");

        assertThat(catalogue.select(wish, ROOM).orElseThrow().entry().id()).isEqualTo("tts-chatterbox-turbo");
        assertThat(catalogue.select(wish, ROOM, mine).orElseThrow().entry()).isEqualTo(VOICE);
        assertThat(catalogue.explain(wish, ROOM, mine))
                .filteredOn(verdict -> verdict.entry().id().equals("tts-chatterbox-turbo"))
                .singleElement()
                .satisfies(verdict -> {
                    assertThat(verdict.choice()).isEmpty();
                    assertThat(verdict.reason()).isEqualTo("no engine here: add hart-x");
                });
        assertThat(catalogue.select(wish, ROOM, entry -> Optional.of("none"))).isEmpty();
    }

    @Test
    void whatIsLoadedHasAnEngine() {
        ModelCatalogue catalogue = with();
        catalogue.markLoaded("tts-espeak", LeaseMode.CPU);
        assertThat(catalogue
                        .select(ModelWish.of(ModelType.TTS), ROOM, entry -> Optional.of("none"))
                        .orElseThrow()
                        .entry()
                        .id())
                .isEqualTo("tts-espeak");
    }
}
