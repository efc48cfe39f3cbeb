package dev.hart.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.GpuException;
import dev.hart.gpu.Device;
import dev.hart.gpu.DeviceKind;
import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.ModelRequirement;
import dev.hart.gpu.ProbeReading;
import dev.hart.gpu.model.MachineLoad;
import dev.hart.gpu.model.Model;
import dev.hart.gpu.model.ModelEvent;
import dev.hart.gpu.model.ModelPhase;
import dev.hart.gpu.model.ModelSettings;
import dev.hart.gpu.model.ModelUse;
import dev.hart.gpu.model.Models;
import dev.hart.gpu.model.ProcessExit;
import dev.hart.gpu.runtime.LoadOptions;
import dev.hart.gpu.runtime.LocalLanguageModel;
import dev.hart.gpu.runtime.TextAnswer;
import dev.hart.gpu.runtime.TextModel;
import dev.hart.gpu.runtime.TextRequest;
import dev.hart.gpu.runtime.Weights;
import dev.hart.llamacpp.EngineProcess.Call;
import dev.hart.llamacpp.Frame.Kind;
import dev.hart.model.Message.UserMessage;
import dev.hart.model.ModelException;
import dev.hart.model.ModelRequest;
import dev.hart.tinymodel.TinyModel;
import dev.hart.tinymodel.TinyModel.Task;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a process of its own gives a model: memory that comes back, and faults that stay in it. */
@Timeout(120)
class ModelInItsProcessTest {
    private static final Task TASK = TinyModel.heldOutTasks().get(0);
    /** An answer that goes on to the end of the context. */
    private static final TextRequest LONG = TextRequest.of("Task: ")
            .jsonSchema("{\"type\": \"array\", \"items\": {\"type\": \"boolean\"}, \"minItems\": 200}");

    @TempDir
    static Path folder;

    private static Path file;

    @BeforeAll
    static void copy() throws Exception {
        file = folder.resolve("hart-tiny.gguf");
        try (InputStream in = TinyModel.gguf().openStream()) {
            Files.copy(in, file);
        }
    }

    private static LlamaTextModel load() {
        return (LlamaTextModel) new LlamaCppRuntime()
                .load(Weights.file(file), LoadOptions.onCpu().threads(1));
    }

    private static void killed(LlamaTextModel model) {
        model.process().orElseThrow().destroyForcibly();
        model.exit().toCompletableFuture().join();
    }

    @Test
    void aClosedModelLeavesNoProcessAndNothingOfItIsEverInThisOne() throws Exception {
        for (int i = 0; i < 3; i++) {
            LlamaTextModel model = load();
            ProcessHandle process = model.process().orElseThrow();
            assertThat(process.isAlive()).isTrue();
            assertThat(model.generate(TextRequest.of(TASK.prompt())).text()).isEqualTo(TASK.answer());
            model.close();
            model.close();
            assertThat(process.isAlive()).isFalse();
            assertThat(ProcessHandle.of(process.pid())).isEmpty();
        }
        Path maps = Path.of("/proc/self/maps");
        if (Files.exists(maps)) {
            assertThat(Files.readString(maps)).doesNotContain("jllama").doesNotContain("hart-tiny.gguf");
        }
    }

    @Test
    void noMoreIsWrittenAheadThanThereIsCreditFor() throws Exception {
        LlamaTextModel model = load();
        Call call = model.engine().call(() -> {});
        call.send(Kind.GENERATE, List.of(100, 0, 0, 5, 128), List.of("Task: ", LONG.jsonSchema()));
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        assertThat(call.next(deadline).kind()).isEqualTo(Kind.BEGUN);
        assertThat(pieces(call, 5, deadline)).hasSize(5);
        call.send(Kind.CREDIT, List.of(1), List.of());
        assertThat(pieces(call, 1, deadline)).hasSize(1);
        call.send(Kind.CANCEL, List.of(), List.of());
        assertThat(call.next(deadline).kind()).isEqualTo(Kind.CANCELLED);
        model.close();
    }

    @Test
    void closingEndsTheCallsThatRun() throws Exception {
        LlamaTextModel model = load();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        CompletableFuture<TextAnswer> answer = CompletableFuture.supplyAsync(() -> model.generate(LONG, piece -> {
            begun.countDown();
            try {
                closed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return true;
        }));
        begun.await();
        model.close();
        closed.countDown();
        assertThat(answer.get().end()).isEqualTo(TextAnswer.End.CANCELLED);
        assertThat(answer.get().tokens()).isEqualTo(1);
    }

    private static List<String> pieces(Call call, int wanted, long deadline) throws Exception {
        List<String> pieces = new ArrayList<>();
        while (pieces.size() < wanted) {
            Frame frame = call.next(deadline);
            assertThat(frame.kind()).isEqualTo(Kind.PIECES);
            pieces.addAll(frame.texts());
        }
        return pieces;
    }

    @Test
    void aProcessThatIsKilledInAnAnswerFailsThatCallAndTheNextOneLoadsItAgain() {
        List<LlamaTextModel> loaded = new ArrayList<>();
        try (LocalLanguageModel model = new LocalLanguageModel("tiny", () -> {
            loaded.add(load());
            return loaded.get(loaded.size() - 1);
        })) {
            ModelRequest request = ModelRequest.of(new UserMessage(TASK.task()));
            assertThat(model.complete(request).text()).isEqualTo(TASK.answer());
            LlamaTextModel first = loaded.get(0);
            assertThatThrownBy(() -> first.generate(LONG, piece -> {
                        killed(first);
                        return true;
                    }))
                    .isInstanceOfSatisfying(
                            ModelException.class, e -> assertThat(e.kind()).isEqualTo(ModelException.Kind.UNAVAILABLE))
                    .hasMessageContaining("the process of model hart-tiny has ended by itself with exit code 137, as"
                            + " when memory runs out");
            assertThatThrownBy(() -> first.countTokens("a")).isInstanceOf(ModelException.class);
            assertThat(model.complete(request).text()).isEqualTo(TASK.answer());
            assertThat(loaded).hasSize(2);
        }
        assertThat(loaded).noneMatch(model -> model.process().orElseThrow().isAlive());
    }

    @Test
    void itsLifeCycleSeesACrashAndStartsItAgain() throws Exception {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-28T00:00:00Z"));
        DeviceMemory memory = new DeviceMemory(16L << 30, 16L << 30);
        Gpus gpus = Gpus.configure()
                .clock(now::get)
                .withoutBackgroundThread()
                .probes(List.of(at -> ProbeReading.Found.of(
                        List.of(Device.of(DeviceKind.CPU, 0, "cpu:0", "processor", Optional.of(memory), at)))))
                .open();
        CountDownLatch crashed = new CountDownLatch(1);
        CountDownLatch restarted = new CountDownLatch(1);
        try (Models models = Models.configure(gpus)
                .clock(now::get)
                .withoutBackgroundThread()
                .machine(MachineLoad::unknown)
                .listener(event -> {
                    if (event instanceof ModelEvent.Crashed) {
                        crashed.countDown();
                    } else if (event instanceof ModelEvent.Restarted) {
                        restarted.countDown();
                    }
                })
                .open()) {
            Model<TextModel> model = models.register(
                    "tiny",
                    new ModelRequirement("tiny", 64 << 20, 64 << 20, 0, 64 << 20),
                    ModelSettings.defaults().onProcessor(true),
                    (mode, lease) -> new LlamaCppRuntime()
                            .load(Weights.file(file), LoadOptions.on(mode).threads(1)));
            try (ModelUse<TextModel> use = model.use()) {
                LlamaTextModel text = (LlamaTextModel) use.get();
                assertThatThrownBy(() -> text.generate(LONG, piece -> {
                            killed(text);
                            return true;
                        }))
                        .isInstanceOf(ModelException.class);
            }
            assertThat(crashed.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(model.phase()).isEqualTo(ModelPhase.CRASHED);
            assertThat(model.status().lastExit()).contains(ProcessExit.of(137));
            assertThatThrownBy(model::use)
                    .isInstanceOfSatisfying(
                            GpuException.class, e -> assertThat(e.code()).isEqualTo("NOT_NOW"));
            now.set(now.get().plusSeconds(5));
            models.tick();
            assertThat(restarted.await(60, TimeUnit.SECONDS)).isTrue();
            try (ModelUse<TextModel> use = model.use()) {
                assertThat(use.get().generate(TextRequest.of(TASK.prompt())).text())
                        .isEqualTo(TASK.answer());
                use.succeeded();
            }
        } finally {
            gpus.close();
        }
    }

    @Test
    void aProgramEndsByItselfWithAModelOpenAndTheProcessWithIt() throws Exception {
        Process program = program(LeavesItsModelOpen.class);
        try (BufferedReader lines = program.inputReader()) {
            List<String> said = lines.lines().toList();
            assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(said).hasSize(3);
            assertThat(said.get(1)).isEqualTo("Task done");
            assertThat(said.get(2)).isEqualTo("THREADS [main]");
            assertEnds(said.get(0));
            assertThat(program.exitValue()).isZero();
        } finally {
            program.destroyForcibly();
        }
    }

    /** Windows cannot delete natives that are in use. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aProgramThatIsKilledInAnAnswerTakesTheProcessWithIt() throws Exception {
        Path natives = Files.createDirectory(folder.resolve("natives"));
        Process program = program(IsKilledInAnAnswer.class, "-Djava.io.tmpdir=" + natives);
        try (BufferedReader lines = program.inputReader()) {
            String process = lines.readLine();
            assertThat(natives).isNotEmptyDirectory();
            program.destroyForcibly();
            assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertEnds(process);
            assertThat(natives).isEmptyDirectory();
        } finally {
            program.destroyForcibly();
        }
    }

    private static void assertEnds(String line) throws Exception {
        assertThat(line).startsWith("PID ");
        Optional<ProcessHandle> process = ProcessHandle.of(Long.parseLong(line.substring(4)));
        if (process.isPresent()) {
            process.get().onExit().get(60, TimeUnit.SECONDS);
        }
    }

    /** A program of a user. */
    static final class LeavesItsModelOpen {
        public static void main(String[] arguments) {
            LlamaTextModel model = load(arguments[0]);
            sayProcess(model);
            System.out.println(
                    model.generate(TextRequest.of(TASK.prompt())).text().equals(TASK.answer()) ? "Task done" : "wrong");
            System.out.println("THREADS "
                    + Thread.getAllStackTraces().keySet().stream()
                            .filter(thread -> !thread.isDaemon())
                            .map(Thread::getName)
                            .filter(name -> !name.equals("DestroyJavaVM"))
                            .toList());
        }

        static LlamaTextModel load(String file) {
            return (LlamaTextModel) new LlamaCppRuntime()
                    .load(Weights.file(Path.of(file)), LoadOptions.onCpu().threads(1));
        }
    }

    /** Another one, which stays in the middle of an answer. */
    static final class IsKilledInAnAnswer {
        public static void main(String[] arguments) {
            LlamaTextModel model = LeavesItsModelOpen.load(arguments[0]);
            model.generate(LONG, piece -> {
                sayProcess(model);
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return true;
            });
        }
    }

    private static void sayProcess(LlamaTextModel model) {
        System.out.println("PID " + model.process().orElseThrow().pid());
    }

    private static Process program(Class<?> main, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                classPath()));
        command.addAll(List.of(options));
        command.addAll(List.of(main.getName(), file.toString()));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** On the module path the test's own classes are patched into their module, and stand on no path. */
    private static String classPath() {
        return Stream.of(
                        System.getProperty("jdk.module.path"),
                        System.getProperty("java.class.path"),
                        folderOf(ModelInItsProcessTest.class))
                .filter(path -> path != null && !path.isEmpty())
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String folderOf(Class<?> type) {
        String name = type.getName().replace('.', '/') + ".class";
        String own =
                Path.of(URI.create(type.getResource("/" + name).toString())).toString();
        return own.substring(0, own.length() - name.length());
    }
}
