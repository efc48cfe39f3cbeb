package dev.hart.gpu.sidecar;

import static dev.hart.gpu.ScriptedProbe.gib;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hart.error.SidecarStartException;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.KeptJournal;
import dev.hart.gpu.ModelRequirement;
import dev.hart.gpu.MovedClock;
import dev.hart.gpu.OpenedGpus;
import dev.hart.gpu.ScriptedProbe;
import dev.hart.gpu.ScriptedProcesses;
import dev.hart.gpu.VramLease;
import dev.hart.gpu.model.Model;
import dev.hart.gpu.model.ModelPhase;
import dev.hart.gpu.model.ModelSettings;
import dev.hart.gpu.model.ModelUse;
import dev.hart.gpu.model.Models;
import dev.hart.gpu.model.ProcessExit;
import dev.hart.gpu.model.RestartPolicy;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Real processes. Most are shells that name the port of a server in this JVM, so that a test says how a sidecar answers.
 */
@DisabledOnOs(OS.WINDOWS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SidecarTest {
    private final MovedClock clock = new MovedClock();
    private TinyServer server;
    private Sidecars sidecars;

    @TempDir
    Path folder;

    @BeforeEach
    void open() throws IOException {
        server = new TinyServer(true);
        sidecars = Sidecars.configure()
                .clock(clock)
                .executor(Runnable::run)
                .withoutBackgroundThread()
                .open();
    }

    @AfterEach
    void close() throws IOException {
        sidecars.close();
        server.close();
    }

    private static SidecarSpec shell(String script) {
        return SidecarSpec.of("tiny", List.of("/bin/sh", "-c", script));
    }

    /** Names the test's server and waits to be ended. */
    private SidecarSpec ready() {
        return shell("echo PORT=" + server.port() + "; exec sleep 1000");
    }

    private SidecarStartException failure(SidecarSpec spec) {
        Sidecar sidecar = sidecars.sidecar(spec);
        SidecarStartException failure = catchThrowableOfType(SidecarStartException.class, sidecar::start);
        assertThat(failure.code()).isEqualTo("SIDECAR_START");
        assertThat(sidecar.state()).isEqualTo(SidecarState.STOPPED);
        assertThat(sidecar.status().pid()).isEmpty();
        return failure;
    }

    private static ProcessExit exitOf(SidecarRun run) throws Exception {
        return run.exit().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private static void kill(SidecarRun run) throws Exception {
        ProcessHandle.of(run.pid()).orElseThrow().destroyForcibly();
        exitOf(run);
    }

    /** A process that has ended but was not waited for does not count. */
    static boolean runs(long pid) throws IOException {
        Path stat = Path.of("/proc/" + pid + "/stat");
        if (!Files.isDirectory(Path.of("/proc/self"))) {
            return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
        }
        try {
            String text = Files.readString(stat);
            return text.charAt(text.lastIndexOf(')') + 2) != 'Z';
        } catch (IOException e) {
            return false;
        }
    }

    /** A process that was killed takes a moment to go, and nobody tells of one that is not a child of this JVM. */
    private static void awaitGone(long pid) throws IOException {
        while (runs(pid)) {
            Thread.onSpinWait();
        }
    }

    private void pass(double seconds) {
        clock.advanceSeconds(seconds);
        sidecars.tick();
    }

    // Starting

    @Test
    void aSidecarIsReadyWhenItHasNamedItsPortAndAnswers() throws Exception {
        Path token = folder.resolve("token");
        SidecarRun run = sidecars.sidecar(shell("printf %s \"$HART_SIDECAR_TOKEN\" > " + token
                        + "; echo \"my token is $HART_SIDECAR_TOKEN\"; echo PORT=" + server.port()
                        + "; exec sleep 1000"))
                .start();
        String secret = Files.readString(token);
        assertThat(secret).hasSize(43);
        assertThat(server.authorizations).containsOnly("Bearer " + secret);
        assertThat(run.address()).isEqualTo(URI.create("http://127.0.0.1:" + server.port()));
        assertThat(run.request("/x?y=1").build().uri()).hasToString(run.address() + "/x?y=1");
        assertThat(run.output()).isEqualTo("my token is [secret]\nPORT=" + server.port() + "\n");
        assertThat(run.toString()).doesNotContain(secret);
        assertThatThrownBy(() -> run.request("//elsewhere/x"))
                .hasMessage("path must begin with one /, was '//elsewhere/x'");
        Sidecar sidecar = sidecars.find("tiny").orElseThrow();
        assertThat(sidecar.state()).isEqualTo(SidecarState.READY);
        assertThat(sidecar.start()).as("it runs already").isSameAs(run);

        sidecar.stop();
        assertThat(sidecar.state()).isEqualTo(SidecarState.STOPPED);
        assertThat(runs(run.pid())).isFalse();
        SidecarRun next = sidecar.start();
        assertThat(Files.readString(token))
                .as("each process has a token of its own")
                .isNotEqualTo(secret);
        run.close();
        assertThat(sidecar.state()).as("an earlier run does not stop this one").isEqualTo(SidecarState.READY);
        assertThat(next.pid()).isNotEqualTo(run.pid());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        echo starting; echo no weights >&2; exit 3 | ended with exit code 3 before it was ready | 3
        echo PORT=eighty; exec sleep 1000          | named 'eighty' as its port                 | -1
        echo PORT=0; exec sleep 1000               | named '0' as its port                      | -1
        echo PORT=65536; exec sleep 1000           | named '65536' as its port                  | -1
        """)
    void aSidecarThatIsNotReadyIsGone(String script, String message, int exitCode) {
        SidecarStartException failure = failure(shell(script));
        assertThat(failure).hasMessageStartingWith("sidecar 'tiny' " + message);
        assertThat(failure.exitCode()).isEqualTo(exitCode < 0 ? OptionalInt.empty() : OptionalInt.of(exitCode));
        if (exitCode == 3) {
            assertThat(failure.output()).contains("starting\n").contains("no weights\n");
        }
    }

    @Test
    void aSidecarThatNamesNoPortIsKilledAtItsDeadline() throws Exception {
        Path pids = folder.resolve("pids");
        // The inner process has lost its parent, and the outer one does not end when it is asked to.
        SidecarStartException failure = failure(shell("trap '' TERM; (sleep 1000 & echo $! > " + pids + "); echo $$ >> "
                        + pids + "; while true; do sleep 1000; done")
                .startTimeout(Duration.ofMillis(700)));
        assertThat(failure)
                .hasMessage("sidecar 'tiny' did not write its ready line (^PORT=(.*)$) within PT0.7S;"
                        + " its last line was: (none)");
        for (String pid : Files.readAllLines(pids)) {
            awaitGone(Long.parseLong(pid));
        }
    }

    @Test
    void aFloodOfOutputNeitherBlocksASidecarNorIsKept() throws Exception {
        SidecarStartException failure =
                failure(shell("head -c 3000000 /dev/zero | tr '\\0' x; echo; echo last words; exit 1"));
        assertThat(failure.exitCode()).hasValue(1);
        assertThat(failure.output()).isEqualTo("last words\n").hasSizeLessThanOrEqualTo(64 << 10);
        assertThat(failure).hasMessageEndingWith("its last line was: last words");
    }

    @Test
    void aSidecarThatOtherMachinesCouldReachIsRefused() throws Exception {
        try (TinyServer open = new TinyServer(false)) {
            boolean hasAddress = LoopbackOnly.openAddress(open.port()).isPresent();
            org.junit.jupiter.api.Assumptions.assumeTrue(hasAddress, "this machine has the loopback only");
            assertThat(failure(shell("echo PORT=" + open.port() + "; exec sleep 1000")))
                    .hasMessageContaining("where other machines can reach it: let it bind 127.0.0.1 only");
        }
    }

    @Test
    void aPortThatNobodyListensAtIsRefused() throws IOException {
        int port = server.port();
        server.close();
        assertThat(failure(shell("echo PORT=" + port + "; exec sleep 1000")))
                .hasMessageContaining("does not listen on 127.0.0.1:" + port + ", which it named");
    }

    @Test
    void aSidecarThatDoesNotBecomeWellIsKilledAtItsDeadline() {
        server.status = 503;
        assertThat(failure(ready().startTimeout(Duration.ofMillis(900))))
                .hasMessageContaining("did not answer 200 at /health within PT0.9S");
    }

    @Test
    void aProgramThatIsNotThereIsNamed() {
        SidecarStartException failure = failure(SidecarSpec.of("tiny", List.of("/nonexistent/program")));
        assertThat(failure).hasMessageContaining("/nonexistent/program");
    }

    @Test
    void twoWhoStartItAtTheSameTimeGetTheSameProcess() throws Exception {
        Path starts = folder.resolve("starts");
        Sidecar sidecar = sidecars.sidecar(
                shell("echo x >> " + starts + "; sleep 0.3; echo PORT=" + server.port() + "; exec sleep 1000"));
        List<SidecarRun> runs = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(4);
        for (int i = 0; i < 4; i++) {
            new Thread(() -> {
                        try {
                            SidecarRun run = sidecar.start();
                            synchronized (runs) {
                                runs.add(run);
                            }
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        } finally {
                            done.countDown();
                        }
                    })
                    .start();
        }
        done.await();
        assertThat(runs).hasSize(4).containsOnly(runs.get(0));
        assertThat(Files.readAllLines(starts)).hasSize(1);
    }

    @Test
    void aStartCanBeStopped() throws Exception {
        Path begun = folder.resolve("begun");
        Sidecar sidecar = sidecars.sidecar(shell("mkfifo " + begun + ".fifo; echo x > " + begun + "; exec sleep 1000"));
        var failure = new java.util.concurrent.CompletableFuture<SidecarStartException>();
        Thread starter =
                new Thread(() -> failure.complete(catchThrowableOfType(SidecarStartException.class, sidecar::start)));
        starter.start();
        while (sidecar.status().pid().isEmpty()) {
            Thread.onSpinWait();
        }
        sidecar.stop();
        assertThat(failure.get(20, TimeUnit.SECONDS)).isNotNull();
        starter.join();
        assertThat(sidecar.state()).isEqualTo(SidecarState.STOPPED);
    }

    // Its environment

    @Test
    void aSidecarSeesTheDevicesOfItsLeaseAndNoVariablesOfOthers() throws Exception {
        sidecars.close();
        sidecars = Sidecars.configure()
                .clock(clock)
                .environment(Map.of(
                        "PATH", System.getenv("PATH"), "HOME", "/home/x", "OPENAI_API_KEY", "sk-1", "MY_CACHE", "/c"))
                .withoutBackgroundThread()
                .open();
        Path variables = folder.resolve("variables");
        ScriptedProcesses processes = new ScriptedProcesses();
        try (Gpus gpus =
                        OpenedGpus.of(new ScriptedProbe().with("cuda:0", 16, 16), clock, new KeptJournal(), processes);
                VramLease lease = gpus.request("tiny").bytes(gib(4)).acquire()) {
            SidecarSpec spec = shell("env > " + variables + "; echo key $HF_TOKEN; echo PORT=" + server.port()
                            + "; exec sleep 1000")
                    .inherit("MY_CACHE", "NOT_SET")
                    .environment("BATCH", "8")
                    .secret("HF_TOKEN", "hf-secret-value")
                    .modelDirectory(folder);
            SidecarRun run = sidecars.sidecar(spec).start(lease);
            assertThat(Files.readAllLines(variables))
                    .contains(
                            "TINY_OFFLOAD=gpu",
                            "TINY_MODEL_DIR=" + folder,
                            "HART_SIDECAR_HOST=127.0.0.1",
                            "HART_FENCING_TOKEN=" + lease.fencingToken(),
                            "CUDA_VISIBLE_DEVICES=uuid-of-cuda:0",
                            "CUDA_DEVICE_ORDER=PCI_BUS_ID",
                            "HOME=/home/x",
                            "MY_CACHE=/c",
                            "BATCH=8",
                            "HF_TOKEN=hf-secret-value")
                    .noneMatch(line -> line.contains("sk-1") || line.startsWith("NOT_SET"));
            assertThat(run.output() + spec).contains("key [secret]").doesNotContain("hf-secret-value");
            assertThat(lease.child()).contains(ScriptedProcesses.process(run.pid()));
            assertThatThrownBy(() -> sidecars.find("tiny").orElseThrow().start())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("stop it first");
            sidecars.find("tiny").orElseThrow().stop();
            sidecars.find("tiny").orElseThrow().start();
            assertThat(Files.readAllLines(variables)).contains("TINY_OFFLOAD=cpu_only", "CUDA_VISIBLE_DEVICES=");
        }
    }

    // How it does

    @Test
    void aSidecarThatDoesNotAnswerIsUnhealthyAfterThreeTimesAndStartedAgainAfterSix() throws Exception {
        Sidecar sidecar = sidecars.sidecar(ready());
        SidecarRun run = sidecar.start();
        int asked = server.authorizations.size();
        pass(9.999);
        assertThat(server.authorizations).hasSize(asked);
        server.status = 500;
        pass(0.001);
        assertThat(server.authorizations).hasSize(asked + 1);
        pass(10);
        assertThat(sidecar.state()).isEqualTo(SidecarState.READY);
        pass(10);
        assertThat(sidecar.state()).isEqualTo(SidecarState.UNHEALTHY);
        assertThat(sidecar.run()).contains(run);
        server.status = 200;
        pass(10);
        assertThat(sidecar.state()).isEqualTo(SidecarState.READY);

        server.status = 500;
        for (int i = 0; i < 5; i++) {
            pass(10);
        }
        assertThat(sidecar.state()).isEqualTo(SidecarState.UNHEALTHY);
        assertThat(runs(run.pid())).isTrue();
        pass(10);
        assertThat(exitOf(run)).as("killed by us, not by the system").isEqualTo(ProcessExit.unknown());
        assertThat(sidecar.state()).isEqualTo(SidecarState.RESTARTING);
        server.status = 200;
        pass(5);
        assertThat(sidecar.state()).isEqualTo(SidecarState.READY);
        assertThat(sidecar.run().orElseThrow()).isNotSameAs(run);
    }

    @Test
    void aSidecarThatCrashesTooOftenHasFailedUntilSomebodyStartsIt() throws Exception {
        Sidecar sidecar = sidecars.sidecar(ready().restarts(RestartPolicy.DEFAULT.withMaxRestarts(2)));
        sidecar.start();
        for (int backOff : new int[] {5, 10}) {
            kill(sidecar.run().orElseThrow());
            assertThat(sidecar.state()).isEqualTo(SidecarState.RESTARTING);
            pass(backOff - 0.001);
            assertThat(sidecar.state()).isEqualTo(SidecarState.RESTARTING);
            pass(0.001);
            assertThat(sidecar.state()).isEqualTo(SidecarState.READY);
        }
        kill(sidecar.run().orElseThrow());
        assertThat(sidecar.status().crashes()).isEqualTo(3);
        assertThat(sidecar.status().lastExit()).contains(ProcessExit.of(137));
        pass(1000);
        assertThat(sidecar.state()).isEqualTo(SidecarState.FAILED);
        sidecar.reset();
        assertThat(sidecar.state()).isEqualTo(SidecarState.STOPPED);
        sidecar.start();
        assertThat(sidecar.status().crashes()).isZero();
    }

    @Test
    void aSidecarThatEndsCleanlyIsNotStartedAgain() throws Exception {
        Path end = folder.resolve("end");
        Sidecar sidecar = sidecars.sidecar(
                shell("mkfifo " + end + "; echo PORT=" + server.port() + "; read x < " + end + "; exit 0"));
        SidecarRun run = sidecar.start();
        Files.writeString(end, "go\n");
        assertThat(exitOf(run)).isEqualTo(ProcessExit.of(0));
        assertThat(sidecar.state()).isEqualTo(SidecarState.STOPPED);
    }

    // As a model

    @Test
    void aSidecarIsAModelWhoseCrashesAreTheModels() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        SidecarSpec spec = SidecarSpec.of(
                "tiny",
                List.of(
                        java,
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        classes(),
                        TinyServer.class.getName(),
                        "137"));
        KeptJournal journal = new KeptJournal();
        try (Gpus gpus = OpenedGpus.of(
                        new ScriptedProbe().with("cuda:0", 16, 16).with("cpu:0", 16, 16),
                        clock,
                        journal,
                        new ScriptedProcesses());
                Models models = Models.configure(gpus)
                        .clock(clock)
                        .withoutBackgroundThread()
                        .open()) {
            ModelRequirement requirement = new ModelRequirement("tiny", gib(4), gib(4), gib(2), gib(1));
            Model<SidecarRun> model =
                    models.register("tiny", requirement, ModelSettings.defaults(), sidecars.loader(spec));
            SidecarRun first;
            HttpClient http = HttpClient.newHttpClient();
            try (ModelUse<SidecarRun> use = model.use()) {
                first = use.get();
                assertThat(first.output()).contains("mode gpu devices uuid-of-cuda:0");
                HttpRequest request = first.request("/do").build();
                assertThat(http.send(request, HttpResponse.BodyHandlers.discarding())
                                .statusCode())
                        .isEqualTo(200);
                HttpRequest stranger =
                        HttpRequest.newBuilder(first.address().resolve("/do")).build();
                assertThat(http.send(stranger, HttpResponse.BodyHandlers.discarding())
                                .statusCode())
                        .isEqualTo(401);
                HttpRequest exit = first.request("/exit").build();
                assertThatThrownBy(() -> http.send(exit, HttpResponse.BodyHandlers.discarding()))
                        .isInstanceOf(IOException.class);
                assertThat(exitOf(first)).isEqualTo(ProcessExit.of(137));
                while (model.phase() == ModelPhase.LOADED) {
                    Thread.onSpinWait(); // the life cycle is told on a thread of its own
                }
                assertThat(model.phase()).isEqualTo(ModelPhase.CRASHED);
                assertThat(journal.live()).isEmpty();
            }
            clock.advanceSeconds(5);
            models.tick();
            while (model.phase() == ModelPhase.LOADING) {
                Thread.onSpinWait();
            }
            try (ModelUse<SidecarRun> use = model.use()) {
                assertThat(use.get().output()).contains("mode cpu_offload devices uuid-of-cuda:0");
                assertThat(use.get()).isNotSameAs(first);
                first = use.get();
            }
            model.unload();
            assertThat(runs(first.pid())).isFalse();
            assertThat(sidecars.find("tiny").orElseThrow().state()).isEqualTo(SidecarState.STOPPED);
        }
    }

    private static String classes() {
        String file = TinyServer.class.getName().replace('.', '/') + ".class";
        String own = Path.of(URI.create(TinyServer.class.getResource("/" + file).toString()))
                .toString();
        return own.substring(0, own.length() - file.length());
    }

    @Test
    void aModelWhoseSidecarDoesNotStartGivesItsMemoryBack() throws Exception {
        KeptJournal journal = new KeptJournal();
        try (Gpus gpus = OpenedGpus.of(
                        new ScriptedProbe().with("cuda:0", 16, 16), clock, journal, new ScriptedProcesses());
                Models models = Models.configure(gpus)
                        .clock(clock)
                        .withoutBackgroundThread()
                        .open()) {
            Model<SidecarRun> model = models.register(
                    "tiny",
                    ModelRequirement.ofBytes("tiny", gib(4)),
                    ModelSettings.defaults(),
                    sidecars.loader(shell("exit 7")));
            SidecarStartException failure = catchThrowableOfType(SidecarStartException.class, model::use);
            assertThat(failure.exitCode()).hasValue(7);
            assertThat(model.phase()).isEqualTo(ModelPhase.UNLOADED);
            assertThat(journal.live()).isEmpty();
        }
    }

    // The end

    @Test
    void closingStopsAllWithWhatTheyStarted() throws Exception {
        Path pids = folder.resolve("pids");
        SidecarRun run = sidecars.sidecar(shell(
                        "(sleep 1000 & echo $! > " + pids + "); echo PORT=" + server.port() + "; exec sleep 1000"))
                .start();
        sidecars.close();
        assertThat(runs(run.pid())).isFalse();
        awaitGone(Long.parseLong(Files.readString(pids).strip()));
        assertThatThrownBy(() -> sidecars.sidecar(ready())).hasMessage("Sidecars is closed");
    }

    // Words

    @ParameterizedTest
    @CsvSource({
        "llama-server, main: server is listening on http://127.0.0.1:51234 - starting the main loop, 51234",
        "diarization, DIARIZATION_READY:8004, 8004",
        "whisper, PORT=9, 9"
    })
    void wellKnownToolsSayInTheirOwnWordsThatTheyAreReady(String tool, String line, int port) {
        var found = new java.util.concurrent.CompletableFuture<Integer>();
        ReadyLine lines = new ReadyLine(SidecarSpec.known(tool, List.of("x")).readyLine(), found);
        byte[] text = ("loading\r\n" + line + "\r\n").getBytes(java.nio.charset.StandardCharsets.UTF_8);
        for (byte one : text) {
            lines.read(new byte[] {one}, 1);
        }
        assertThat(found).isCompletedWithValue(port);
    }

    @Test
    void badSpecsAreRefusedByName() {
        assertThatThrownBy(() -> SidecarSpec.of("a b", List.of("x"))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SidecarSpec.of("a", List.of())).hasMessage("command of a must begin with a program");
        assertThatThrownBy(() -> SidecarSpec.of("a", List.of("-c")))
                .hasMessage("command of a must begin with a program, which does not begin with -; was '-c'");
        assertThatThrownBy(() -> ready().startTimeout(Duration.ZERO))
                .hasMessage("startTimeout must be longer than zero and at most 1 hour, was PT0S");
        assertThatThrownBy(() -> ready().readyLine(Pattern.compile("ready")))
                .hasMessage("readyLine must have a group for the port, was ready");
        assertThatThrownBy(() -> ready().environment("A=B", "x"))
                .hasMessage("a variable's name has letters, digits and _ only, was 'A=B'");
        assertThat(SidecarSpec.known("minicpm", List.of("x")).startTimeout()).isEqualTo(Duration.ofSeconds(120));
        assertThat(SidecarSpec.known("minicpm", List.of("x")).healthPath()).contains("/status");
    }

    static Stream<Arguments> everyPair() {
        return Stream.of(SidecarState.values())
                .flatMap(from -> Stream.of(SidecarState.values()).map(to -> Arguments.of(from, to)));
    }

    @ParameterizedTest
    @MethodSource("everyPair")
    void aSidecarMovesOnlyAlongTheTable(SidecarState from, SidecarState to) {
        if (from.next().contains(to)) {
            assertThat(from.to(to, "s")).isEqualTo(to);
        } else {
            assertThatThrownBy(() -> from.to(to, "s"))
                    .hasMessage("sidecar 's' is %s and cannot become %s".formatted(from, to));
        }
    }
}
