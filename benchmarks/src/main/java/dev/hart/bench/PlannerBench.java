package dev.hart.bench;

import dev.hart.bench.CallCheck.Call;
import dev.hart.core.plan.Draft;
import dev.hart.core.plan.EmbeddedPlanner;
import dev.hart.error.CannotPlanException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How often the embedded planner makes exactly the expected calls for questions of the Berkeley Function Calling Leaderboard, and refuses
 * those that no function answers; and how long it takes.
 */
final class PlannerBench implements Benchmark {
    private static final List<String> FILES = List.of("simple_python", "multiple", "irrelevance", "parallel");
    private static final String DEFAULT_DATA = "../shared/data/bfcl";
    private static final double NANOS_PER_MICRO = 1_000;

    private final EmbeddedPlanner planner = new EmbeddedPlanner();

    /** What happened to one question. */
    record Outcome(FunctionCalling question, List<Call> calls, long nanos) {
        boolean isRefused() {
            return calls.isEmpty();
        }

        boolean isRight() {
            return question.answers().isEmpty() ? isRefused() : CallCheck.areRight(calls, question.answers());
        }

        boolean hasRightTools() {
            return !isRefused()
                    && calls.stream()
                            .allMatch(call -> question.answers().stream()
                                    .anyMatch(answer -> answer.containsKey(call.function())));
        }
    }

    @Override
    public String usage() {
        return "[--data DIR]   files *.jsonl of the Berkeley Function Calling Leaderboard; " + DEFAULT_DATA
                + " unless given";
    }

    @Override
    public Map<String, Number> run(List<String> options, PrintStream out) throws IOException {
        Path data = dataDirectory(options);
        Map<String, Number> metrics = new LinkedHashMap<>();
        List<Long> nanos = new ArrayList<>();
        out.printf(
                Locale.ROOT,
                "%-16s %9s %9s %9s %12s %9s%n",
                "file",
                "questions",
                "correct",
                "refused",
                "right tools",
                "accuracy");
        for (String name : FILES) {
            Path file = data.resolve(name + ".jsonl");
            if (!Files.exists(file)) {
                out.printf(Locale.ROOT, "%-16s is not in %s%n", name, data);
                continue;
            }
            List<FunctionCalling> questions = FunctionCalling.read(file);
            questions.forEach(this::answer); // once for the compiler
            List<Outcome> outcomes = questions.stream().map(this::answer).toList();
            long right = outcomes.stream().filter(Outcome::isRight).count();
            long tools = outcomes.stream().filter(Outcome::hasRightTools).count();
            long refused = outcomes.stream().filter(Outcome::isRefused).count();
            double accuracy = share(right, outcomes.size());
            out.printf(
                    Locale.ROOT,
                    "%-16s %9d %9d %9d %12d %8.1f%%%n",
                    name,
                    outcomes.size(),
                    right,
                    refused,
                    tools,
                    accuracy * 100);
            metrics.put(name, accuracy);
            if (name.equals("multiple")) {
                metrics.put("tool_choice_multiple", share(tools, outcomes.size()));
            }
            outcomes.forEach(outcome -> nanos.add(outcome.nanos()));
        }
        if (metrics.isEmpty()) {
            throw new IllegalArgumentException("no file of " + FILES + " (.jsonl) in " + data);
        }
        nanos.sort(null);
        metrics.put("p50_us", percentile(nanos, 0.50));
        metrics.put("p99_us", percentile(nanos, 0.99));
        out.printf(
                Locale.ROOT,
                "time per request: p50 %.0f us, p99 %.0f us%n",
                percentile(nanos, 0.50),
                percentile(nanos, 0.99));
        return metrics;
    }

    /** Plans one question; a refusal makes no call. */
    Outcome answer(FunctionCalling question) {
        long start = System.nanoTime();
        List<Call> calls;
        try {
            Draft draft = planner.plan(question.question(), question.tools());
            calls = draft.actions().stream()
                    .map(action -> new Call(String.valueOf(action.tool()), action.args()))
                    .toList();
        } catch (CannotPlanException e) {
            calls = List.of(); // an expected answer: refusing is what half of this benchmark is about
        }
        return new Outcome(question, calls, System.nanoTime() - start);
    }

    private static Path dataDirectory(List<String> options) {
        if (options.isEmpty()) {
            return Path.of(DEFAULT_DATA);
        }
        if (options.size() != 2 || !options.get(0).equals("--data")) {
            throw new IllegalArgumentException("options were " + String.join(" ", options));
        }
        return Path.of(options.get(1));
    }

    private static double share(long part, int whole) {
        return whole == 0 ? 0 : Math.round(10_000.0 * part / whole) / 10_000.0;
    }

    private static double percentile(List<Long> sorted, double share) {
        return sorted.get((int) Math.min(sorted.size() - 1L, Math.round(share * sorted.size()))) / NANOS_PER_MICRO;
    }
}
