package dev.hart.gpu.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which file of a repository is taken, and how it is run. */
class GgufChoiceTest {
    private static RemoteFile file(String path, double gib) {
        return new RemoteFile("Qwen/Qwen3-8B", path, OptionalLong.of(Gib.bytes("size", gib)), Optional.empty());
    }

    private static long gib(double gib) {
        return Gib.bytes("size", gib);
    }

    @ParameterizedTest
    @CsvSource({
        "24, Q8_0",
        "23.9, Q6_K",
        "16, Q6_K",
        "15.9, Q4_K_M",
        "8, Q4_K_M",
        "7.9, Q4_K_S",
        "4, Q4_K_S",
        "3.9, Q4_0",
        "0, Q4_0"
    })
    void theMemoryOfAGpuSaysWhichQuantisationToLookFor(double free, String label) { // worked case 30
        assertThat(Quantisation.forMemory(gib(free)).label()).isEqualTo(label);
    }

    @Test
    void ofTwoThatAreEquallyNearTheSmallerFileIsTaken() { // worked case 30
        List<GgufModel> models = GgufModel.of(List.of(file("m-Q5_K_S.gguf", 5.2), file("m-IQ4_XS.gguf", 4.2)));
        assertThat(GgufModel.nearest(models, Quantisation.parse("q4_k_m")).flatMap(GgufModel::quantisation))
                .contains(new Quantisation("IQ4_XS"));
        assertThat(GgufModel.nearest(models, Quantisation.parse("Q5_K_M")).flatMap(GgufModel::quantisation))
                .contains(new Quantisation("Q5_K_S"));
    }

    @ParameterizedTest
    @CsvSource({
        "m-IQ4_XS-00001-of-00002.gguf, IQ4_XS, 8",
        "Llama-UD-Q4_K_XL.gguf, Q4_K_XL, 14",
        "qwen2-0.5b.q4_k_m.gguf, Q4_K_M, 6",
        "Q8_0-model/m.Q2_K.gguf, Q2_K, 12",
        "m-IQ3_XXS.gguf, IQ3_XXS, 14",
        "m-Q6_K_L.gguf, Q6_K_L, 1"
    })
    void theNameOfAFileTellsItsQuantisation(String name, String label, int rank) { // worked case 31
        Quantisation quantisation = Quantisation.ofFile(name).orElseThrow();
        assertThat(quantisation.label()).isEqualTo(label);
        assertThat(quantisation.rank()).isEqualTo(rank);
    }

    @ParameterizedTest
    @CsvSource({"phi-4-F16.gguf", "m.gguf", "m-BF16.gguf", "SEQ4_0.gguf", "m-Q9_0.gguf"})
    void aNameMayTellNone(String name) { // worked case 31
        assertThat(Quantisation.ofFile(name)).isEmpty();
    }

    @Test
    void theIdInTheCatalogueIsMadeOfNameAndQuantisation() { // worked case 31
        assertThat(GgufModel.catalogueId("Qwen/Qwen3-8B", new Quantisation("Q4_K_M")))
                .isEqualTo("llm-qwen3-8b-q4-k-m");
        assertThat(GgufModel.catalogueId("a/" + "x".repeat(200), new Quantisation("Q4_0")))
                .hasSize(128);
        assertThatIllegalArgumentException().isThrownBy(() -> Quantisation.parse("../x"));
    }

    @Test
    void theBestQualityThatFitsWithItsContextIsTaken() {
        List<GgufModel> models = GgufModel.of(
                List.of(file("m-Q4_K_M.gguf", 5), file("m-Q8_0.gguf", 10), file("m-Q6_K.gguf", 7), file("m.gguf", 1)));
        assertThat(models)
                .extracting(model -> model.parts().get(0).path())
                .containsExactly("m-Q8_0.gguf", "m-Q6_K.gguf", "m-Q4_K_M.gguf", "m.gguf");
        assertBest(models, gib(12), gib(1), "Q8_0"); // 11 + 1
        assertBest(models, gib(12) - 1, gib(1), "Q6_K");
        assertBest(models, gib(7.7) + 1, 0, "Q6_K"); // 7.7 is rounded
        assertBest(models, gib(5.5), 0, "Q4_K_M");
        assertThat(GgufModel.best(models, gib(5.5), 1)).isEmpty();
        assertThat(GgufModel.best(models, gib(5), gib(6))).isEmpty();
    }

    private static void assertBest(List<GgufModel> models, long plannable, long context, String label) {
        assertThat(GgufModel.best(models, plannable, context).flatMap(GgufModel::quantisation))
                .contains(new Quantisation(label));
    }

    @Test
    void aModelInPartsIsOneModelAndOneThatLacksAPartIsNone() {
        List<GgufModel> models = GgufModel.of(List.of(
                file("q/m-Q8_0-00002-of-00002.gguf", 3),
                file("q/m-Q8_0-00001-of-00002.gguf", 4),
                file("q/m-Q6_K-00001-of-00002.gguf", 4),
                file("mmproj-m-Q8_0.gguf", 1),
                file("README.md", 0),
                new RemoteFile("a/b", "m-Q4_0.gguf", OptionalLong.empty(), Optional.empty())));
        assertThat(models).hasSize(1);
        assertThat(models.get(0).sizeBytes()).isEqualTo(gib(7));
        assertThat(models.get(0).parts())
                .extracting(RemoteFile::path)
                .containsExactly("q/m-Q8_0-00001-of-00002.gguf", "q/m-Q8_0-00002-of-00002.gguf");
    }

    @Test
    void whatWasFoundBecomesAnEntryThatTakesFileTenthAndContext() {
        GgufModel model = GgufModel.of(List.of(new RemoteFile(
                        "Qwen/Qwen3-8B", "m-Q4_K_M.gguf", OptionalLong.of(gib(5)), Optional.of("a".repeat(64)))))
                .get(0);
        ModelEntry entry = model.toEntry(gib(1));
        assertThat(entry.id()).isEqualTo("llm-qwen3-8b-q4-k-m");
        assertThat(entry.vramBytes()).isEqualTo(gib(6.5));
        assertThat(entry.diskBytes()).isEqualTo(gib(5));
        assertThat(entry.files()).isEqualTo(Map.of("model", "m-Q4_K_M.gguf"));
        assertThat(entry.sha256()).isEqualTo(Map.of("m-Q4_K_M.gguf", "a".repeat(64)));
    }

    @ParameterizedTest
    @CsvSource({ // worked case 32
        "5, 8, 64, 16, , -1, 8192, 8",
        "10, 6, 64, 16, , 24, 4096, 8",
        "10, 6, 64, 16, 20, 20, 4096, 8",
        "5, , 64, 16, , 0, 2048, 12",
        "5, , 64, 2, , 0, 2048, 1",
        "5, , 64, 1, , 0, 2048, 1",
        "5, 8, 1.5, 16, , -1, 2048, 8",
        "5, 8, 2, 16, , -1, 4096, 8",
        "5, 8, 4, 16, , -1, 8192, 8",
        "5, 6.99, 64, 16, , -1, 4096, 8",
        "5, 7, 64, 16, , -1, 8192, 8",
        "5, 5.49, 64, 16, , 43, 4096, 8",
        "10, 0, 64, 16, , 1, 4096, 8"
    })
    void llamaServerIsSetToTheMachine(
            double file, Double free, double ram, int cores, Long layers, int gpuLayers, int context, int threads) {
        assertThat(LlamaServerSettings.of(
                        gib(file),
                        free == null ? OptionalLong.empty() : OptionalLong.of(gib(free)),
                        gib(ram),
                        cores,
                        layers == null ? OptionalLong.empty() : OptionalLong.of(layers)))
                .isEqualTo(new LlamaServerSettings(gpuLayers, context, threads));
    }
}
