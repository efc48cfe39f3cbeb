package dev.hart.bench;

import dev.hart.Hart;
import dev.hart.Mode;
import dev.hart.Run;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What it saves to replay a recipe instead of planning again, for models of several speeds; and what HART's own bookkeeping
 * costs for each step, beside the same rows written by hand.
 */
final class ReuseBench implements Benchmark {
    private static final String SECONDS = "--seconds";
    private static final String DIR = "--dir";
    private static final int[] LATENCIES = {0, 50, 500};
    private static final int CREATE_RUNS = 5;
    private static final int REUSE_RUNS = 5;
    private static final int WARM_UPS = 20;
    private static final int TURNS = 5;
    private static final double NANOS_PER_MILLI = 1_000_000;

    @Override
    public String usage() {
        return "[--seconds N] [--dir DIR]   N seconds for each of five rates, 5 unless given; DIR on the disk to measure, the"
                + " current directory unless given";
    }

    @Override
    public Map<String, Number> run(List<String> options, PrintStream out) throws IOException {
        Options given = new Options(options, Set.of(SECONDS, DIR));
        Duration each = Duration.ofSeconds(given.number(SECONDS, 5, 600));
        Map<String, Number> metrics = new LinkedHashMap<>();
        try (Scratch scratch = Scratch.below(given.path(DIR, Path.of("")).toAbsolutePath())) {
            savings(scratch, out, metrics);
            rates(scratch, each, out, metrics);
        }
        return metrics;
    }

    private static void savings(Scratch scratch, PrintStream out, Map<String, Number> metrics) {
        out.printf(
                Locale.ROOT,
                "%-28s %12s %12s %9s %14s %13s%n",
                "5 actions, model call of",
                "CREATE ms",
                "REUSE ms",
                "saving",
                "CREATE calls",
                "REUSE calls");
        for (int i = 0; i < WARM_UPS; i++) {
            pair(scratch.resolve("warm-up-" + i), Duration.ZERO);
        }
        for (int latency : LATENCIES) {
            List<Pair> pairs = new ArrayList<>();
            for (int i = 0; i < CREATE_RUNS; i++) {
                pairs.add(pair(scratch.resolve("saving-" + latency + "-" + i), Duration.ofMillis(latency)));
            }
            double create = new Sample(pairs.stream().map(Pair::createMillis).toList()).median();
            double reuse = new Sample(pairs.stream().map(Pair::reuseMillis).toList()).median();
            Pair first = pairs.get(0);
            double saving = Sample.rounded(1 - reuse / create, 4);
            out.printf(
                    Locale.ROOT,
                    "%-28s %12.2f %12.2f %8.2f%% %14d %13d%n",
                    latency + " ms",
                    create,
                    reuse,
                    saving * 100,
                    first.createCalls(),
                    first.reuseCalls());
            metrics.put("saving_" + latency + "ms", saving);
            metrics.put("model_calls_create", first.createCalls());
            metrics.put("model_calls_reuse", first.reuseCalls());
        }
    }

    /** One CREATE, and the median of several REUSE runs of what it learned. */
    private record Pair(double createMillis, double reuseMillis, int createCalls, int reuseCalls) {}

    private static Pair pair(Path dataDirectory, Duration latency) {
        FixedLatencyModel model = new FixedLatencyModel(latency);
        try (Hart hart = Hart.configure()
                .dataDirectory(dataDirectory)
                .withoutBuiltInTools()
                .model(model)
                .create()) {
            hart.tools().register(new ShopTools());
            double create = millis(hart, 1_000, Mode.CREATE);
            int createCalls = model.calls();
            List<Double> reuses = new ArrayList<>();
            for (int i = 1; i <= REUSE_RUNS; i++) {
                reuses.add(millis(hart, 1_000 + i, Mode.REUSE));
            }
            return new Pair(
                    create, new Sample(reuses).median(), createCalls, (model.calls() - createCalls) / REUSE_RUNS);
        }
    }

    private static double millis(Hart hart, int order, Mode expected) {
        long start = System.nanoTime();
        Run run = hart.run("price order " + order);
        double millis = (System.nanoTime() - start) / NANOS_PER_MILLI;
        long cents = 10_000 + order % 97;
        long due = (cents - cents / 20) + (cents - cents / 20) / 5 + 490;
        String tag = String.format(Locale.ROOT, "%d.%02d", due / 100, due % 100);
        if (run.mode() != expected || !tag.equals(run.output())) {
            throw new IllegalStateException("the run is not what the benchmark measures: " + run.mode() + " gave "
                    + run.output() + ", expected " + expected + " and " + tag);
        }
        return millis;
    }

    private static void rates(Scratch scratch, Duration each, PrintStream out, Map<String, Number> metrics)
            throws IOException {
        out.printf(
                Locale.ROOT,
                "%n%-36s %10s %12s %14s%n",
                StepRate.STEPS + " steps a run",
                "steps/s",
                "us per step",
                "commits/step");
        // In turns, so that what else the machine does meets both alike.
        List<StepRate> durables = new ArrayList<>();
        List<RawSqlite> raws = new ArrayList<>();
        for (int i = 0; i < TURNS; i++) {
            Path data = scratch.resolve("durable-1-" + i);
            durables.add(StepRate.measure(data, 1, each.dividedBy(TURNS)));
            raws.add(RawSqlite.measure(data, scratch.resolve("raw-" + i + ".db"), each.dividedBy(TURNS)));
        }
        durables.sort(Comparator.comparingDouble(StepRate::microsPerStep));
        raws.sort(Comparator.comparingDouble(RawSqlite::microsPerStep));
        StepRate durable1 = durables.get(TURNS / 2);
        RawSqlite raw = raws.get(TURNS / 2);
        row(out, "durable, 1 thread", durable1);
        StepRate memory1 = StepRate.measure(null, 1, each);
        row(out, "in memory, 1 thread", memory1);
        StepRate durable16 = StepRate.measure(scratch.resolve("durable-16"), 16, each);
        row(out, "durable, 16 threads", durable16);
        StepRate memory16 = StepRate.measure(null, 16, each);
        row(out, "in memory, 16 threads", memory16);
        out.printf(
                Locale.ROOT,
                "%-36s %10.0f %12.1f %14.2f%n%n",
                "SQLite by hand, 1 thread",
                1e6 / raw.microsPerStep(),
                raw.microsPerStep(),
                1.0);
        out.printf(
                Locale.ROOT,
                "by hand: %d events of %d bytes and 2 updates of tasks a step, one commit, same sync; HART takes %.1f times as"
                        + " long%n",
                raw.events(),
                raw.payloadBytes(),
                durable1.microsPerStep() / raw.microsPerStep());
        metrics.put("us_per_step_durable_1", Sample.rounded(durable1.microsPerStep(), 1));
        metrics.put("us_per_step_memory_1", Sample.rounded(memory1.microsPerStep(), 1));
        metrics.put("steps_per_s_durable_1", Sample.rounded(durable1.stepsPerSecond(), 0));
        metrics.put("steps_per_s_durable_16", Sample.rounded(durable16.stepsPerSecond(), 0));
        metrics.put("steps_per_s_memory_16", Sample.rounded(memory16.stepsPerSecond(), 0));
        metrics.put("commits_per_step_16", Sample.rounded(durable16.commitsPerStep(), 3));
        metrics.put("us_per_step_raw_1", Sample.rounded(raw.microsPerStep(), 1));
        metrics.put("ratio_raw_1", Sample.rounded(durable1.microsPerStep() / raw.microsPerStep(), 2));
    }

    private static void row(PrintStream out, String what, StepRate rate) {
        out.printf(
                Locale.ROOT,
                "%-36s %10.0f %12.1f %14.2f%n",
                what,
                rate.stepsPerSecond(),
                rate.microsPerStep(),
                rate.commitsPerStep());
    }
}
