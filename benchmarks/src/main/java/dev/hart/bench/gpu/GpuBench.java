package dev.hart.bench.gpu;

import dev.hart.Hart;
import dev.hart.bench.Benchmark;
import dev.hart.bench.Options;
import dev.hart.bench.Scratch;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.LeaseRequest;
import dev.hart.gpu.VramLease;
import dev.hart.spi.LeaseJournal;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToLongFunction;

/**
 * How fast leases on device memory are given, and how much of the memory they take of what could be taken; how fast the engines in
 * the process load, write and embed.
 */
public final class GpuBench implements Benchmark {
    private static final String SECONDS = "--seconds";
    private static final String DIR = "--dir";
    private static final String SETS = "--sets";
    private static final int TURNS = 3;
    private static final int DEVICES = 4;
    private static final int THREADS = 16;
    /** Two fit on a device: so half of the threads have a lease at a time. */
    private static final long CONTENDED_BYTES = 33L << 30;

    private static final int MAX_SAMPLES = 2_000_000;
    private static final double NANOS_PER_MICRO = 1_000;

    @Override
    public String usage() {
        return "[--seconds N] [--sets N] [--dir DIR]   N seconds for each rate, 4 unless given; N sets of requests to"
                + " pack, 500 unless given; DIR on the disk to measure, the current directory unless given";
    }

    @Override
    public Map<String, Number> run(List<String> options, PrintStream out) throws IOException {
        Options given = new Options(options, Set.of(SECONDS, DIR, SETS));
        Duration each = Duration.ofSeconds(given.number(SECONDS, 4, 600));
        Map<String, Number> metrics = new LinkedHashMap<>();
        try {
            packing(given.number(SETS, 500, 100_000), metrics, out);
            rates(each, metrics, out);
            contention(each, metrics, out);
            try (Scratch scratch = Scratch.below(given.path(DIR, Path.of("")).toAbsolutePath());
                    Hart hart = Hart.configure()
                            .dataDirectory(scratch.resolve("data"))
                            .withoutModel()
                            .create();
                    Gpus gpus = SimulatedDevices.ofEightyGib(DEVICES, hart.unwrap(LeaseJournal.class))) {
                double rate = rate(gpus, each);
                metrics.put("leases_per_s_durable", Math.round(rate));
                out.printf(Locale.ROOT, "%-42s %,14.0f /s%n", "in the ledger, one thread", rate);
                Engines.measure(scratch.resolve("models"), metrics, out);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return metrics;
    }

    private static void packing(int sets, Map<String, Number> metrics, PrintStream out) throws InterruptedException {
        Packing packing = new Packing(new SplittableRandom(20261128));
        List<Packing.Outcome> small = new ArrayList<>();
        List<Packing.Outcome> large = new ArrayList<>();
        for (int i = 0; i < sets; i++) {
            small.add(packing.onSmallDevices());
            large.add(packing.onLargeDevices());
        }
        report("packing_ratio", "of the optimum, 8 to 24 GiB", small, Packing.Outcome::optimum, metrics, out);
        report("packing_ratio_in_order", "of the optimum in order", small, Packing.Outcome::inOrder, metrics, out);
        report("packing_ratio_large", "of everything, 24 to 80 GiB", large, Packing.Outcome::optimum, metrics, out);
    }

    private static void report(
            String name,
            String what,
            List<Packing.Outcome> outcomes,
            ToLongFunction<Packing.Outcome> most,
            Map<String, Number> metrics,
            PrintStream out) {
        long taken = outcomes.stream().mapToLong(Packing.Outcome::taken).sum();
        double ratio = (double) taken / outcomes.stream().mapToLong(most).sum();
        metrics.put(name, Math.round(ratio * 10_000) / 10_000.0);
        out.printf(Locale.ROOT, "%-42s %13.2f %% (%d sets)%n", what, 100 * ratio, outcomes.size());
    }

    private static void rates(Duration each, Map<String, Number> metrics, PrintStream out) throws InterruptedException {
        double[] rates = new double[TURNS];
        for (int turn = 0; turn < TURNS; turn++) {
            try (Gpus gpus = SimulatedDevices.ofEightyGib(DEVICES)) {
                rates[turn] = rate(gpus, each);
            }
        }
        Arrays.sort(rates);
        metrics.put("leases_per_s", Math.round(rates[TURNS / 2]));
        out.printf(Locale.ROOT, "%-42s %,14.0f /s%n", "acquired and closed, one thread", rates[TURNS / 2]);
    }

    /** A quarter of the time goes by before it is measured. */
    private static double rate(Gpus gpus, Duration time) throws InterruptedException {
        LeaseRequest request = gpus.request("model").bytes(1L << 30);
        leasesUntil(request, System.nanoTime() + time.toNanos() / 4);
        long start = System.nanoTime();
        long leases = leasesUntil(request, start + time.toNanos());
        return leases / ((System.nanoTime() - start) / 1e9);
    }

    private static long leasesUntil(LeaseRequest request, long end) throws InterruptedException {
        long leases = 0;
        do {
            for (int i = 0; i < 16; i++) {
                request.acquire().close();
            }
            leases += 16;
        } while (System.nanoTime() < end);
        return leases;
    }

    private static void contention(Duration time, Map<String, Number> metrics, PrintStream out)
            throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try (Gpus gpus = SimulatedDevices.ofEightyGib(DEVICES)) {
            LeaseRequest request = gpus.request("model").bytes(CONTENDED_BYTES);
            waits(threads, request, time.dividedBy(4));
            List<long[]> waits = waits(threads, request, time);
            long[] all = waits.stream().flatMapToLong(Arrays::stream).sorted().toArray();
            metrics.put("acquire_p50_us", micros(all, 0.5));
            metrics.put("acquire_p99_us", micros(all, 0.99));
            metrics.put("leases_per_s_16", Math.round(all.length / (time.toNanos() / 1e9)));
            out.printf(
                    Locale.ROOT,
                    "%-42s %,14.0f /s, acquire p50 %.1f us, p99 %.1f us%n",
                    THREADS + " threads, room for " + 2 * DEVICES,
                    all.length / (time.toNanos() / 1e9),
                    micros(all, 0.5),
                    micros(all, 0.99));
        } finally {
            threads.shutdownNow();
        }
    }

    private static List<long[]> waits(ExecutorService threads, LeaseRequest request, Duration time)
            throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        List<Callable<long[]>> work = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            work.add(() -> {
                long[] waits = new long[MAX_SAMPLES];
                int count = 0;
                for (long now = System.nanoTime(); now < end && count < MAX_SAMPLES; now = System.nanoTime()) {
                    try (VramLease lease = request.acquire()) {
                        waits[count++] = System.nanoTime() - now;
                        lease.activate();
                    }
                }
                return Arrays.copyOf(waits, count);
            });
        }
        List<long[]> all = new ArrayList<>();
        for (Future<long[]> thread : threads.invokeAll(work)) {
            try {
                all.add(thread.get());
            } catch (ExecutionException e) {
                throw new IllegalStateException(e.getCause());
            }
        }
        return all;
    }

    private static double micros(long[] sorted, double share) {
        int at = (int) Math.min(sorted.length - 1L, Math.round(share * sorted.length));
        return Math.round(sorted[at] / NANOS_PER_MICRO * 10) / 10.0;
    }
}
