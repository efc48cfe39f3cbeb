package dev.hart.bench.ledger;

import dev.hart.bench.Sample;
import dev.hart.ledger.Lease;
import dev.hart.ledger.Ledgers;
import dev.hart.store.Store;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How long a durable claim takes on SQLite, by how many tasks are pending in the ledger, and what becomes of the rate at which
 * 16 threads let tasks live. As many tasks are added as end, so the number of pending ones stays.
 *
 * @param sizes numbers of pending tasks, rising
 * @param claims how many are measured
 * @param each for the rate
 */
record ClaimLatency(List<Integer> sizes, int claims, Duration each) implements LedgerFigure {
    private static final int TASKS_IN_COMMIT = 10_000;
    private static final int WARM_UP_SHARE = 2;
    private static final double NANOS_PER_MICRO = 1e3;

    @Override
    public String name() {
        return "claim-latency";
    }

    @Override
    public Map<String, Number> measure(Path folder, PrintStream out) throws Exception {
        Map<String, Number> metrics = new LinkedHashMap<>();
        try (Store store = Store.sqlite(folder.resolve("hart.db"));
                Ledgers ledgers = Ledgers.in(store).actor("bench").open()) {
            LedgerTasks tasks = new LedgerTasks(ledgers, 1);
            double first = 0;
            double last = 0;
            int pending = 0;
            for (int size : sizes) {
                while (pending < size) {
                    int added = Math.min(TASKS_IN_COMMIT, size - pending);
                    tasks.addAll(added);
                    pending += added;
                }
                latency(tasks, size, out, metrics);
                last = rate(tasks, size, out);
                first = first == 0 ? last : first;
            }
            metrics.put(
                    "throughput_ratio_" + label(sizes.get(sizes.size() - 1)) + "_" + label(sizes.get(0)),
                    Sample.rounded(last / first, 2));
        }
        return metrics;
    }

    private void latency(LedgerTasks tasks, int size, PrintStream out, Map<String, Number> metrics) {
        claims(tasks, claims / WARM_UP_SHARE);
        long[] nanos = claims(tasks, claims);
        Arrays.sort(nanos);
        double half = micros(nanos, 50);
        double most = micros(nanos, 99);
        metrics.put("claim_p50_us_" + label(size), half);
        metrics.put("claim_p99_us_" + label(size), most);
        out.printf(Locale.ROOT, "%,d pending: a claim takes %.0f us, 99 of 100 at most %.0f us%n", size, half, most);
    }

    private static long[] claims(LedgerTasks tasks, int count) {
        long[] nanos = new long[count];
        for (int i = 0; i < count; i++) {
            tasks.add();
            long start = System.nanoTime();
            Lease lease = tasks.claim(0);
            nanos[i] = System.nanoTime() - start;
            tasks.complete(lease);
        }
        return nanos;
    }

    private static double micros(long[] sorted, int percent) {
        int rank = (sorted.length * percent + 99) / 100;
        return Sample.rounded(sorted[rank - 1] / NANOS_PER_MICRO, 0);
    }

    private double rate(LedgerTasks tasks, int size, PrintStream out) throws Exception {
        double perSecond = Drivers.warmUpAndMeasure(Load.THREADS_16.threads(), each, thread -> {
                    tasks.live(thread);
                    return 1;
                })
                .perSecond();
        out.printf(Locale.ROOT, "%,d pending: %,.0f tasks/s with 16 threads%n", size, perSecond);
        return perSecond;
    }

    private static String label(int size) {
        return "1e" + Math.round(Math.log10(size));
    }
}
