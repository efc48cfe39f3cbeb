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
import java.util.Objects;
import java.util.Set;

/**
 * What it saves to replay a recipe instead of planning again, for models of several speeds; and what HART's own bookkeeping
 * costs for each step, beside the same rows written by hand and beside other libraries for agents.
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
        return "[--seconds N] [--dir DIR]   N seconds for each rate, 5 unless given; DIR on the disk to measure, the"
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
    record Pair(double createMillis, double reuseMillis, int createCalls, int reuseCalls) {}

    static Pair pair(Path dataDirectory, Duration latency) {
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

    /** One who runs the chain, opened anew each time it is measured, in a folder of its own. */
    private record Contestant(String name, String what, int threads, Opening opening) {}

    @FunctionalInterface
    private interface Opening {
        Chain open(Path folder) throws Exception;
    }

    private static final List<Contestant> CONTESTANTS = List.of(
            new Contestant("hart_durable_1", "HART, durable", 1, HartChain::new),
            new Contestant("langgraph4j_files_1", "LangGraph4j, files", 1, LangGraphChain::new),
            new Contestant("langchain4j_files_1", "LangChain4j agentic, files", 1, AgenticChain::new),
            new Contestant("hart_memory_1", "HART, in memory", 1, folder -> new HartChain(null)),
            new Contestant("langgraph4j_memory_1", "LangGraph4j, in memory", 1, folder -> new LangGraphChain(null)),
            new Contestant(
                    "langchain4j_memory_1", "LangChain4j agentic, in memory", 1, folder -> new AgenticChain(null)),
            new Contestant("hart_durable_16", "HART, durable", 16, HartChain::new),
            new Contestant("langgraph4j_files_16", "LangGraph4j, files", 16, LangGraphChain::new),
            new Contestant("langchain4j_files_16", "LangChain4j agentic, files", 16, AgenticChain::new),
            new Contestant("hart_memory_16", "HART, in memory", 16, folder -> new HartChain(null)));

    /** In turns, so that what else the machine does meets all alike; the medians. */
    private static void rates(Scratch scratch, Duration each, PrintStream out, Map<String, Number> metrics)
            throws IOException {
        Map<Contestant, List<StepRate>> rates = new LinkedHashMap<>();
        List<RawSqlite> raws = new ArrayList<>();
        for (int turn = 0; turn < TURNS; turn++) {
            for (Contestant contestant : CONTESTANTS) {
                Path folder = scratch.resolve(contestant.name() + "-" + turn);
                rates.computeIfAbsent(contestant, c -> new ArrayList<>())
                        .add(StepRate.measure(open(contestant, folder), contestant.threads(), each.dividedBy(TURNS)));
            }
            raws.add(RawSqlite.measure(
                    scratch.resolve(CONTESTANTS.get(0).name() + "-" + turn),
                    scratch.resolve("raw-" + turn + ".db"),
                    each.dividedBy(TURNS)));
        }
        out.printf(
                Locale.ROOT,
                "%n%-36s %8s %10s %12s %14s%n",
                StepRate.STEPS + " steps a run",
                "threads",
                "steps/s",
                "us per step",
                "commits/step");
        Map<String, StepRate> medians = new LinkedHashMap<>();
        rates.forEach((contestant, measured) -> {
            measured.sort(Comparator.comparingDouble(StepRate::microsPerStep));
            StepRate rate = measured.get(TURNS / 2);
            medians.put(contestant.name(), rate);
            out.printf(
                    Locale.ROOT,
                    "%-36s %8d %10.0f %12.1f %14.2f%n",
                    contestant.what(),
                    contestant.threads(),
                    rate.stepsPerSecond(),
                    rate.microsPerStep(),
                    rate.commitsPerStep());
            metrics.put("us_per_step_" + contestant.name(), Sample.rounded(rate.microsPerStep(), 1));
        });
        raws.sort(Comparator.comparingDouble(RawSqlite::microsPerStep));
        RawSqlite raw = raws.get(TURNS / 2);
        out.printf(
                Locale.ROOT,
                "%-36s %8d %10.0f %12.1f %14.2f%n%n",
                "SQLite by hand",
                1,
                1e6 / raw.microsPerStep(),
                raw.microsPerStep(),
                1.0);
        metrics.put("us_per_step_raw_1", Sample.rounded(raw.microsPerStep(), 1));
        metrics.put(
                "commits_per_step_16",
                Sample.rounded(median(medians, "hart_durable_16").commitsPerStep(), 3));
        double byHand = median(medians, "hart_durable_1").microsPerStep() / raw.microsPerStep();
        out.printf(
                Locale.ROOT,
                "by hand: %d events of %d bytes and 2 updates of tasks a step, one commit, same sync; HART takes %.2f times as"
                        + " long%n",
                raw.events(),
                raw.payloadBytes(),
                byHand);
        metrics.put("ratio_raw_1", Sample.rounded(byHand, 2));
        for (String peer : List.of("langgraph4j_files", "langchain4j_files")) {
            for (String threads : List.of("_1", "_16")) {
                metrics.put(
                        "ratio_" + peer + threads,
                        Sample.rounded(
                                median(medians, peer + threads).microsPerStep()
                                        / median(medians, "hart_durable" + threads)
                                                .microsPerStep(),
                                2));
            }
        }
    }

    private static StepRate median(Map<String, StepRate> medians, String name) {
        return Objects.requireNonNull(medians.get(name), name);
    }

    private static Chain open(Contestant contestant, Path folder) {
        try {
            return contestant.opening().open(folder);
        } catch (Exception e) {
            throw new IllegalStateException(contestant.what() + " cannot be opened: " + e.getMessage(), e);
        }
    }
}
