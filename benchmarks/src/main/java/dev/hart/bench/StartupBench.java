package dev.hart.bench;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * How long it takes until HART can be used in a process that has just started, and how much of a class path it brings. Each
 * time is the median of several processes.
 */
final class StartupBench implements Benchmark {
    private static final String SAMPLES = "--samples";
    private static final String HOME = "--home";
    private static final int DEFAULT_SAMPLES = 7;
    private static final long PROCESS_SECONDS = 300;
    private static final double NANOS_PER_MILLI = 1_000_000;
    private static final double MEGABYTE = 1_000_000;
    private static final List<String> FAST_START =
            List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xlog:disable");

    @Override
    public String usage() {
        return "[--samples N] [--home DIR]   N processes for each figure, 7 unless given; DIR is the clone, the current"
                + " directory unless given";
    }

    @Override
    public Map<String, Number> run(List<String> options, PrintStream out) throws IOException {
        Options given = new Options(options, Set.of(SAMPLES, HOME));
        int samples = given.number(SAMPLES, DEFAULT_SAMPLES, 1_000);
        Path home = given.path(HOME, Path.of("")).toAbsolutePath();
        Map<String, Number> metrics = new LinkedHashMap<>();
        out.printf(
                Locale.ROOT,
                "%-44s %10s %10s %10s%n",
                "cold start, " + samples + " processes",
                "median ms",
                "least",
                "most");
        try (Scratch scratch = Scratch.below(home.resolve("build"))) {
            List<Path> core = coreClassPath(home);
            create(scratch, core, samples, out, metrics);
            runCommand(scratch, home, samples, out, metrics);
            size(core, out, metrics);
        }
        return metrics;
    }

    private static void create(
            Scratch scratch, List<Path> core, int samples, PrintStream out, Map<String, Number> metrics)
            throws IOException {
        List<Path> classPath = new ArrayList<>(core);
        classPath.add(0, jarOfThisClass());
        Sample plain = creates(scratch.resolve("plain"), classPath, List.of(), samples);
        row(out, "Hart.create()", plain);
        metrics.put("hart_create_ms", Sample.rounded(plain.median(), 1));
        Path archive = scratch.resolve("hart.jsa");
        List<String> recording = new ArrayList<>(FAST_START);
        recording.add("-XX:ArchiveClassesAtExit=" + archive);
        creates(scratch.resolve("recording"), classPath, recording, 1);
        List<String> flags = new ArrayList<>(FAST_START);
        flags.add("-Xshare:auto");
        flags.add("-XX:SharedArchiveFile=" + archive);
        Sample archived = creates(scratch.resolve("cds"), classPath, flags, samples);
        row(out, "Hart.create(), C1 and a class archive", archived);
        metrics.put("hart_create_cds_ms", Sample.rounded(archived.median(), 1));
    }

    private static Sample creates(Path folder, List<Path> classPath, List<String> flags, int samples)
            throws IOException {
        List<Double> millis = new ArrayList<>();
        for (int i = 0; i < samples; i++) {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(flags);
            command.addAll(List.of(
                    "-cp",
                    String.join(
                            File.pathSeparator,
                            classPath.stream().map(Path::toString).toList()),
                    ColdCreate.class.getName(),
                    folder.resolve(String.valueOf(i)).toString()));
            String answer = output(command, Objects.requireNonNull(folder.getParent()));
            String line = answer.lines()
                    .filter(text -> text.startsWith(ColdCreate.PREFIX))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("the child said: " + answer));
            millis.add(Long.parseLong(line.substring(ColdCreate.PREFIX.length())) / NANOS_PER_MILLI);
        }
        return new Sample(millis);
    }

    /** The wall time of the command that replays a recipe, from the shell's start to its end. */
    private static void runCommand(
            Scratch scratch, Path home, int samples, PrintStream out, Map<String, Number> metrics) throws IOException {
        Path script = home.resolve("hart");
        if (!Files.isExecutable(script)) {
            out.printf(Locale.ROOT, "%-44s there is no ./hart in %s%n", "./hart run", home);
            return;
        }
        hartRun(scratch, script, "first", "CREATE"); // builds what is missing, and makes the class archive
        List<Double> millis = new ArrayList<>();
        for (int i = 0; i < samples; i++) {
            millis.add(hartRun(scratch, script, "again" + i, "REUSE"));
        }
        Sample reuse = new Sample(millis);
        row(out, "./hart run, REUSE, whole process", reuse);
        metrics.put("hart_run_ms", Sample.rounded(reuse.median(), 1));
    }

    private static double hartRun(Scratch scratch, Path script, String file, String mode) throws IOException {
        Files.writeString(scratch.resolve(file + ".csv"), "item,amount\nbread,3.20\nmilk,1.15\n");
        List<String> command = List.of(
                script.toString(),
                "run",
                "Add up column amount of %s.csv and write the total to %s.txt".formatted(file, file),
                "--data",
                scratch.resolve("run-data").toString(),
                "--workspace",
                scratch.folder().toString());
        long start = System.nanoTime();
        String answer = output(command, scratch.folder());
        double millis = (System.nanoTime() - start) / NANOS_PER_MILLI;
        if (!answer.contains(mode) || !Files.exists(scratch.resolve(file + ".txt"))) {
            throw new IllegalStateException("./hart run was to " + mode + ", but said: " + answer);
        }
        return millis;
    }

    private static String output(List<String> command, Path folder) throws IOException {
        Path answer = Files.createTempFile(folder, "output", ".txt");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(answer.toFile())
                .start();
        try {
            if (!process.waitFor(PROCESS_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("took longer than " + PROCESS_SECONDS + " s: " + command);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while it waited for " + command, e);
        } finally {
            process.destroyForcibly();
        }
        String text = Files.readString(answer, StandardCharsets.UTF_8);
        if (process.exitValue() != 0) {
            throw new IllegalStateException("exit code " + process.exitValue() + " of " + command + ": " + text);
        }
        return text;
    }

    private static void size(List<Path> core, PrintStream out, Map<String, Number> metrics) throws IOException {
        long bytes = 0;
        for (Path jar : core) {
            bytes += Files.size(jar);
        }
        out.printf(Locale.ROOT, "%nclass path of hart-core: %d jars, %.1f MB%n", core.size(), bytes / MEGABYTE);
        metrics.put("core_classpath_jars", core.size());
        metrics.put("core_classpath_mb", Sample.rounded(bytes / MEGABYTE, 1));
    }

    /** What Maven resolves for an application whose only dependency is hart-core; {@code ./bench} writes the list when it builds. */
    private static List<Path> coreClassPath(Path home) throws IOException {
        Path target = home.resolve("hart-core").resolve("target");
        Path list = target.resolve("classpath.txt");
        if (!Files.exists(list)) {
            throw new IllegalArgumentException(
                    list + " is missing: start this benchmark as ./bench startup from the clone, or"
                            + " give the clone with " + HOME);
        }
        List<Path> jars = new ArrayList<>();
        jars.add(onlyJar(target, "hart-core-"));
        Arrays.stream(Files.readString(list).strip().split(File.pathSeparator, -1))
                .map(Path::of)
                .forEach(jars::add);
        return jars;
    }

    /** A jar, not the folder of classes: class archives take classes from jars only. */
    private static Path jarOfThisClass() throws IOException {
        Path classes;
        try {
            classes = Path.of(StartupBench.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (java.net.URISyntaxException e) {
            throw new IOException("cannot tell where the benchmarks were loaded from", e);
        }
        return Files.isDirectory(classes) ? onlyJar(classes.resolveSibling(""), "hart-benchmarks-") : classes;
    }

    private static Path onlyJar(Path folder, String prefix) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix)
                            && file.getFileName().toString().endsWith(".jar"))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "there is no " + prefix + "*.jar in " + folder + ": build it with mvn package"));
        }
    }

    private static void row(PrintStream out, String what, Sample sample) {
        out.printf(Locale.ROOT, "%-44s %10.0f %10.0f %10.0f%n", what, sample.median(), sample.least(), sample.most());
    }
}
