package dev.hart.bench.ledger;

import dev.hart.bench.Sample;
import dev.hart.ledger.ClaimRequest;
import dev.hart.ledger.Ledgers;
import dev.hart.ledger.Worker;
import dev.hart.ledger.WorkerProfile;
import dev.hart.store.Store;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A process that claimed a task, for a lease of three seconds, is killed: how long until a worker of another process, which
 * had nothing to do till then, has the task. The longest of several times.
 *
 * @param kills how many
 */
record TakeOver(int kills) implements LedgerFigure {
    private static final int LEASE_SECONDS = 3;
    private static final int LONGEST_SECONDS = 60;
    private static final double NANOS_PER_SECOND = 1e9;

    /** What the worker was given, and when. */
    private record Taken(String taskId, long nanos) {}

    @Override
    public String name() {
        return "take-over";
    }

    @Override
    public Map<String, Number> measure(Path folder, PrintStream out) throws Exception {
        Path file = folder.resolve("hart.db");
        BlockingQueue<Taken> taken = new LinkedBlockingQueue<>();
        double longest = 0;
        try (Store store = Store.sqlite(file);
                Ledgers ledgers = Ledgers.in(store).actor("bench").open();
                Worker worker = Worker.of(
                        new LedgerTasks(ledgers, 1).ledger(),
                        ClaimRequest.by(WorkerProfile.of("heir", "another-node", "1")),
                        1,
                        job -> taken.add(new Taken(job.task().taskId(), System.nanoTime())))) {
            for (int kill = 0; kill < kills; kill++) {
                longest = Math.max(longest, seconds(file, taken));
            }
        }
        double rounded = Sample.rounded(longest, 1);
        out.printf(Locale.ROOT, "a task of a killed process is taken over after at most %.1f s%n", rounded);
        return Map.of("takeover_s", rounded);
    }

    private static double seconds(Path file, BlockingQueue<Taken> taken) throws Exception {
        String held;
        try (ChildProcess holder =
                ChildProcess.start(LedgerProcess.class, "hold", file.toString(), Integer.toString(LEASE_SECONDS))) {
            held = holder.line();
        }
        long killed = System.nanoTime();
        Taken next = taken.poll(LONGEST_SECONDS, TimeUnit.SECONDS);
        if (next == null || !next.taskId.equals(held)) {
            throw new IllegalStateException("task " + held + " of a killed process was not taken over within "
                    + LONGEST_SECONDS + " s, but " + next);
        }
        return (next.nanos - killed) / NANOS_PER_SECOND;
    }
}
