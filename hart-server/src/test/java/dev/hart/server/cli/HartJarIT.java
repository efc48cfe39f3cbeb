package dev.hart.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hart.security.Guardrails;
import dev.hart.security.NodeKey;
import dev.hart.security.node.NodeSafety;
import dev.hart.security.rules.Constitution;
import dev.hart.security.trust.Ed25519;
import dev.hart.security.trust.FileList;
import dev.hart.security.trust.ReleaseManifest;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The one executable jar and the script in front of it, as real processes; runs after {@code package}. */
@Timeout(180)
class HartJarIT {
    private static final Path JAR = Path.of(System.getProperty("hart.jar", "target/hart.jar"));
    private static final Path SCRIPT = Path.of(System.getProperty("hart.root", ".."), "hart");
    private static final Pattern ADDRESS = Pattern.compile("HART listens on (http://\\S+)");

    @TempDir
    private Path directory;

    private record Ended(int code, String out, String err) {}

    @BeforeEach
    void files() throws IOException {
        assertThat(JAR).as("made by the package phase").exists();
        Files.writeString(directory.resolve("sales.csv"), "name,amount\nBo,2\nCy,10.5\n");
    }

    @Test
    void theJarRunsARequestInTheDirectoryItIsCalledFrom() throws Exception {
        Ended run = run(java("run", "Add up column amount of sales.csv and write the total to total.txt"));

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).startsWith("CREATE").contains("  Output    12.5");
        assertThat(run.err()).isEmpty();
        assertThat(directory.resolve("total.txt")).hasContent("12.5");
        assertThat(directory.resolve("hart-data")).isDirectory();
    }

    @Test
    void theJarKnowsItsVersion() throws Exception {
        assertThat(run(java("--version")).out()).matches("hart \\d+\\.\\d+\\.\\d+\\S* \\(Java .*\\)\\R");
    }

    @Test
    void theScriptKeepsTheCallersDirectoryAndTheCommandsExitCode() throws Exception {
        assumeTrue(File.separatorChar == '/', "skipped: the script is for Unix shells");

        Ended run = run(List.of(
                SCRIPT.toAbsolutePath().toString(),
                "run",
                "Add up column amount of sales.csv and write the total to total.txt"));
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).startsWith("CREATE");
        assertThat(directory.resolve("total.txt")).hasContent("12.5");

        assertThat(run(List.of(SCRIPT.toAbsolutePath().toString(), "fly")).code())
                .isEqualTo(2);
    }

    @Test
    void theScriptTakesEnginesFromAFolder() throws Exception {
        assumeTrue(File.separatorChar == '/', "skipped: the script is for Unix shells");
        String script = SCRIPT.toAbsolutePath().toString();
        Path engines = Files.createDirectory(directory.resolve("my engines"));
        for (String name : List.of("dev.hart.speech.FreeTtsRuntime", "com.sun.speech.freetts.Voice")) {
            Path jar = Path.of(Class.forName(name)
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            Files.createSymbolicLink(engines.resolve(jar.getFileName()), jar);
        }

        Ended with = run(List.of("env", "HART_ENGINES=" + engines, script, "doctor"));
        assertThat(with.out()).as(with.err()).contains("Engines    freetts, sphinx4");
        Ended nowhere = run(List.of("env", "HART_ENGINES=nowhere", script, "doctor"));
        assertThat(nowhere.code()).isEqualTo(1);
        assertThat(nowhere.err()).isEqualTo("hart: HART_ENGINES is nowhere, and there is no such folder\n");
    }

    @Test
    void theJarServesUntilItIsToldToStopAndLeavesInOrder() throws Exception {
        Process server = new ProcessBuilder(java("serve", "--port", "0"))
                .directory(directory.toFile())
                .redirectError(directory.resolve("err.txt").toFile())
                .start();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
            Matcher address = ADDRESS.matcher(lines.readLine());
            assertThat(address.find()).isTrue();
            HttpResponse<String> health = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(address.group(1) + "/health"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(health.body()).isEqualTo("{\"status\":\"alive\"}");
        } finally {
            server.destroy();
        }
        assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(directory.resolve("err.txt")).isEmptyFile();
    }

    /** A release of the jar as it is, signed by a key of the test. */
    private Path release(NodeKey anchor, String digest) throws IOException {
        Path folder = Files.createDirectory(directory.resolve("release-" + digest.substring(0, 4)));
        FileList files = FileList.of(Map.of("hart.jar", JAR));
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        ReleaseManifest manifest = new ReleaseManifest(
                "1.0.0",
                "c".repeat(40),
                files.hash(),
                Constitution.guardrailHash(Guardrails.builtIn()),
                now,
                now.plus(Duration.ofDays(1)),
                1,
                new TreeMap<>(Map.of("hart.jar", digest)));
        Files.write(folder.resolve(NodeSafety.FILES), files.toBytes());
        Files.write(
                folder.resolve(NodeSafety.MANIFEST),
                manifest.toEnvelope().signedBy(anchor).toBytes());
        return folder;
    }

    @Test
    void theJarServesAsTheReleaseThatItIsAndNotAsAnother() throws Exception {
        NodeKey anchor = NodeKey.inMemory();
        String key = HexFormat.of().formatHex(Ed25519.raw(anchor.publicKey()));
        String digest =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(JAR)));
        Path other = release(anchor, digest.replaceFirst("^.{4}", "0123"));
        Ended refused = run(java("serve", "--port", "0", "--trust-anchor", key, "--release", other.toString()));
        assertThat(refused.code()).isEqualTo(3);
        assertThat(refused.out()).isEmpty();
        assertThat(refused.err())
                .contains("so nothing was started (enforcement hard)")
                .contains("artifacts: hart.jar is not the jar that was released");

        Path right = release(anchor, digest);
        Process server = new ProcessBuilder(
                        java("serve", "--port", "0", "--trust-anchor", key, "--release", right.toString()))
                .directory(directory.toFile())
                .redirectError(directory.resolve("err.txt").toFile())
                .start();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
            Matcher address = ADDRESS.matcher(String.valueOf(lines.readLine()));
            assertThat(address.find())
                    .as(Files.readString(directory.resolve("err.txt")))
                    .isTrue();
            HttpResponse<String> posture = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(address.group(1) + "/api/security/posture"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(posture.body()).contains("\"posture\":\"verified\"", "\"monitored\":true");
        } finally {
            server.destroy();
        }
        assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(directory.resolve("err.txt")).isEmptyFile();
    }

    private static List<String> java(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                JAR.toAbsolutePath().toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    private Ended run(List<String> command) throws IOException, InterruptedException {
        Path out = directory.resolve("out.txt");
        Path err = directory.resolve("err.txt");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    }
}
