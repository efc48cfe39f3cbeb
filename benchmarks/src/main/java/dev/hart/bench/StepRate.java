package dev.hart.bench;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.core.WriteCount;
import dev.hart.recipe.RecipeVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * How many steps of a replayed recipe one runtime does in a second. The steps form a chain, so within a run each waits for
 * the one before it; the threads each drive runs of their own.
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

    /**
     * Runs the chain over and over, a quarter of the time again beforehand to warm up.
     *
     * @param dataDirectory null for a runtime in memory
     */
    static StepRate measure(@Nullable Path dataDirectory, int threads, Duration time) {
        HartBuilder builder = Hart.configure().withoutBuiltInTools().withoutModel();
        builder = dataDirectory == null ? builder.inMemory() : builder.dataDirectory(dataDirectory);
        try (Hart hart = builder.create()) {
            hart.tools().register(new ShopTools());
            RecipeVersion chain = hart.recipes().save(CountingRecipe.of(STEPS));
            drive(hart, chain, threads, time.dividedBy(WARM_UP_SHARE));
            return drive(hart, chain, threads, time);
        }
    }

    private static StepRate drive(Hart hart, RecipeVersion chain, int threads, Duration time) {
        WriteCount writes = (WriteCount) hart;
        ExecutorService drivers = Executors.newFixedThreadPool(threads);
        long commitsBefore = writes.commits();
        long start = System.nanoTime();
        long end = start + time.toNanos();
        List<Future<Long>> counts = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            counts.add(drivers.submit(() -> runUntil(hart, chain, end)));
        }
        try {
            long steps = 0;
            for (Future<Long> count : counts) {
                steps += count.get();
            }
            return new StepRate(steps, writes.commits() - commitsBefore, System.nanoTime() - start);
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException("a run of the benchmark failed", e);
        } finally {
            drivers.shutdownNow();
        }
    }

    private static long runUntil(Hart hart, RecipeVersion chain, long end) {
        long steps = 0;
        for (long number = 0; System.nanoTime() < end; number++) {
            Run run = hart.run(chain, Inputs.of("start", number));
            if (!Long.valueOf(number + STEPS).equals(run.output())) {
                throw new IllegalStateException("the chain gave " + run.output() + ", not " + (number + STEPS));
            }
            steps += STEPS;
        }
        return steps;
    }
}
