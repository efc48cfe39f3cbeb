package dev.hart.core.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunState;
import dev.hart.Runs.Summary;
import dev.hart.evidence.VerifyEvidence;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a real process with SIGKILL while it works on a durable run, at random moments and many times for each run, and lets
 * the next process go on. The seed is printed; {@code -Dhart.crash.seed=…} repeats it, as far as two machines can agree on
 * a moment.
 */
class CrashTest {
    private static final int KILLS = 50;
    /**
     * A process is killed after at most this many of the lines that it prints, start-up included; one in three only after a
     * line of a WRITE step.
     */
    private static final int MAX_LINES = 8;

    private static final int MAX_DELAY_MICROS = 4_000;
    /** What the system reports of a process that ended by SIGKILL: 128 + 9. */
    private static final int SIGKILLED = 137;

    private static final Map<String, Long> EXPECTED = numbers();

    @TempDir
    Path root;

    private final long seed = Long.getLong("hart.crash.seed", System.nanoTime());
    private final Random random = new Random(seed);
    /** How often a process was killed, by the last thing it said. */
    private final Map<String, Integer> killedAfter = new TreeMap<>();

    /** What was decided about WRITE steps in doubt. */
    private final Map<String, Integer> decisions = new TreeMap<>();

    private int kills;

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aRunSurvivesEveryKillAndDoesNothingTwice() throws Exception {
        System.out.println("CrashTest: seed " + seed);
        List<Path> folders = new ArrayList<>();
        while (kills < KILLS) {
            Path folder = folder(folders.size());
            folders.add(folder);
            int before = kills;
            while (!endsUnlessKilled(folder)) {
                assertThat(kills - before).as("kills of one run").isLessThan(10 * KILLS);
            }
            checkRun(folder, kills - before);
        }
        System.out.printf(
                "CrashTest: %d runs, %d kills after %s, in doubt %s%n", folders.size(), kills, killedAfter, decisions);

        assertThat(decisions).as("decisions about WRITE steps in doubt").isNotEmpty();
    }

    /** Starts a process on the folder and kills it at a random moment; true when it ended before that. */
    private boolean endsUnlessKilled(Path folder) throws IOException, InterruptedException {
        int lines = kills < KILLS ? 1 + random.nextInt(MAX_LINES) : Integer.MAX_VALUE;
        String wanted = random.nextInt(3) == 0 ? "append" : "";
        long delay = TimeUnit.MICROSECONDS.toNanos(random.nextInt(MAX_DELAY_MICROS));
        Process process = start(folder);
        try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
            String last = "";
            for (int i = 0; i < lines || !last.contains(wanted); i++) {
                String line = said.readLine();
                if (line == null) {
                    assertThat(process.waitFor())
                            .as("exit code; %s", errors(folder))
                            .isZero();
                    assertThat(last).as("last words; %s", errors(folder)).isEqualTo("SUCCEEDED");
                    return true;
                }
                last = line;
                if (line.startsWith(CrashedProcess.IN_DOUBT)) {
                    decisions.merge(line.substring(CrashedProcess.IN_DOUBT.length()), 1, Integer::sum);
                }
            }
            LockSupport.parkNanos(delay);
            process.destroyForcibly();
            int exit = process.waitFor();
            if (exit == 0) {
                return true;
            }
            assertThat(exit).as("exit code; %s", errors(folder)).isEqualTo(SIGKILLED);
            kills++;
            killedAfter.merge(last, 1, Integer::sum);
            return false;
        } finally {
            process.destroyForcibly();
        }
    }

    private static void checkRun(Path folder, int kills) throws IOException {
        try (Hart hart = CrashedProcess.open(folder)) {
            List<Summary> runs = hart.runs().list(10);
            assertThat(runs)
                    .as("a killed process leaves its run, not a second one")
                    .hasSize(1);
            Run run = hart.runs().get(runs.get(0).id());
            assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
            Map<String, CrashTools.Result> results = results(run);

            assertThat(results.entrySet().stream()
                            .collect(Collectors.toMap(
                                    Map.Entry::getKey, r -> r.getValue().number())))
                    .as("the output is right")
                    .isEqualTo(EXPECTED);
            checkKept(folder, hart, run, results, kills);
            checkEffects(folder, results);
            checkEvidence(folder, run);
        }
    }

    /** A finished step was never called again: each result came from the last call with the step's key. */
    private static void checkKept(Path folder, Hart hart, Run run, Map<String, CrashTools.Result> results, int kills)
            throws IOException {
        Map<String, String> lastCalls = new LinkedHashMap<>();
        List<String> calls = Files.readAllLines(folder.resolve(CrashTools.CALLS));
        calls.forEach(line -> lastCalls.put(line.split(" ")[0], line.split(" ")[1]));

        assertThat(lastCalls)
                .as("idempotency keys: one for each step, however often it was called")
                .hasSize(CrashedProcess.STEPS);
        assertThat(results.values().stream().map(CrashTools.Result::call))
                .as("results, by the call they came from")
                .containsExactlyInAnyOrderElementsOf(lastCalls.values());
        assertThat(calls.size() - CrashedProcess.STEPS)
                .as("calls made again: at most the two that were going on at each kill")
                .isBetween(0, 2 * kills);
        try (Stream<RunEvent> events = hart.runs().events(run.id(), 0)) {
            Map<String, Long> finished = events.filter(e -> e.type() == RunEvent.Type.STEP_FINISHED)
                    .collect(Collectors.groupingBy(RunEvent::action, Collectors.counting()));
            assertThat(finished.values()).as("times that a step finished").allMatch(times -> times == 1);
        }
    }

    /** However often its process was killed, a run has whole evidence, which tells every call that was begun. */
    private static void checkEvidence(Path folder, Run run) throws IOException {
        Path file = folder.resolve("run.evidence");
        run.evidence().writeTo(file);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(VerifyEvidence.run(new PrintStream(out), file.toString()))
                .as("%s", out)
                .isZero();
    }

    private static void checkEffects(Path folder, Map<String, CrashTools.Result> results) throws IOException {
        List<String> effects = Files.readAllLines(folder.resolve(CrashTools.EFFECTS)).stream()
                .map(line -> line.split(" "))
                .map(words -> words[2] + " " + words[3])
                .toList();

        assertThat(effects)
                .as("each WRITE step had its effect once, in order, and its result is that of the call that had it")
                .containsExactlyElementsOf(Stream.of("first", "second", "third", "fourth")
                        .map(results::get)
                        .map(result -> result.call() + " " + result.number())
                        .toList());
    }

    private static Map<String, CrashTools.Result> results(Run run) {
        Map<String, CrashTools.Result> results = new LinkedHashMap<>();
        run.outputs().forEach((name, value) -> {
            Map<?, ?> result = (Map<?, ?>) value;
            results.put(name, new CrashTools.Result(((Number) result.get("number")).longValue(), (String)
                    result.get("call")));
        });
        return results;
    }

    private static Map<String, Long> numbers() {
        Map<String, Long> numbers = new LinkedHashMap<>();
        numbers.put("left", 3L);
        numbers.put("right", 4L);
        numbers.put("more", 4L);
        numbers.put("first", 8L);
        numbers.put("most", 9L);
        numbers.put("second", 18L);
        numbers.put("third", 36L);
        numbers.put("again", 4L);
        numbers.put("last", 5L);
        numbers.put("fourth", 10L);
        return numbers;
    }

    private Path folder(int number) throws IOException {
        Path folder = Files.createDirectory(root.resolve("run-" + number));
        Files.writeString(folder.resolve("left.txt"), "3");
        Files.writeString(folder.resolve("right.txt"), "4");
        return folder;
    }

    private static Process start(Path folder) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xshare:auto",
                        "-cp",
                        classPath(),
                        CrashedProcess.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("errors.log").toFile()))
                .start();
    }

    /** Everything this test was started with, also when that was a module path, and the test's own classes. */
    static String classPath() {
        return Stream.of(
                        System.getProperty("jdk.module.path"),
                        System.getProperty("java.class.path"),
                        testClasses().toString())
                .filter(path -> path != null && !path.isEmpty())
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static Path testClasses() {
        String name = CrashTest.class.getName().replace('.', '/') + ".class";
        Path here = Path.of(
                URI.create(CrashTest.class.getResource("CrashTest.class").toString()));
        return here.getRoot()
                .resolve(here.subpath(0, here.getNameCount() - Path.of(name).getNameCount()));
    }

    private static String errors(Path folder) throws IOException {
        Path log = folder.resolve("errors.log");
        return Files.exists(log) ? Files.readString(log) : "";
    }
}
