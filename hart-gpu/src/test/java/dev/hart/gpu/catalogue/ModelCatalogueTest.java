package dev.hart.gpu.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.ModelRequirement;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelCatalogueTest {
    private static final Instant NOW = Instant.parse("2026-11-28T06:00:00Z");

    @TempDir
    Path folder;

    private final List<CatalogueEvent> events = new ArrayList<>();

    private ModelCatalogue open() {
        return ModelCatalogue.configure()
                .file(folder.resolve("catalogue.json"))
                .clock(InstantSource.fixed(NOW))
                .listener(events::add)
                .open();
    }

    private static ModelEntry everything() {
        return ModelEntry.of("llm-qwen3-8b-q4-k-m", "Qwen3 8B", ModelType.LLM)
                .version("3.1")
                .source(ModelSource.CUSTOM_URL)
                .repository("Qwen/Qwen3-8B")
                .downloadUrl("https://models.example/q.gguf")
                .files(Map.of("model", "sub/q.gguf"))
                .sha256(Map.of("sub/q.gguf", "a".repeat(64)))
                .vramBytes(5_027_783_488L)
                .peakVramBytes(6_000_000_001L)
                .offloadVramBytes(123_456_789L)
                .ramBytes(7_000_000_003L)
                .diskBytes(5_027_783_488L)
                .minTier(MachineTier.FULL)
                .backend(ModelBackend.LLAMA_CPP)
                .offload(OffloadMethod.RESTART_CPU)
                .idleTimeout(Duration.ofSeconds(77))
                .minBuild("b4567")
                .capability("tools", true)
                .capability("context", 8192)
                .quality(0.83)
                .speed(0.41)
                .costPer1kMicros(1234)
                .priority(60)
                .languages("en", "ZH")
                .languagePriority(Map.of("en", 3))
                .tags(List.of("chat"))
                .enabled(false)
                .autoLoad(true)
                .pinned(true)
                .build();
    }

    @Test
    void anEntryIsTheSameAfterItWasWrittenAndRead() {
        open().register(everything());
        assertThat(open().find("llm-qwen3-8b-q4-k-m")).contains(everything());
        assertThat(everything().toBuilder().build()).isEqualTo(everything());
    }

    @Test
    void everyKnownEntryIsTheSameAfterItWasWrittenAndRead() {
        ModelCatalogue first = open();
        first.register(everything());
        assertThat(open().entries()).containsExactlyElementsOf(first.entries());
        assertThat(first.entries()).hasSize(11 + 5 + 2 + 9 + 1);
    }

    @Test
    void theFileHasVersionTimeAndModelsWithSizesInGib() throws IOException {
        open().register(ModelEntry.of("llm-a", "A", ModelType.LLM)
                .vramBytes(Gib.bytes("", 4.5))
                .costPer1kMicros(2500)
                .build());
        JsonNode file =
                new ObjectMapper().readTree(folder.resolve("catalogue.json").toFile());
        assertThat(file.get("version").asInt()).isEqualTo(1);
        assertThat(file.get("updated_at").asText()).isEqualTo("2026-11-28T06:00:00Z");
        JsonNode entry = file.get("models").get(0);
        assertThat(entry.get("id").asText()).isEqualTo("llm-a");
        assertThat(entry.get("vram_gb").asDouble()).isEqualTo(4.5);
        assertThat(entry.get("ram_gb").asText()).isEqualTo("1");
        assertThat(entry.get("cost_per_1k").asText()).isEqualTo("0.0025");
        assertThat(entry.has("loaded")).isFalse();
    }

    @Test
    void keysThatAreNotKnownArePassedOverAndMissingOnesHaveTheirDefaults() throws IOException {
        write("""
                {"version": 1, "future": {}, "models": [
                  {"id": "llm-a", "name": "A", "model_type": "llm", "shape": 7, "vram_gb": null}]}""");
        ModelEntry entry = open().find("llm-a").orElseThrow();
        assertThat(entry).isEqualTo(ModelEntry.of("llm-a", "A", ModelType.LLM).build());
        assertThat(entry.ramBytes()).isEqualTo(1L << 30);
        assertThat(entry.idleTimeout()).isEqualTo(Duration.ofSeconds(600));
        assertThat(entry.priority()).isEqualTo(50);
        assertThat(events).isEmpty();
    }

    @Test
    void aKnownEntryThatWasTakenOutStaysOutUntilItIsRegisteredAgain() {
        ModelEntry clip = open().find("vlm-clip").orElseThrow();
        assertThat(open().unregister("vlm-clip")).isTrue();
        assertThat(open().find("vlm-clip")).isEmpty();
        assertThat(open().unregister("vlm-clip")).isFalse();
        open().register(clip);
        assertThat(open().find("vlm-clip")).contains(clip);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"version\": 1, \"models\": [", "[]", "{\"version\": 2, \"models\": []}", "", "{\"version\":1}"
            })
    void aFileThatCannotBeReadIsSetAsideAndTheKnownEntriesRemain(String text) throws IOException {
        write(text);
        ModelCatalogue catalogue = open();
        assertThat(catalogue.entries())
                .containsExactlyElementsOf(ModelCatalogue.builtIn().entries());
        Path aside = folder.resolve("catalogue.json.corrupt-20261128T060000Z");
        assertThat(aside).hasContent(text);
        assertThat(folder.resolve("catalogue.json")).doesNotExist();
        assertThat(events)
                .singleElement()
                .isInstanceOfSatisfying(
                        CatalogueEvent.SetAside.class,
                        event -> assertThat(event.file()).isEqualTo(aside));
    }

    @Test
    void ofTwoFilesThatAreSetAsideAtTheSameTimeBothAreKept() throws IOException {
        write("{");
        open();
        write("[");
        open();
        assertThat(folder.resolve("catalogue.json.corrupt-20261128T060000Z")).hasContent("{");
        assertThat(folder.resolve("catalogue.json.corrupt-20261128T060000Z-2")).hasContent("[");
    }

    @Test
    void anEntryThatCannotBeIsLeftOutAndTheOthersStay() throws IOException {
        String text = """
                {"version": 1, "models": [
                  {"id": "llm-a", "name": "A", "model_type": "llm"},
                  {"id": "llm-b", "name": "B", "model_type": "llm", "vram_gb": -1},
                  {"id": "../x", "name": "B", "model_type": "llm"},
                  {"id": "llm-c", "name": "C", "model_type": "llm", "ram_gb": "1"},
                  {"id": "llm-d", "name": "D", "model_type": "poem"},
                  7]}""";
        write(text);
        assertThat(open().entries())
                .extracting(ModelEntry::id)
                .contains("llm-a")
                .doesNotContain("llm-b", "llm-c");
        assertThat(folder.resolve("catalogue.json.corrupt-20261128T060000Z")).hasContent(text);
        assertThat(((CatalogueEvent.SetAside) events.get(0)).reason())
                .contains("model 'llm-b': vram_gb must be 0 to 1048576, was -1.0")
                .contains("model 'llm-c': ram_gb must be a number, was \"1\"")
                .contains("model 'llm-d': model_type must be one of llm, tts, stt,")
                .contains("model '../x': id must be 1 to 128 of lower case letters");
    }

    @Test
    void aChangeThatCannotBeWrittenIsNotMade() throws IOException {
        Path file = folder.resolve("not-a-folder/catalogue.json");
        Files.writeString(folder.resolve("not-a-folder"), "");
        ModelCatalogue catalogue = ModelCatalogue.open(file);
        ModelEntry entry = ModelEntry.of("llm-a", "A", ModelType.LLM).build();
        assertThatThrownBy(() -> catalogue.register(entry))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("the catalogue " + file + " cannot be written");
        assertThat(catalogue.find("llm-a")).isEmpty();
    }

    @Test
    void nothingIsLeftBesideTheFile() throws IOException {
        ModelCatalogue catalogue = open();
        catalogue.register(everything());
        catalogue.unregister("llm-qwen3-8b-q4-k-m");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(folder.resolve("catalogue.json"));
        }
    }

    @Test
    void listenersHearEveryChangeAndOneThatFailsDisturbsNobody() throws Exception {
        ModelCatalogue catalogue = ModelCatalogue.configure()
                .clock(InstantSource.fixed(NOW))
                .listener(event -> {
                    throw new IllegalStateException("on purpose");
                })
                .listener(events::add)
                .open();
        List<CatalogueEvent> late = new ArrayList<>();
        AutoCloseable hearing = catalogue.listen(late::add);
        ModelEntry entry = ModelEntry.of("llm-a", "A", ModelType.LLM).build();
        catalogue.register(entry);
        hearing.close();
        catalogue.markDownloaded("llm-a", true);
        catalogue.markDownloaded("llm-a", true);
        catalogue.markLoaded("llm-a", LeaseMode.CPU);
        catalogue.markFailed("llm-a", "exit 137");
        catalogue.unregister("llm-a");
        ModelStanding here = new ModelStanding(true, Optional.empty(), Optional.empty(), Optional.empty());
        ModelStanding loaded = new ModelStanding(true, Optional.of(LeaseMode.CPU), Optional.of(NOW), Optional.empty());
        ModelStanding failed = new ModelStanding(true, Optional.empty(), Optional.empty(), Optional.of("exit 137"));
        assertThat(events)
                .containsExactly(
                        new CatalogueEvent.Registered(entry),
                        new CatalogueEvent.StandingChanged("llm-a", here),
                        new CatalogueEvent.StandingChanged("llm-a", loaded),
                        new CatalogueEvent.StandingChanged("llm-a", failed),
                        new CatalogueEvent.Unregistered(entry));
        assertThat(late).containsExactly(new CatalogueEvent.Registered(entry));
        assertThat(catalogue.standing("llm-a")).isEqualTo(ModelStanding.NONE);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> catalogue.markUnloaded("llm-a"))
                .withMessage("there is no model 'llm-a' in the catalogue: register it first");
    }

    @Test
    void whatALeaseReservesIsThePeakAndHalfOfItInPart() {
        ModelEntry ltx = ModelCatalogue.builtIn().find("video_gen-ltx2").orElseThrow();
        assertThat(ltx.requirement())
                .contains(new ModelRequirement("video_gen-ltx2", 6L << 30, 4L << 30, 2L << 30, 8L << 30));
        assertThat(ModelCatalogue.builtIn().find("vlm-clip").orElseThrow().requirement())
                .isEmpty();
    }

    @Test
    void anEntryThatCannotBeIsRefusedByFieldAndValue() {
        ModelEntry.Builder llm = ModelEntry.of("llm-a", "A", ModelType.LLM);
        assertRefused(llm.quality(1.01), "quality_score of llm-a must be 0 to 1, was 1.01");
        llm.quality(1);
        assertRefused(llm.speed(Double.NaN), "speed_score of llm-a must be 0 to 1, was NaN");
        llm.speed(0);
        assertRefused(
                llm.files(Map.of("model", "../a")),
                "files.model of llm-a must be a path below a folder, but '../a' has a part '..'");
        llm.file("a");
        assertRefused(
                llm.sha256(Map.of("a", "AB")),
                "sha256 of a of llm-a must be 64 lower case hexadecimal digits, was 'AB'");
        llm.sha256(Map.of());
        assertRefused(
                llm.supportsCpu(false).offload(OffloadMethod.TORCH_TO_CPU),
                "llm-a must support the processor to be off-loaded to it: set supports_cpu, or clear supports_cpu_offload");
        llm.offload(false, OffloadMethod.NONE);
        assertRefused(
                llm.supportsGpu(false),
                "llm-a must support a GPU or the processor: supports_gpu and supports_cpu are both false");
        llm.supportsGpu(true).supportsCpu(true).vramBytes(1);
        assertRefused(llm.ramBytes(0), "ram_gb of llm-a must be more than 0, because it can leave the GPU");
        assertRefused(llm.ramBytes(-1), "ram_gb of llm-a must be 0 or more, was 0.0");
        assertThat(llm.ramBytes(1).build().fit(new Headroom(0, 1, MachineTier.LITE)))
                .contains(LeaseMode.CPU);
    }

    private static void assertRefused(ModelEntry.Builder entry, String message) {
        assertThatIllegalArgumentException().isThrownBy(entry::build).withMessage(message);
    }

    private void write(String text) throws IOException {
        Files.writeString(folder.resolve("catalogue.json"), text);
    }
}
