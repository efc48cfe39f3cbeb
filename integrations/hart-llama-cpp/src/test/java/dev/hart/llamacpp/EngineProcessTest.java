package dev.hart.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.RunCancelledException;
import dev.hart.error.SidecarStartException;
import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.model.ProcessExit;
import dev.hart.gpu.runtime.LoadOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Processes that do not become one of llama.cpp, and how one is started. */
@Timeout(60)
@DisabledOnOs(OS.WINDOWS)
class EngineProcessTest {
    private static final Duration LONG = Duration.ofSeconds(50);

    /** What is told of a process that runs a shell's script instead of llama.cpp. */
    private static SidecarStartException failure(String script, Duration start) throws IOException {
        EngineProcess process = EngineProcess.start(List.of("/bin/sh", "-c", script), Map.of());
        try {
            LlamaCppRuntime.await(process, "some.gguf", start, LONG);
        } catch (SidecarStartException e) {
            return e;
        } finally {
            process.kill();
            assertThat(process.handle().isAlive()).isFalse();
        }
        throw new AssertionError("it was taken for a model");
    }

    @Test
    void aProcessThatEndsWhileItLoadsIsToldWithItsExitCodeAndItsLastWords() throws IOException {
        SidecarStartException e = failure("echo no room >&2; exit 7", LONG);
        assertThat(e.exitCode()).hasValue(7);
        assertThat(e.output()).isEqualTo("no room\n");
        assertThat(e)
                .hasMessage(
                        "the process of llama.cpp ended while it loaded some.gguf, with exit code 7; the last it wrote:"
                                + " no room");
    }

    @Test
    void oneThatTheSystemKilledIsToldAsOutOfMemory() throws IOException {
        SidecarStartException e = failure("kill -9 $$", LONG);
        assertThat(new ProcessExit(e.exitCode()).kind()).isEqualTo(ProcessExit.Kind.OUT_OF_MEMORY);
        assertThat(e).hasMessageEndingWith("with exit code 137, as when memory runs out");
    }

    @Test
    void oneThatSaysNothingIsEndedWithAllThatItStarted() throws IOException {
        SidecarStartException e = failure("sleep 1000 & exec sleep 1000", Duration.ofMillis(50));
        assertThat(e.exitCode()).isEmpty();
        assertThat(e).hasMessage("the process of llama.cpp for some.gguf did not begin within PT0.05S");
    }

    @Test
    void anInterruptEndsTheLoadAndIsKept() throws IOException {
        EngineProcess process = EngineProcess.start(List.of("/bin/sh", "-c", "exec sleep 1000"), Map.of());
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> LlamaCppRuntime.await(process, "some.gguf", LONG, LONG))
                .isInstanceOf(RunCancelledException.class)
                .hasMessage("interrupted while llama.cpp was loading some.gguf");
        process.kill();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(process.handle().isAlive()).isFalse();
    }

    @Test
    void oneThatDoesNotSpeakFramesIsEnded() throws IOException {
        assertThat(failure("echo hello; exec sleep 1000", LONG).exitCode()).hasValue(137);
    }

    @Test
    void itsClassPathHasTheModuleAndTheBindingOnly() throws IOException {
        List<String> command = EngineCommand.of(Path.of("/natives"));
        String classPath = command.get(command.indexOf("-cp") + 1);
        assertThat(classPath.split(":")).hasSize(2).anyMatch(path -> path.matches(".*/llama-[0-9.]+\\.jar"));
        assertThat(command).contains("-Dde.kherud.llama.lib.path=/natives");
    }

    @Test
    void itGetsTheVariablesThatItNeedsAndSeesTheDevicesOfItsLease() {
        Map<String, String> ours = Map.of(
                "PATH", "/bin", "HART_MODEL_API_KEY", "secret", "OMP_NUM_THREADS", "2", "CUDA_VISIBLE_DEVICES", "0,1");
        Map<String, String> onProcessor = EngineCommand.environment(LoadOptions.onCpu(), ours);
        assertThat(onProcessor)
                .containsOnly(
                        Map.entry("PATH", "/bin"),
                        Map.entry("OMP_NUM_THREADS", "2"),
                        Map.entry("CUDA_VISIBLE_DEVICES", ""));
        LoadOptions onGpu = LoadOptions.on(LeaseMode.GPU);
        assertThat(EngineCommand.environment(onGpu, ours)).containsEntry("CUDA_VISIBLE_DEVICES", "0,1");
        assertThat(EngineCommand.environment(onGpu.cudaDevices(List.of("GPU-1", "GPU-2")), ours))
                .containsEntry("CUDA_VISIBLE_DEVICES", "GPU-1,GPU-2")
                .containsEntry("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
        assertThatThrownBy(() -> onGpu.cudaDevices(List.of("GPU-1,GPU-2")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one of them was 'GPU-1,GPU-2'");
    }
}
