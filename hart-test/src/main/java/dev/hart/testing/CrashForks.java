package dev.hart.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Starts the processes of one scenario, each a small JVM with the class path of this one. Thread-safe. */
final class CrashForks {
    private static final int SHOWN_LINES = 40;
    /** Starts fast and lives short; the classes were verified when this process loaded them. */
    private static final List<String> SMALL_JVM = List.of(
            "-XX:+IgnoreUnrecognizedVMOptions",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:-BytecodeVerificationRemote",
            "-Xshare:auto",
            "-ea");

    private final List<String> scenario;
    private final Path folder;
    private final Path arguments;
    private final long timeoutSeconds;

    /**
     * Forks of a scenario.
     *
     * @param scenario the arguments of {@link CrashScenario#main} that name it
     * @param tests whose classes are on the class path in any case
     * @param folder for files that the forks need
     */
    CrashForks(List<String> scenario, Class<?> tests, Path folder, int timeoutSeconds) {
        this.scenario = scenario;
        this.folder = folder;
        this.timeoutSeconds = timeoutSeconds;
        this.arguments = folder.resolve("java.args");
        try {
            Files.writeString(arguments, "-cp\n" + quoted(classPath(tests)) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("the arguments of the processes cannot be written", e);
        }
    }

    /**
     * Starts a process and waits for its end.
     *
     * @param orders the arguments of {@link CrashScenario#main} behind the scenario
     * @param output where it writes
     * @return its exit status
     * @throws CrashFailure when it does not end in time
     */
    int run(List<String> orders, Path output) throws InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(SMALL_JVM);
        command.add("@" + arguments);
        command.add(CrashScenario.class.getName());
        command.addAll(scenario);
        command.addAll(orders);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                    .start();
            try {
                process.getOutputStream().close();
                if (!process.waitFor(timeoutSeconds, TimeUnit.SECONDS)) {
                    throw new CrashFailure("a process did not end within %d s".formatted(timeoutSeconds), output);
                }
                return process.exitValue();
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a process for the scenario cannot be started", e);
        }
    }

    Path fresh(String name) {
        try {
            return Files.createDirectory(folder.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException("no folder for the scenario", e);
        }
    }

    /** Something is wrong with a process itself; the message has the end of what it printed. */
    static final class CrashFailure extends RuntimeException {
        private static final long serialVersionUID = 1;

        CrashFailure(String message, Path output) {
            super(message + "; it printed:\n" + tail(output));
        }
    }

    static String tail(Path output) {
        try {
            List<String> lines = Files.exists(output) ? Files.readAllLines(output) : List.of();
            return lines.stream()
                    .skip(Math.max(0, lines.size() - SHOWN_LINES))
                    .map(line -> "    " + line)
                    .collect(Collectors.joining("\n"));
        } catch (IOException e) {
            return "    (what it printed cannot be read: " + e.getMessage() + ")";
        }
    }

    /** Whatever this process was started with, also when that was a module path, and the classes of test and harness. */
    private static String classPath(Class<?> tests) {
        Set<String> paths = new LinkedHashSet<>();
        Stream.of(System.getProperty("jdk.module.path"), System.getProperty("java.class.path"))
                .filter(path -> path != null && !path.isEmpty())
                .forEach(paths::add);
        Stream.of(tests, CrashScenario.class).map(CrashForks::origin).forEach(origin -> {
            if (origin != null) {
                paths.add(origin.toString());
            }
        });
        return String.join(File.pathSeparator, paths);
    }

    private static @Nullable Path origin(Class<?> type) {
        var source = type.getProtectionDomain().getCodeSource();
        try {
            return source == null || source.getLocation() == null
                    ? null
                    : Path.of(source.getLocation().toURI());
        } catch (URISyntaxException | IllegalArgumentException e) {
            return null;
        }
    }

    /** As a file of arguments wants it. */
    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
