package dev.hart.testing;

import dev.hart.spi.StepScheduler;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/**
 * Lets the steps of a run be performed one after another, in an order that a seed decides about: whenever the run waits, the
 * next one is chosen among all that are open. The same seed gives the same order, whatever threads do; ids of runs do not count.
 * Give it to {@link dev.hart.HartBuilder#scheduler}; {@link ShuffledSteps} does that for tests. Thread-safe.
 */
public final class SeededOrder implements StepScheduler {
    private static final int MAX_PERFORMED = 10_000;

    private final long seed;
    private final Map<String, Line> lines = new HashMap<>();
    private final List<String> performed = new ArrayList<>();

    private SeededOrder(long seed) {
        this.seed = seed;
    }

    /** The order that follows from that seed. */
    public static SeededOrder of(long seed) {
        return new SeededOrder(seed);
    }

    /** The actions whose steps were begun, in that order; the first 10,000 of all runs. */
    public synchronized List<String> performed() {
        return List.copyOf(performed);
    }

    /** What one run has handed over. */
    private static final class Line {
        final List<Open> open = new ArrayList<>();
        final Map<String, Integer> counts = new HashMap<>();
        boolean runWaits;
        boolean busy;
    }

    /** Work that was not begun yet; the one with the lowest rank is next. */
    private record Open(long rank, String action, BooleanSupplier work, Executor workers) {}

    @Override
    public synchronized void perform(String runId, String action, BooleanSupplier work, Executor workers) {
        Line line = lines.computeIfAbsent(runId, id -> new Line());
        int count = line.counts.merge(action, 1, Integer::sum);
        long rank = new SplittableRandom(seed + 31L * action.hashCode() + count).nextLong();
        line.open.add(new Open(rank, action, work, workers));
    }

    @Override
    public synchronized void waits(String runId) {
        Line line = lines.computeIfAbsent(runId, id -> new Line());
        line.runWaits = true;
        beginNext(line);
    }

    @Override
    public synchronized void ended(String runId) {
        lines.remove(runId);
    }

    private void beginNext(Line line) {
        if (line.busy || !line.runWaits || line.open.isEmpty()) {
            return;
        }
        Open next = line.open.stream().min(Comparator.comparingLong(Open::rank)).orElseThrow();
        line.open.remove(next);
        line.busy = true;
        line.runWaits = false;
        if (performed.size() < MAX_PERFORMED) {
            performed.add(next.action());
        }
        next.workers().execute(() -> perform(line, next));
    }

    private void perform(Line line, Open next) {
        boolean reported = false;
        try {
            reported = next.work().getAsBoolean();
        } finally {
            synchronized (this) {
                line.busy = false;
                // The run hears nothing of work that had nothing left to do, so it still waits.
                line.runWaits |= !reported;
                beginNext(line);
            }
        }
    }
}
