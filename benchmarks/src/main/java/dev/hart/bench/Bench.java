package dev.hart.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hart.bench.gpu.GpuBench;
import dev.hart.bench.guard.GuardBench;
import dev.hart.bench.ledger.LedgerBench;
import dev.hart.bench.match.MatchBench;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Runs one benchmark by name: {@code ./bench NAME [options]}. Each prints a table for people, and as the last line one JSON object {@code
 * {"bench":NAME,"metrics":{…},"machine":{…}}} for programs.
 */
public final class Bench {
    /** What {@code ./bench} knows, by name. A new benchmark gets its line here. */
    private static final Map<String, Benchmark> BENCHMARKS = new TreeMap<>(Map.of(
            "gpu", new GpuBench(),
            "guard", new GuardBench(),
            "ledger", new LedgerBench(),
            "match", new MatchBench(),
            "planner", new PlannerBench(),
            "reuse", new ReuseBench(),
            "startup", new StartupBench()));

    private Bench() {}

    /** Ends with exit code 2 when the command line is wrong, and 1 when the benchmark fails. */
    public static void main(String[] args) throws Exception {
        Benchmark benchmark = args.length == 0 ? null : BENCHMARKS.get(args[0]);
        if (benchmark == null) {
            System.err.println("usage: ./bench NAME [options]");
            BENCHMARKS.forEach((name, known) -> System.err.println("  " + name + "  " + known.usage()));
            System.exit(2);
            return;
        }
        List<String> options = Arrays.asList(args).subList(1, args.length);
        try {
            Map<String, Number> metrics = benchmark.run(options, System.out);
            System.out.println(resultLine(args[0], metrics));
            // What is measured without HART may leave threads behind, as llama.cpp's binding does.
            System.exit(0);
        } catch (IllegalArgumentException e) {
            System.err.println("bench " + args[0] + ": " + e.getMessage());
            System.err.println("usage: ./bench " + args[0] + " " + benchmark.usage());
            System.exit(2);
        }
    }

    static String resultLine(String name, Map<String, Number> metrics) throws JsonProcessingException {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("bench", name);
        result.put("metrics", metrics);
        result.put("machine", Machine.describe());
        return new ObjectMapper().writeValueAsString(result);
    }
}
