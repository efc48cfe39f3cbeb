package dev.hart.gpu.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.gpu.ChildJvm;
import java.io.BufferedReader;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A JVM that ends takes its sidecars with it. */
@DisabledOnOs(OS.WINDOWS)
class JvmEndTest {

    /** The JVM: starts a sidecar, says its process id, and exits without closing anything. */
    static final class Main {
        public static void main(String[] arguments) throws Exception {
            TinyServer server = new TinyServer(true);
            SidecarRun run = Sidecars.open()
                    .sidecar(SidecarSpec.of(
                            "tiny", List.of("/bin/sh", "-c", "echo PORT=" + server.port() + "; exec sleep 1000")))
                    .start();
            System.out.println("PID " + run.pid());
            System.exit(0);
        }
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void aJvmThatExitsStopsItsSidecars() throws Exception {
        Process jvm = ChildJvm.start(Main.class);
        try (BufferedReader lines = jvm.inputReader()) {
            String line = lines.lines()
                    .filter(text -> text.startsWith("PID "))
                    .findFirst()
                    .orElseThrow();
            assertThat(jvm.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(SidecarTest.runs(Long.parseLong(line.substring(4)))).isFalse();
        } finally {
            jvm.destroyForcibly();
        }
    }
}
