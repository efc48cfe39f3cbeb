package dev.hart.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * How many steps of a {@link Chain} are done in a second. The steps form a chain, so within a run each waits for the one
 * before it; the threads each drive runs of their own.
 */
record StepRate(long steps, long commits, long nanos) {
    /** Of one run. */
    static final int STEPS = 20;

    private static final int WARM_UP_SHARE = 4;
    private static final double NANOS_PER_SECOND = 1e9;

    double stepsPerSecond() {
        return steps * NANOS_PER_SECOND / nanos;
    }

    double microsPerStep() {
        return nanos / 1_000.0 / steps;
    }

    double commitsPerStep() {
        return (double) commits / steps;
    }

    /** Runs the chain over and over, a quarter of the time again beforehand to warm up, and closes it. */
    static StepRate measure(Chain chain, int threads, Duration time) {
        try (chain) {
            drive(chain, threads, time.dividedBy(WARM_UP_SHARE));
            return drive(chain, threads, time);
        }
    }

    private static StepRate drive(Chain chain, int threads, Duration time) {
        ExecutorService drivers = Executors.newFixedThreadPool(threads);
        long commitsBefore = chain.commits();
        long start = System.nanoTime();
        long end = start + time.toNanos();
        List<Future<Long>> counts = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            counts.add(drivers.submit(() -> runUntil(chain, end)));
        }
        try {
            long steps = 0;
            for (Future<Long> count : counts) {
                steps += count.get();
            }
            return new StepRate(steps, chain.commits() - commitsBefore, System.nanoTime() - start);
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException("a run of the benchmark failed", e);
        } finally {
            drivers.shutdownNow();
        }
    }

    private static long runUntil(Chain chain, long end) throws Exception {
        long steps = 0;
        for (long start = 0; System.nanoTime() < end; start++) {
            long number = chain.run(start);
            if (number != start + STEPS) {
                throw new IllegalStateException("the chain gave " + number + ", not " + (start + STEPS));
            }
            steps += STEPS;
        }
        return steps;
    }
}
