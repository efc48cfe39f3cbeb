package dev.hart.gpu.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        classPath(),
                        Main.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
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

    /** On the module path the test's own classes are patched into their module, and stand on no path. */
    private static String classPath() {
        return Stream.of(
                        System.getProperty("jdk.module.path"),
                        System.getProperty("java.class.path"),
                        folderOf(Main.class))
                .filter(path -> path != null && !path.isEmpty())
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String folderOf(Class<?> type) {
        String file = type.getName().replace('.', '/') + ".class";
        String own =
                Path.of(URI.create(type.getResource("/" + file).toString())).toString();
        return own.substring(0, own.length() - file.length());
    }
}
