package dev.hart.gpu.sidecar;

import static dev.hart.gpu.ScriptedProbe.gib;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.SidecarStartException;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.KeptJournal;
import dev.hart.gpu.ModelRequirement;
import dev.hart.gpu.MovedClock;
import dev.hart.gpu.OpenedGpus;
import dev.hart.gpu.ScriptedProbe;
import dev.hart.gpu.ScriptedProcesses;
import dev.hart.gpu.model.Model;
import dev.hart.gpu.model.ModelPhase;
import dev.hart.gpu.model.ModelSettings;
import dev.hart.gpu.model.ModelUse;
import dev.hart.gpu.model.Models;
import dev.hart.gpu.model.ProcessExit;
import dev.hart.gpu.process.ResidentMemory;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Sidecars that may hold so much memory and not a byte more. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class MemoryLimitTest {
    private static final long MIB = 1L << 20;

    private final MovedClock clock = new MovedClock();
    private final AtomicLong held = new AtomicLong();
    private TinyServer server;

    @BeforeEach
    void open() throws IOException {
        server = new TinyServer(true);
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    private Sidecars sidecars(ResidentMemory memory) {
        return Sidecars.configure()
                .clock(clock)
                .executor(Runnable::run)
                .memory(memory)
                .withoutBackgroundThread()
                .open();
    }

    private Sidecars scripted() {
        return sidecars(process -> held.get() == 0 ? OptionalLong.empty() : OptionalLong.of(held.get()));
    }

    private SidecarSpec shell(String before) {
        return SidecarSpec.of(
                "tiny",
                List.of(
                        "/bin/sh",
                        "-c",
                        before + "; echo mode $TINY_OFFLOAD; echo PORT=" + server.port() + "; sleep 1000 & wait"));
    }

    private void pass(Sidecars sidecars) {
        clock.advanceSeconds(10);
        sidecars.tick();
    }

    private static ProcessExit exitOf(SidecarRun run) throws Exception {
        return run.exit().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @Test
    void whatHoldsMoreThanItMayIsKilledAndHasRunOutOfMemory() throws Exception {
        try (Sidecars sidecars = scripted()) {
            Sidecar sidecar = sidecars.sidecar(shell(":").withoutHealth().memoryLimit(64 * MIB));
            SidecarRun run = sidecar.start();
            pass(sidecars);
            assertThat(sidecar.status().residentBytes())
                    .as("the system does not tell")
                    .isEmpty();
            held.set(64 * MIB);
            pass(sidecars);
            assertThat(sidecar.state()).isEqualTo(SidecarState.READY);
            assertThat(sidecar.status().residentBytes()).hasValue(64 * MIB);

            held.set(64 * MIB + 1);
            clock.advanceSeconds(9.999);
            sidecars.tick();
            assertThat(sidecar.state()).as("it is not time to look").isEqualTo(SidecarState.READY);
            clock.advanceSeconds(0.001);
            sidecars.tick();

            ProcessExit exit = exitOf(run);
            assertThat(exit.kind()).isEqualTo(ProcessExit.Kind.OUT_OF_MEMORY);
            assertThat(exit).hasToString("killed, as it held 64 MiB of memory and may hold 64");
            assertThat(sidecar.status().lastExit()).contains(exit);
            assertThat(sidecar.state()).isEqualTo(SidecarState.RESTARTING);
            assertThat(SidecarTest.runs(run.pid())).isFalse();
        }
    }

    @Test
    void aModelThatHeldTooMuchComesBackWithLessOfTheGpu() throws Exception {
        try (Sidecars sidecars = scripted();
                Gpus gpus = OpenedGpus.of(
                        new ScriptedProbe().with("cuda:0", 16, 16).with("cpu:0", 16, 16),
                        clock,
                        new KeptJournal(),
                        new ScriptedProcesses());
                Models models = Models.configure(gpus)
                        .clock(clock)
                        .withoutBackgroundThread()
                        .open()) {
            Model<SidecarRun> model = models.register(
                    "tiny",
                    new ModelRequirement("tiny", gib(4), gib(4), gib(2), gib(1)),
                    ModelSettings.defaults(),
                    sidecars.loader(shell(":").withoutHealth().memoryLimit(MIB)));
            try (ModelUse<SidecarRun> use = model.use()) {
                assertThat(use.get().output()).contains("mode gpu");
                held.set(2 * MIB);
                pass(sidecars);
                assertThat(exitOf(use.get()).kind()).isEqualTo(ProcessExit.Kind.OUT_OF_MEMORY);
            }
            held.set(0);
            while (model.phase() == ModelPhase.LOADED) {
                Thread.onSpinWait(); // the life cycle is told on a thread of its own
            }
            assertThat(model.status().lastExit().orElseThrow())
                    .hasToString("killed, as it held 2 MiB of memory and may hold 1");
            clock.advanceSeconds(5);
            models.tick();
            while (model.phase() == ModelPhase.LOADING) {
                Thread.onSpinWait();
            }
            try (ModelUse<SidecarRun> use = model.use()) {
                assertThat(use.get().output()).contains("mode cpu_offload");
            }
        }
    }

    @Test
    void realMemoryIsCountedWithThatOfDescendants() throws Exception {
        try (Sidecars sidecars = sidecars(ResidentMemory.ofThisMachine())) {
            // The shell in the background holds 24 MB in a variable, and the one in front nearly nothing.
            String hungry = "(x=$(head -c 24000000 /dev/zero | tr '\\0' a); echo full; sleep 1000; echo $x) & :";
            SidecarRun run =
                    sidecars.sidecar(shell(hungry).memoryLimit(16 * MIB)).start();
            while (!run.output().contains("full")) {
                Thread.onSpinWait();
            }
            pass(sidecars);
            assertThat(exitOf(run).kind()).isEqualTo(ProcessExit.Kind.OUT_OF_MEMORY);
        }
        assertThat(ResidentMemory.ofThisMachine().of(ProcessHandle.current()).orElse(0))
                .isGreaterThan(16 * MIB);
    }

    @Test
    void aLimitIsMoreThanNothingAndAPortIsOne() {
        SidecarSpec spec = shell(":");
        assertThatThrownBy(() -> spec.memoryLimit(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("memoryLimit must be more than 0 bytes, was 0");
        assertThatThrownBy(() -> spec.port(65_536))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("port of tiny must be from 0 to 65535, was 65536");
    }

    @Test
    void aFixedPortIsToldAndMustBeTheOneThatIsNamed() throws Exception {
        try (Sidecars sidecars = scripted()) {
            SidecarRun run = sidecars.sidecar(
                            shell("echo told $HART_SIDECAR_PORT").port(server.port()))
                    .start();
            assertThat(run.output()).contains("told " + server.port());
            run.close();
            int other = server.port() == 65_535 ? 1 : server.port() + 1;
            assertThatThrownBy(() -> sidecars.sidecar(shell(":").port(other)).start())
                    .isInstanceOf(SidecarStartException.class)
                    .hasMessageContaining("named port %d and has to bind %d", server.port(), other);
        }
    }
}
