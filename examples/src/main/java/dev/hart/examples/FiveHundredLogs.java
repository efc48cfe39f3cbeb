package dev.hart.examples;

import dev.hart.Hart;
import dev.hart.Run;
import dev.hart.testing.Cassette;
import dev.hart.tool.Effect;
import dev.hart.tool.Param;
import dev.hart.tool.Tool;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads one log with the help of a model, and five hundred without.
 *
 * <p>The logs are real: a JVM that throws away much memory writes them while this program waits. The answers of the model
 * come from a recording, so that the program runs without a network and without a key; see {@code examples/data}.
 */
public final class FiveHundredLogs {
    private static final String REQUEST = "Sum up the pauses in %s and append the line to pauses.csv";

    private FiveHundredLogs() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        replay(Path.of("examples", "data"), 500);
    }

    static void replay(Path data, int number) throws IOException, InterruptedException {
        Path workspace = Files.createTempDirectory("hart-logs-");
        Files.copy(data.resolve("gc.log"), workspace.resolve("gc.log"));
        List<String> logs = writeLogs(workspace, number);

        try (Cassette recording = Cassette.replay(data.resolve("five-hundred-logs.recording.json"));
                Hart hart = Hart.configure()
                        .dataDirectory(workspace.resolve("hart-data"))
                        .workspace(workspace)
                        .withoutBuiltInTools()
                        .model(recording.model(null))
                        .create()) {
            hart.tools().register(new LogTools(workspace));

            Run learned = hart.run(REQUEST.formatted("gc.log"));
            System.out.printf(
                    "%s with %d model calls%n", learned.mode(), learned.report().modelCalls());

            int modelCalls = 0;
            Duration time = Duration.ZERO;
            for (String log : logs) {
                Run run = hart.run(REQUEST.formatted(log));
                modelCalls += run.report().modelCalls();
                time = time.plus(run.elapsed());
            }
            System.out.printf(
                    Locale.ROOT,
                    "%d replays with %d model calls, %.1f ms each%n",
                    logs.size(),
                    modelCalls,
                    time.toNanos() / 1e6 / logs.size());
        }

        List<String> report = Files.readAllLines(workspace.resolve("pauses.csv"));
        System.out.printf("%d lines in pauses.csv; the longest pause:%n", report.size());
        report.stream()
                .max(Comparator.comparing(line -> new BigDecimal(line.split(",")[3])))
                .ifPresent(System.out::println);
    }

    /** What the recipe calls. */
    public record LogTools(Path workspace) {
        private static final Pattern PAUSE = Pattern.compile(" Pause .* ([0-9]+\\.[0-9]+)ms$");

        @Tool(
                name = "gc.pauses",
                description =
                        "Sum up the pauses in a garbage collector's log, as one line of CSV: file, number, total and"
                                + " longest in milliseconds.",
                effect = Effect.READ)
        public String pauses(@Param("the log") Path log) throws IOException {
            int number = 0;
            BigDecimal total = BigDecimal.ZERO;
            BigDecimal longest = BigDecimal.ZERO;
            for (String line : Files.readAllLines(workspace.resolve(log))) {
                Matcher pause = PAUSE.matcher(line);
                if (pause.find()) {
                    BigDecimal millis = new BigDecimal(pause.group(1));
                    number++;
                    total = total.add(millis);
                    longest = longest.max(millis);
                }
            }
            return log + "," + number + "," + total + "," + longest + "\n";
        }

        @Tool(name = "report.append", description = "Append a line to a report.", effect = Effect.WRITE)
        public void append(@Param("the report") Path report, @Param("the line") String line) throws IOException {
            Files.writeString(workspace.resolve(report), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
    }

    /** Lets another JVM write logs, a new one every two kilobytes, until there are enough. */
    private static List<String> writeLogs(Path workspace, int number) throws IOException, InterruptedException {
        Path written = Files.createDirectories(workspace.resolve("written"));
        Process busy = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx24m",
                        "-XX:+UseSerialGC",
                        "-Xlog:gc:file=" + written.resolve("gc.log") + ":uptime:filecount=1000,filesize=2k",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Wasteful.class.getName())
                .inheritIO()
                .start();
        try {
            while (complete(written).size() < number) {
                if (!busy.isAlive()) {
                    throw new IllegalStateException("the JVM that writes logs has ended with " + busy.exitValue());
                }
                Thread.sleep(50);
            }
        } finally {
            busy.destroyForcibly().waitFor();
        }
        List<String> names = new ArrayList<>();
        for (Path log : complete(written).subList(0, number)) {
            String name = log.getFileName().toString();
            Files.move(log, workspace.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            names.add(name);
        }
        return names;
    }

    /** The logs that are full: the JVM gives them numbers, and writes to the one without. */
    private static List<Path> complete(Path folder) throws IOException {
        try (Stream<Path> logs = Files.list(folder)) {
            return logs.filter(log -> log.getFileName().toString().matches("gc\\.log\\.[0-9]+"))
                    .sorted()
                    .toList();
        }
    }

    /** Makes garbage for as long as it lives. */
    static final class Wasteful {
        public static void main(String[] args) {
            Random sizes = new Random(1);
            List<byte[]> kept = new ArrayList<>();
            while (true) {
                kept.add(new byte[sizes.nextInt(20_000)]);
                if (kept.size() > 400) {
                    kept.subList(0, sizes.nextInt(390)).clear();
                }
            }
        }
    }
}
