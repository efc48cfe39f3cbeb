package dev.hart.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.GpuException;
import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.runtime.LoadOptions;
import dev.hart.gpu.runtime.ModelRuntime;
import dev.hart.gpu.runtime.TextAnswer;
import dev.hart.gpu.runtime.TextAnswer.End;
import dev.hart.gpu.runtime.TextModel;
import dev.hart.gpu.runtime.TextRequest;
import dev.hart.gpu.runtime.Weights;
import dev.hart.model.Message.SystemMessage;
import dev.hart.model.Message.UserMessage;
import dev.hart.model.ModelException;
import dev.hart.tinymodel.TinyModel;
import dev.hart.tinymodel.TinyModel.Task;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The tiny model in llama.cpp, and what is refused. */
@Timeout(120)
class LlamaCppRuntimeTest {
    private static final Task TASK = TinyModel.heldOutTasks().get(0);

    @TempDir
    static Path folder;

    private static Path file;
    private static TextModel model;

    @BeforeAll
    static void load() throws IOException {
        file = folder.resolve("hart-tiny.gguf");
        try (InputStream in = TinyModel.gguf().openStream()) {
            Files.copy(in, file);
        }
        model = runtime().load(Weights.file(file), LoadOptions.onCpu().parallel(2)) instanceof TextModel text
                ? text
                : null;
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static ModelRuntime runtime() {
        return ModelRuntime.named(LlamaCppRuntime.NAME);
    }

    private static TextRequest request() {
        return TextRequest.of(TASK.prompt());
    }

    @Test
    void theFileIsTheOneOfTheModelCard() throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
        assertThat(HexFormat.of().formatHex(digest)).isEqualTo(TinyModel.SHA_256);
    }

    @Test
    void theModelSolvesTheTasksThatItWasNotShown() {
        List<Task> tasks = TinyModel.heldOutTasks();
        long exact = tasks.stream()
                .filter(task ->
                        model.generate(TextRequest.of(task.prompt())).text().equals(task.answer()))
                .count();
        assertThat(tasks).hasSize(117);
        assertThat(exact).isEqualTo(117);
    }

    @Test
    void anAnswerComesInPiecesWhichAreTheWholeTogether() {
        List<String> pieces = new ArrayList<>();
        TextAnswer answer = model.generate(request(), pieces::add);
        assertThat(pieces).hasSizeGreaterThan(10).doesNotContain("");
        assertThat(String.join("", pieces)).isEqualTo(answer.text()).isEqualTo(TASK.answer());
        assertThat(answer.end()).isEqualTo(End.COMPLETE);
        assertThat(answer.promptTokens()).isEqualTo(model.countTokens(TASK.prompt()) + 1);
        assertThat(answer.tokens()).isEqualTo(model.countTokens(TASK.answer()) + 1);
    }

    @Test
    void aListenerEndsTheAnswerAndTheNextOneIsWhole() {
        TextAnswer answer = model.generate(request(), piece -> false);
        assertThat(answer.end()).isEqualTo(End.CANCELLED);
        assertThat(answer.tokens()).isEqualTo(1);
        assertThat(model.generate(request()).text()).isEqualTo(TASK.answer());
    }

    @Test
    void anAnswerEndsAtItsLimitAndNotBefore() {
        int needed = model.generate(request()).tokens();
        assertThat(model.generate(request().maxTokens(needed)).end()).isEqualTo(End.COMPLETE);
        TextAnswer cut = model.generate(request().maxTokens(needed - 1));
        assertThat(cut.end()).isEqualTo(End.LENGTH);
        assertThat(TASK.answer()).startsWith(cut.text());
    }

    @Test
    void aStopTextEndsTheAnswerAndIsNoPartOfIt() {
        TextAnswer answer = model.generate(request().stop("\n2."));
        assertThat(answer.text()).isEqualTo(TASK.steps().get(0));
        assertThat(answer.end()).isEqualTo(End.COMPLETE);
    }

    @Test
    void theSameSeedGivesTheSameAnswer() {
        TextRequest warm = TextRequest.of("Task: ").maxTokens(40).temperature(1.5, 7);
        assertThat(model.generate(warm).text()).isEqualTo(model.generate(warm).text());
        assertThat(model.generate(warm.temperature(1.5, 8)).text())
                .isNotEqualTo(model.generate(warm).text());
    }

    @Test
    void anAnswerFollowsAJsonSchema() {
        TextAnswer answer = model.generate(request()
                .jsonSchema(
                        "{\"type\": \"array\", \"items\": {\"type\": \"boolean\"}, \"minItems\": 1, \"maxItems\": 3}"));
        assertThat(answer.text()).matches("\\[\\s*(true|false)(\\s*,\\s*(true|false)){0,2}\\s*\\]\\s*");
    }

    @Test
    void theConversationIsWrittenAsTheModelKnowsIt() {
        assertThat(model.promptOf(List.of(new UserMessage(TASK.task())))).isEqualTo(TASK.prompt());
        // Its template has no place for instructions: llama.cpp puts them before what the user says.
        assertThat(model.promptOf(List.of(new SystemMessage("Be brief."), new UserMessage(TASK.task()))))
                .isEqualTo("Task: Be brief.\n" + TASK.task() + "\nSteps:\n");
    }

    @Test
    void aPromptMayFillTheContextButForOneToken() {
        assertThat(model.contextTokens()).isEqualTo(128);
        String fits = "1".repeat(126);
        assertThat(model.countTokens(fits)).isEqualTo(126);
        TextAnswer answer = model.generate(TextRequest.of(fits));
        assertThat(answer.end()).isIn(End.LENGTH, End.COMPLETE);
        assertThat(answer.tokens()).isLessThanOrEqualTo(1);
        assertThatThrownBy(() -> model.generate(TextRequest.of(fits + "1")))
                .isInstanceOf(ModelException.class)
                .hasMessage(
                        "the prompt has 128 tokens, and model hart-tiny reads 128 with its answer; shorten it, or load"
                                + " a model with a longer context");
    }

    @Test
    void callersShareTheSlotsAndEachGetsItsOwnAnswer() throws Exception {
        List<Task> tasks = TinyModel.heldOutTasks().subList(0, 12);
        ExecutorService callers = Executors.newFixedThreadPool(6);
        try {
            List<Future<TextAnswer>> answers = new ArrayList<>();
            for (Task task : tasks) {
                answers.add(callers.submit(() -> model.generate(TextRequest.of(task.prompt()))));
            }
            for (int i = 0; i < tasks.size(); i++) {
                assertThat(answers.get(i).get().text()).isEqualTo(tasks.get(i).answer());
            }
        } finally {
            callers.shutdownNow();
        }
    }

    @Test
    void whoeverGetsNoSlotInTimeIsToldSo() throws Exception {
        CountDownLatch taken = new CountDownLatch(2);
        CountDownLatch release = new CountDownLatch(1);
        ExecutorService callers = Executors.newFixedThreadPool(2);
        try {
            for (int i = 0; i < 2; i++) {
                callers.submit(() -> model.generate(request(), piece -> {
                    taken.countDown();
                    return await(release);
                }));
            }
            taken.await();
            TextAnswer answer = model.generate(request().timeout(Duration.ofMillis(1)));
            assertThat(answer.end()).isEqualTo(End.TIMEOUT);
            assertThat(answer.text()).isEmpty();
        } finally {
            release.countDown();
            callers.shutdown();
        }
    }

    private static boolean await(CountDownLatch latch) {
        try {
            latch.await();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Test
    void anInterruptEndsTheAnswerAndIsKept() {
        TextAnswer answer = model.generate(request(), piece -> {
            Thread.currentThread().interrupt();
            return true;
        });
        assertThat(Thread.interrupted()).isTrue();
        assertThat(answer.end()).isEqualTo(End.CANCELLED);
        assertThat(answer.tokens()).isEqualTo(1);
    }

    @Test
    void aClosedModelRefusesAndAListenerCannotCloseIt() {
        TextModel another = (TextModel) runtime()
                .load(Weights.resource(TinyModel.gguf()), LoadOptions.onCpu().threads(1));
        assertThatThrownBy(() -> another.generate(request(), piece -> {
                    another.close();
                    return true;
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("return false from it, and close afterwards");
        assertThat(another.generate(request()).text()).isEqualTo(TASK.answer());
        another.close();
        another.close();
        assertThatThrownBy(() -> another.generate(request()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("model hart-tiny is closed");
    }

    @Test
    void aMissingFileIsNamed() {
        assertUnreadable(folder.resolve("none.gguf"), "there is no model file");
    }

    @Test
    void aFileThatIsNoGgufIsToldByItsFirstBytes() throws IOException {
        assertUnreadable(
                Files.write(folder.resolve("text.gguf"), "plain text".getBytes(StandardCharsets.UTF_8)),
                "it does not begin with GGUF");
        assertUnreadable(Files.write(folder.resolve("empty.gguf"), new byte[0]), "ends within its head");
    }

    @Test
    void anUnknownVersionACutHeaderAndCutNumbersAreUnreadable() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        byte[] version = whole.clone();
        version[4] = 9;
        assertUnreadable(
                Files.write(folder.resolve("version.gguf"), version), "has version 9, this HART reads 2 and 3");
        assertUnreadable(Files.write(folder.resolve("header.gguf"), Arrays.copyOf(whole, 1_000)), "is no GGUF file");
        assertUnreadable(
                Files.write(folder.resolve("numbers.gguf"), Arrays.copyOf(whole, whole.length / 2)),
                "llama.cpp cannot load");
    }

    @Test
    void aLengthThatNoFileHasIsUnreadable() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        Arrays.fill(whole, 24, 31, (byte) 0x7f);
        assertUnreadable(Files.write(folder.resolve("length.gguf"), whole), "is no GGUF file that can be used");
    }

    @Test
    void aGpuNeedsNativesForIt() {
        assertThatThrownBy(() -> runtime().load(Weights.file(file), LoadOptions.on(LeaseMode.GPU)))
                .isInstanceOfSatisfying(
                        GpuException.class, e -> assertThat(e.code()).isEqualTo("RUNTIME_UNAVAILABLE"))
                .hasMessageContaining("compute on the processor only");
    }

    @Test
    void aContextLongerThanTrainedIsRefused() {
        assertThatThrownBy(() ->
                        runtime().load(Weights.file(file), LoadOptions.onCpu().contextTokens(129)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("contextTokens must be at most 128");
    }

    @Test
    void anEngineThatIsNotInstalledIsNamedWithThoseThatAre() {
        assertThatThrownBy(() -> ModelRuntime.named("torch"))
                .isInstanceOf(GpuException.class)
                .hasMessageContaining("no model runtime 'torch' is installed, only [llama.cpp]");
    }

    private static void assertUnreadable(Path path, String reason) {
        assertThatThrownBy(() -> runtime().load(Weights.file(path), LoadOptions.onCpu()))
                .isInstanceOfSatisfying(
                        GpuException.class, e -> assertThat(e.code()).isEqualTo("MODEL_UNREADABLE"))
                .hasMessageContaining(reason);
    }
}
