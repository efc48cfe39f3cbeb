package dev.hart.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs every example as a reader would, and checks what it prints. */
@Timeout(60)
class ExamplesTest {
    private final PrintStream original = System.out;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @BeforeEach
    void catchWhatIsPrinted() {
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void letGo() {
        System.setOut(original);
    }

    @Test
    void learnAndReplayPlansOnceAndReplaysTheSecondRequest() throws IOException {
        LearnAndReplay.main(new String[0]);

        List<String> lines = lines();
        assertThat(lines).hasSize(4);
        assertThat(lines.get(0)).matches("CREATE in \\d+ ms: Add up column amount of sales.csv and write .* total.txt");
        assertThat(lines.get(1)).matches("REUSE in \\d+ ms: Add up column amount of march.csv and write .* march.txt");
        assertThat(lines.subList(2, 4)).containsExactly("total.txt: 42.5", "march.txt: 7.25");
    }

    @Test
    void aRecipeWrittenByHandRunsByInputsAndByWords() throws IOException {
        HandWrittenRecipe.main(new String[0]);

        assertThat(lines())
                .containsExactly(
                        "saved invoice-total@1", "2 invoices, 25.05 in all", "REUSE of invoice-total@1: 25.05");
    }

    @Test
    void aKilledRunGoesOnWhereItStopped() throws Exception {
        ResumeAfterCrash.main(new String[0]);

        assertThat(lines())
                .containsExactly(
                        "it says: printing the badge",
                        "killed another process: exit code 137",
                        "resumed: SUCCEEDED",
                        "account for Ann",
                        "mail to Ann",
                        "badge for Ann");
    }

    @Test
    void aModelIsAskedForTheFirstLogAndNotForTheOthers() throws Exception {
        FiveHundredLogs.replay(Path.of("data"), 25);

        List<String> lines = lines();
        assertThat(lines.get(0)).isEqualTo("CREATE with 3 model calls");
        assertThat(lines.get(1)).matches("25 replays with 0 model calls, \\d+\\.\\d ms each");
        assertThat(lines.get(2)).isEqualTo("26 lines in pauses.csv; the longest pause:");
        assertThat(lines.get(3)).matches("gc\\.log(\\.\\d+)?,\\d+,[\\d.]+,[\\d.]+");
    }

    @Test
    void withoutAModelTheExampleSaysHowToNameOne() throws Exception {
        assertThat(withAModel(Map.of()))
                .startsWith("This example needs a language model.")
                .contains("HART_MODEL=gpt-4o-mini", "dev.hart:hart-langchain4j");
    }

    @Test
    void withAModelTheExampleAsksItOnce() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/chat/completions", exchange -> {
            exchange.getRequestBody().readAllBytes();
            byte[] answer = """
                    {"id":"1","object":"chat.completion","created":1,"model":"tiny","choices":[{"index":0,"finish_reason":"stop",
                    "message":{"role":"assistant","content":"Rain at last in Oslo"}}],
                    "usage":{"prompt_tokens":21,"completion_tokens":6,"total_tokens":27}}""".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        try {
            String baseUrl = "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
            assertThat(withAModel(Map.of("HART_MODEL", "tiny", "HART_MODEL_BASE_URL", baseUrl))
                            .lines())
                    .first()
                    .isEqualTo("headline: Rain at last in Oslo");
        } finally {
            server.stop(0);
        }
    }

    /** In a process of its own, because an example reads its environment. */
    private static String withAModel(Map<String, String> environment) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        WithAModel.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().keySet().removeIf(name -> name.startsWith("HART_MODEL"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }

    private List<String> lines() {
        return printed.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
