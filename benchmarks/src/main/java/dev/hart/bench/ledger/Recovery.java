package dev.hart.bench.ledger;

import dev.hart.bench.Sample;
import dev.hart.ledger.Ledgers;
import dev.hart.ledger.VerifyReport;
import dev.hart.store.Store;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A process is killed while it writes to a ledger on SQLite: how soon another one may write to it, and how fast the whole
 * history is verified then, every hash, and every row against its events.
 *
 * @param tasks how many have ended when the process is killed; three times as many are the events
 */
record Recovery(int tasks) implements LedgerFigure {
    private static final int KILLS = 3;
    private static final double NANOS_PER_SECOND = 1e9;

    @Override
    public String name() {
        return "recovery";
    }

    @Override
    public Map<String, Number> measure(Path folder, PrintStream out) throws Exception {
        Map<String, Number> metrics = new LinkedHashMap<>();
        List<Double> millis = new ArrayList<>();
        for (int kill = 0; kill < KILLS; kill++) {
            Path file = folder.resolve("kill-" + kill).resolve("hart.db");
            millis.add(killAndReopen(file, kill));
            if (kill == KILLS - 1) {
                metrics.put("verify_events_per_s", verify(file, out));
            }
        }
        double recovery = Sample.rounded(new Sample(millis).median(), 0);
        out.printf(Locale.ROOT, "a new process writes %.0f ms after it opened what a killed one left%n", recovery);
        metrics.put("recovery_ms", recovery);
        return metrics;
    }

    private double killAndReopen(Path file, int kill) throws IOException, InterruptedException {
        try (ChildProcess writer =
                ChildProcess.start(LedgerProcess.class, "write", file.toString(), Integer.toString(tasks))) {
            writer.line();
        }
        try (ChildProcess next =
                ChildProcess.start(LedgerProcess.class, "reopen", file.toString(), Integer.toString(kill))) {
            return Double.parseDouble(next.line());
        }
    }

    private long verify(Path file, PrintStream out) {
        try (Store store = Store.sqlite(file);
                Ledgers ledgers = Ledgers.in(store).actor("bench").open()) {
            LedgerTasks all = new LedgerTasks(ledgers, 1);
            whole(all); // warms up
            long start = System.nanoTime();
            VerifyReport.Ok whole = whole(all);
            long perSecond = Math.round(whole.events() * NANOS_PER_SECOND / (System.nanoTime() - start));
            if (whole.events() < 3L * tasks) {
                throw new IllegalStateException("of " + tasks + " tasks only " + whole.events() + " events are left");
            }
            out.printf(Locale.ROOT, "verified %,d events, %,d events/s%n", whole.events(), perSecond);
            return perSecond;
        }
    }

    private static VerifyReport.Ok whole(LedgerTasks tasks) {
        VerifyReport report = tasks.ledger().verify();
        if (report instanceof VerifyReport.Ok whole) {
            return whole;
        }
        throw new IllegalStateException("the ledger is not whole: " + report);
    }
}
