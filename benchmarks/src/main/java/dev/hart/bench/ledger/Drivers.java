package dev.hart.bench.ledger;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Threads that repeat a work until the time is over. */
final class Drivers {
    private static final int WARM_UP_SHARE = 4;

    @FunctionalInterface
    interface Work {
        /**
         * Does the work once.
         *
         * @param thread which of the threads, from 0
         * @return how many tasks that were
         */
        int once(int thread) throws Exception;
    }

    private Drivers() {}

    /** A quarter of the time to warm up, then the time. */
    static CommandRate warmUpAndMeasure(int threads, Duration time, Work work) throws Exception {
        measure(threads, warmUp(time), work);
        return measure(threads, time, work);
    }

    static Duration warmUp(Duration time) {
        return time.dividedBy(WARM_UP_SHARE);
    }

    /** Every thread does the work at least once. */
    static CommandRate measure(int threads, Duration time, Work work) throws Exception {
        ExecutorService drivers = Executors.newFixedThreadPool(threads);
        try {
            long start = System.nanoTime();
            long end = start + time.toNanos();
            List<Future<Long>> counts = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int thread = i;
                counts.add(drivers.submit(() -> {
                    long tasks = 0;
                    do {
                        tasks += work.once(thread);
                    } while (System.nanoTime() < end);
                    return tasks;
                }));
            }
            long tasks = 0;
            for (Future<Long> count : counts) {
                tasks += count.get();
            }
            return new CommandRate(tasks, System.nanoTime() - start);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a thread of the benchmark failed: " + e.getCause(), e);
        } finally {
            drivers.shutdownNow();
        }
    }
}
