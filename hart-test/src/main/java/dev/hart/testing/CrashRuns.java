package dev.hart.testing;

import dev.hart.testing.CrashForks.CrashFailure;
import dev.hart.testing.CrashLog.Content;
import dev.hart.testing.CrashLog.End;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Plays one scenario undisturbed, then with a kill at each of its crash points. A process that finishes what the last one left
 * goes on to be killed at the next point, so that each point costs the start of one process; two lanes go on at a time.
 */
final class CrashRuns {
    private static final int LANES = Math.min(2, Runtime.getRuntime().availableProcessors());
    private static final int LONGEST_SHOWN = 200;

    private final String name;
    private final CrashEverywhere order;
    private final CrashForks forks;

    private CrashRuns(String name, CrashEverywhere order, CrashForks forks) {
        this.name = name;
        this.order = order;
        this.forks = forks;
    }

    /**
     * What became of the points.
     *
     * @param problems of each point that has any, in order
     * @param doubts which actions were in doubt, at each point that ended so
     * @param output what the processes of the first point with a problem printed last; empty when there is none
     */
    record Result(
            String name,
            int points,
            Duration took,
            Map<CrashPoint, List<String>> problems,
            Map<CrashPoint, List<String>> doubts,
            String output) {

        /** One line, and one more for each point in doubt. */
        String summary() {
            StringBuilder text = new StringBuilder(String.format(
                    Locale.ROOT,
                    "%s: %d crash points in %.1f s: %d recovered, %d in doubt, %d wrong",
                    name,
                    points,
                    took.toMillis() / 1000.0,
                    points
                            - problems.size()
                            - doubts.keySet().stream()
                                    .filter(p -> !problems.containsKey(p))
                                    .count(),
                    doubts.size(),
                    problems.size()));
            doubts.forEach((point, actions) ->
                    text.append("\n  in doubt ").append(point).append(": ").append(String.join(", ", actions)));
            return text.toString();
        }

        /** @throws AssertionError when a point has a problem */
        void check() {
            if (problems.isEmpty()) {
                return;
            }
            StringBuilder text = new StringBuilder(
                    "%s does not survive a crash at %d of %d points:".formatted(name, problems.size(), points));
            problems.forEach((point, wrong) -> {
                text.append("\n  killed ").append(point).append(':');
                wrong.forEach(problem -> text.append("\n    - ").append(problem));
            });
            if (!output.isEmpty()) {
                text.append("\nThe processes of the first one printed:\n").append(output);
            }
            throw new AssertionError(text.toString());
        }
    }

    /**
     * Plays it.
     *
     * @param folder empty; for all files of all processes
     * @throws AssertionError when the scenario fails undisturbed, or has too many crash points
     */
    static Result play(Class<?> tests, Method method, CrashEverywhere order, Path folder) throws InterruptedException {
        long start = System.nanoTime();
        String name = tests.getSimpleName() + "." + method.getName();
        CrashForks forks =
                new CrashForks(CrashScenario.arguments(tests, method), tests, folder, order.timeoutSeconds());
        CrashRuns runs = new CrashRuns(name, order, forks);
        Path undisturbed = forks.fresh("undisturbed");
        Content expected = runs.undisturbed(undisturbed);
        List<CrashPoint> points = runs.points(expected);
        Map<CrashPoint, Path> folders = runs.killAtEach(points);
        Map<String, String> expectedFiles = runs.files(undisturbed);
        Map<CrashPoint, List<String>> problems = new TreeMap<>(Comparator.comparingInt(points::indexOf));
        Map<CrashPoint, List<String>> doubts = new TreeMap<>(Comparator.comparingInt(points::indexOf));
        String output = "";
        for (CrashPoint point : points) {
            Path ended = Objects.requireNonNull(folders.get(point));
            Content actual = read(ended);
            List<String> wrong = new ArrayList<>();
            if (!actual.ended()) {
                wrong.add("the process that took the scenario up did not come to its end");
            } else {
                wrong.addAll(CrashComparison.problems(expected, expectedFiles, actual, runs.files(ended)));
            }
            if (CrashComparison.isInDoubt(actual)) {
                List<String> actions = actual.ends().stream()
                        .filter(End::isInDoubt)
                        .flatMap(end -> end.waitingFor().stream())
                        .toList();
                doubts.put(point, actions);
                if (!order.allowInDoubt()) {
                    wrong.add("it is in doubt (" + String.join(", ", actions) + "), which this test does not allow");
                }
            }
            if (!wrong.isEmpty()) {
                if (problems.isEmpty()) {
                    output = CrashForks.tail(output(ended));
                }
                problems.put(point, wrong);
            }
        }
        return new Result(name, points.size(), Duration.ofNanos(System.nanoTime() - start), problems, doubts, output);
    }

    private Content undisturbed(Path folder) throws InterruptedException {
        int exit = forks.run(List.of(CrashScenario.FINISH, "0", folder.toString()), output(folder));
        Content content = read(folder);
        if (exit != 0 || !content.ended()) {
            throw new CrashFailure("the undisturbed process of %s ended with %d".formatted(name, exit), output(folder));
        }
        if (content.thrown() != null) {
            throw new AssertionError("%s fails without any crash: %s; it printed:\n%s"
                    .formatted(name, content.thrown(), CrashForks.tail(output(folder))));
        }
        if (content.begun().isEmpty()) {
            throw new AssertionError(
                    name + " begins no run: call hart.run(…) or hart.start(…) of the runtime that it is given");
        }
        return content;
    }

    private List<CrashPoint> points(Content content) {
        List<CrashPoint> points = new ArrayList<>();
        content.commits()
                .forEach(commit -> points.add(new CrashPoint(CrashPoint.Kind.COMMIT, commit.number(), commit.what())));
        content.calls().stream()
                .filter(call -> call.code() != null)
                .forEach(call -> points.add(new CrashPoint(CrashPoint.Kind.ANSWER, call.number(), call.tool())));
        if (points.size() > order.maxPoints()) {
            throw new AssertionError(
                    "%s has %d crash points, and maxPoints is %d: make the scenario shorter, or raise it"
                            .formatted(name, points.size(), order.maxPoints()));
        }
        return points;
    }

    /** Gives the folder of each point, where the scenario has come to an end. */
    private Map<CrashPoint, Path> killAtEach(List<CrashPoint> points) throws InterruptedException {
        Map<CrashPoint, Path> folders = new HashMap<>();
        for (int i = 0; i < points.size(); i++) {
            folders.put(points.get(i), forks.fresh("point-" + (i + 1)));
        }
        ExecutorService lanes = Executors.newFixedThreadPool(LANES);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int lane = 0; lane < LANES; lane++) {
                int first = lane;
                running.add(lanes.submit(() -> {
                    List<CrashPoint> own = new ArrayList<>();
                    for (int i = first; i < points.size(); i += LANES) {
                        own.add(points.get(i));
                    }
                    goThrough(own, folders);
                    return null;
                }));
            }
            for (Future<?> lane : running) {
                lane.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } finally {
            lanes.shutdownNow();
        }
        return folders;
    }

    private void goThrough(List<CrashPoint> points, Map<CrashPoint, Path> folders) throws InterruptedException {
        @Nullable Path left = null;
        for (CrashPoint point : points) {
            Path folder = Objects.requireNonNull(folders.get(point));
            List<String> orders = new ArrayList<>();
            if (left != null) {
                orders.addAll(List.of(CrashScenario.FINISH, "0", left.toString()));
            }
            orders.addAll(List.of(point.kind().name(), String.valueOf(point.number()), folder.toString()));
            int exit = forks.run(orders, output(left == null ? folder : left));
            if (exit != CrashRecorder.KILLED && exit != 0) {
                throw new CrashFailure(
                        "a process of %s ended with %d".formatted(name, exit), output(left == null ? folder : left));
            }
            left = read(folder).ended() ? null : folder;
        }
        if (left != null) {
            int exit = forks.run(List.of(CrashScenario.FINISH, "0", left.toString()), output(left));
            if (exit != 0) {
                throw new CrashFailure("a process of %s ended with %d".formatted(name, exit), output(left));
            }
        }
    }

    private static Path output(Path folder) {
        return folder.resolve("output.txt");
    }

    private static Content read(Path folder) {
        try {
            return CrashLog.read(CrashScenario.log(folder));
        } catch (IOException e) {
            throw new UncheckedIOException("the log in " + folder + " cannot be read", e);
        }
    }

    /** Each file of the workspace with its content, or the beginning of it and its length. */
    private Map<String, String> files(Path folder) {
        List<PathMatcher> ignored = Arrays.stream(order.ignoring())
                .map(pattern -> FileSystems.getDefault().getPathMatcher("glob:" + pattern))
                .toList();
        Path workspace = folder.resolve("workspace");
        try (Stream<Path> files = Files.walk(workspace)) {
            return files.filter(Files::isRegularFile)
                    .map(workspace::relativize)
                    .filter(file -> ignored.stream().noneMatch(pattern -> pattern.matches(file)))
                    .collect(Collectors.toMap(Path::toString, file -> content(workspace.resolve(file))));
        } catch (IOException e) {
            throw new UncheckedIOException("the workspace " + workspace + " cannot be read", e);
        }
    }

    private static String content(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            String text = JsonText.compact(new String(bytes, StandardCharsets.UTF_8));
            return text.length() <= LONGEST_SHOWN
                    ? text
                    : "%s… (%d bytes, hash %08x)"
                            .formatted(text.substring(0, LONGEST_SHOWN), bytes.length, Arrays.hashCode(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException("the file " + file + " cannot be read", e);
        }
    }
}
