package dev.hart.gpu.library;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.gpu.catalogue.ModelBackend;
import dev.hart.gpu.catalogue.ModelCatalogue;
import dev.hart.gpu.catalogue.ModelEntry;
import dev.hart.gpu.catalogue.ModelType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said about models that no engine here runs; this module has none. */
class InstalledEnginesTest {
    private final InstalledEngines engines = new InstalledEngines(id -> id.equals("mine"));

    private static ModelEntry.Builder entry(String type, String backend) {
        return ModelEntry.of("m", "M", ModelType.parse(type)).backend(ModelBackend.parse(backend));
    }

    @ParameterizedTest
    @CsvSource({
        "llm, llama.cpp, no engine here: add hart-llama-cpp",
        "embedding, djl, no engine here: add hart-djl",
        "embedding, onnx, no engine here: add hart-djl",
    })
    void theModuleToAddIsNamed(String type, String backend, String reason) {
        assertThat(engines.problem(entry(type, backend).build())).contains(reason);
    }

    @ParameterizedTest
    @CsvSource({"stt, onnx", "tts, torch", "video_gen, sidecar", "vlm, llama.cpp", "tts, in_process"})
    void whatHartHasNoModuleForSaysHowToBringALoader(String type, String backend) {
        assertThat(engines.problem(entry(type, backend).build()))
                .contains("no engine here: HART has none for %s models of backend %s; register a loader of your own"
                                .formatted(type, backend)
                        + " with Models.register('m', …)");
    }

    @Test
    void anEntryMayNameItsEngineAndAnApplicationMayHaveALoaderOfItsOwn() {
        ModelEntry.Builder entry = entry("tts", "in_process");
        assertThat(engines.problem(entry.capability("engine", "freetts").build()))
                .contains("no engine here: add hart-speech");
        assertThat(engines.problem(ModelEntry.of("mine", "Mine", ModelType.TTS).build()))
                .isEmpty();
    }

    @Test
    void noneOfTheKnownEntriesRunsWithoutAModule() {
        assertThat(ModelCatalogue.builtIn().entries())
                .allSatisfy(entry ->
                        assertThat(engines.problem(entry).orElseThrow()).startsWith("no engine here: "));
    }
}
