package dev.hart.bench.ledger;

import dev.hart.ledger.Ledger;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.Ledgers;
import dev.hart.ledger.NewTask;
import dev.hart.ledger.VerifyReport;
import dev.hart.store.Store;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** HART's ledger on SQLite: one ledger, a transaction for each command or for a batch of them. */
final class HartSqlite implements LedgerContestant {
    static final String NAME = "hart-sqlite";
    private static final Map<String, String> CONTEXT = Map.of("body", SmallTask.BODY);
    private static final Map<String, Boolean> RESULT = Map.of("ok", true);

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<Load> loads() {
        return EnumSet.allOf(Load.class);
    }

    @Override
    public Session open(Path folder) {
        return new OpenLedger(folder);
    }

    private static final class OpenLedger implements Session {
        private final Store store;
        private final Ledger ledger;
        private final AtomicLong lastNumber = new AtomicLong();

        OpenLedger(Path folder) {
            store = Store.sqlite(folder.resolve("hart.db"));
            ledger = Ledgers.open(store, InstantSource.system(), "bench").ledger(new LedgerId("bench", "tasks"));
        }

        @Override
        public CommandRate run(Load load, Duration time) throws Exception {
            return Drivers.warmUpAndMeasure(load.threads(), time, thread -> live(load.batch()));
        }

        private int live(int tasks) {
            long last = lastNumber.addAndGet(tasks);
            long first = last - tasks + 1;
            ledger.write(tx -> each(
                    first,
                    last,
                    number -> tx.add(NewTask.of(id(number), "a task").context(CONTEXT))));
            ledger.write(tx -> each(first, last, number -> tx.start(id(number))));
            ledger.write(tx -> each(first, last, number -> tx.complete(id(number), RESULT)));
            return tasks;
        }

        private static long each(long first, long last, LongConsumer command) {
            for (long number = first; number <= last; number++) {
                command.accept(number);
            }
            return last;
        }

        private static String id(long number) {
            return "task-" + number;
        }

        @Override
        public void close() {
            store.close();
        }
    }

    /** How fast the history of finished tasks is verified: every hash, and every row against its events. */
    static final class Verify implements LedgerFigure {
        private static final int BATCHES = 500;
        private static final double NANOS_PER_SECOND = 1e9;

        @Override
        public String name() {
            return "hart-sqlite-verify";
        }

        @Override
        public Map<String, Number> measure(Path folder, PrintStream out) {
            try (OpenLedger open = new OpenLedger(folder)) {
                for (int i = 0; i < BATCHES; i++) {
                    open.live(Load.BATCH_100.batch());
                }
                open.ledger.verify(); // warms up
                long start = System.nanoTime();
                VerifyReport report = open.ledger.verify();
                double seconds = (System.nanoTime() - start) / NANOS_PER_SECOND;
                if (!(report instanceof VerifyReport.Ok whole)) {
                    throw new IllegalStateException("the ledger is not whole: " + report);
                }
                long perSecond = Math.round(whole.events() / seconds);
                out.printf(Locale.ROOT, "verified %,d events, %,d events/s%n", whole.events(), perSecond);
                return Map.of("verify_events_per_s", perSecond);
            }
        }
    }
}
