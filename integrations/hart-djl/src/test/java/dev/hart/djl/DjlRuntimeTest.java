package dev.hart.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.embeddings.BgeSmallEmbedder;
import dev.hart.error.GpuException;
import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.runtime.EmbeddingModel;
import dev.hart.gpu.runtime.LoadOptions;
import dev.hart.gpu.runtime.Weights;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A sentence model of a jar, through DJL, beside the same model through its own library. */
@Timeout(120)
class DjlRuntimeTest {
    private static EmbeddingModel model;

    @BeforeAll
    static void load() {
        // tag::embedding[]
        URL bge = ClassLoader.getSystemResource("bge-small-en-v1.5-q.onnx");
        EmbeddingModel sentences = new DjlRuntime(Pooling.FIRST).load(Weights.resource(bge), LoadOptions.onCpu());
        float[] vector = sentences.embed("how many days of leave do i have");
        // end::embedding[]
        assertThat(vector).hasSize(384);
        model = sentences;
    }

    @AfterAll
    static void close() {
        model.close();
        model.close();
        assertThatThrownBy(() -> model.embed("too late"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("model bge-small-en-v1.5-q is closed");
    }

    @Test
    void vectorsAreThoseOfTheLibrarysOwnEmbedder() {
        BgeSmallEmbedder own = new BgeSmallEmbedder();
        for (String text : List.of("the printer is jammed", "Will it rain in Cape Town?", "x")) {
            assertThat(cosine(model.embed(text), own.embed(text))).isGreaterThan(0.999);
        }
    }

    @Test
    void likeMeaningHasLikeDirectionAndLengthOne() {
        float[] leave = model.embed("how many days of leave do i have");
        assertThat(cosine(leave, leave)).isBetween(0.9999, 1.0001);
        assertThat(cosine(leave, model.embed("what is my vacation balance")))
                .isGreaterThan(cosine(leave, model.embed("the printer is jammed")) + 0.1);
    }

    @Test
    void manyTextsGiveTheirVectorsInOrder() {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 33; i++) { // one more than is computed together
            texts.add(
                    "request number " + i + " about " + (i % 2 == 0 ? "trains" : "long walks along the sea in autumn"));
        }
        List<float[]> vectors = model.embedAll(texts);
        assertThat(vectors).hasSize(33);
        for (int i : new int[] {0, 31, 32}) {
            assertThat(cosine(vectors.get(i), model.embed(texts.get(i)))).isGreaterThan(0.98);
        }
        assertThat(model.embedAll(List.of())).isEmpty();
    }

    @Test
    void aTextBeyondTheModelsLengthIsCut() {
        String word = "word ";
        assertThat(cosine(model.embed(word.repeat(510)), model.embed(word.repeat(2_000))))
                .isGreaterThan(0.999);
    }

    @Test
    void callersShareTheModel() throws Exception {
        float[] expected = model.embed("a request");
        ExecutorService callers = Executors.newFixedThreadPool(4);
        try {
            List<Future<float[]>> vectors = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                vectors.add(callers.submit(() -> model.embed("a request")));
            }
            for (Future<float[]> vector : vectors) {
                assertThat(cosine(vector.get(), expected)).isGreaterThan(0.9999);
            }
        } finally {
            callers.shutdownNow();
        }
    }

    @Test
    void aFolderOfHuggingFacesLayoutSaysItsPooling(@TempDir Path folder) throws IOException {
        copy("bge-small-en-v1.5-q.onnx", folder.resolve("model.onnx"));
        copy("bge-small-en-v1.5-q-tokenizer.json", folder.resolve("tokenizer.json"));
        Files.createDirectory(folder.resolve("1_Pooling"));
        Files.writeString(folder.resolve("1_Pooling/config.json"), "{\"pooling_mode_cls_token\": true}");
        try (EmbeddingModel other =
                new DjlRuntime().load(Weights.file(folder), LoadOptions.onCpu().threads(1))) {
            assertThat(cosine(other.embed("a request"), model.embed("a request")))
                    .isGreaterThan(0.9999);
        }
    }

    @Test
    void whatIsMissingOrNoModelIsNamed(@TempDir Path folder) throws IOException {
        assertUnreadable(folder.resolve("model.gguf"), "its name does not end with .onnx");
        assertUnreadable(folder.resolve("none.onnx"), "tokenizer.json");
        assertUnreadable(folder, "model.onnx");
        copy("bge-small-en-v1.5-q-tokenizer.json", folder.resolve("tokenizer.json"));
        Files.writeString(folder.resolve("model.onnx"), "no model");
        assertUnreadable(folder, "cannot be loaded");
        Files.writeString(folder.resolve("tokenizer.json"), "{}");
        assertUnreadable(folder, "the tokenizer of");
    }

    @Test
    void itRunsOnTheProcessorOnly() {
        assertThatThrownBy(
                        () -> new DjlRuntime().load(Weights.file(Path.of("any.onnx")), LoadOptions.on(LeaseMode.GPU)))
                .isInstanceOfSatisfying(
                        GpuException.class, e -> assertThat(e.code()).isEqualTo("RUNTIME_UNAVAILABLE"));
    }

    private static void assertUnreadable(Path path, String reason) {
        assertThatThrownBy(() -> new DjlRuntime().load(Weights.file(path), LoadOptions.onCpu()))
                .isInstanceOfSatisfying(
                        GpuException.class, e -> assertThat(e.code()).isEqualTo("MODEL_UNREADABLE"))
                .hasMessageContaining(reason);
    }

    private static void copy(String resource, Path to) throws IOException {
        try (InputStream in = ClassLoader.getSystemResourceAsStream(resource)) {
            Files.copy(in, to);
        }
    }

    static double cosine(float[] one, float[] other) {
        double sum = 0;
        double first = 0;
        double second = 0;
        for (int i = 0; i < one.length; i++) {
            sum += one[i] * other[i];
            first += one[i] * one[i];
            second += other[i] * other[i];
        }
        return sum / Math.sqrt(first * second);
    }
}
