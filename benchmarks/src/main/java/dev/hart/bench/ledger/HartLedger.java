package dev.hart.bench.ledger;

import dev.hart.ledger.Ledgers;
import dev.hart.store.Durability;
import dev.hart.store.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/** HART's ledger, without a signer: a commit for each command, or for a batch of them. */
final class HartLedger implements LedgerContestant {
    static final String ON_SQLITE = "hart-sqlite";
    static final String ON_SQLITE_RELAXED = "hart-sqlite-relaxed";
    static final String ON_POSTGRES = "hart-pg";
    private static final int STRIPES_ON_POSTGRES = 16;
    private static final int CONNECTIONS = 20;

    private final String name;
    private final Set<Load> loads;
    private final int stripes;
    private final Opening opening;

    /** Opens the store that a session works on. */
    @FunctionalInterface
    private interface Opening {
        Opened open(Path folder) throws Exception;
    }

    /** An open store, and what is to be closed after it. */
    private record Opened(Store store, AutoCloseable below) {}

    private HartLedger(String name, Set<Load> loads, int stripes, Opening opening) {
        this.name = name;
        this.loads = loads;
        this.stripes = stripes;
        this.opening = opening;
    }

    static HartLedger onSqlite() {
        return new HartLedger(
                ON_SQLITE,
                EnumSet.allOf(Load.class),
                1,
                folder -> new Opened(Store.sqlite(folder.resolve("hart.db")), () -> {}));
    }

    /** A power loss may take the newest commits; nothing else may. */
    static HartLedger onSqliteRelaxed() {
        return new HartLedger(
                ON_SQLITE_RELAXED,
                EnumSet.of(Load.THREADS_16),
                1,
                folder -> new Opened(Store.sqlite(folder.resolve("hart.db"), Durability.RELAXED), () -> {}));
    }

    /** With a pool as large as those of the others. */
    static HartLedger onPostgres(PostgresServer server) {
        return new HartLedger(ON_POSTGRES, EnumSet.allOf(Load.class), STRIPES_ON_POSTGRES, folder -> {
            PostgresServer.Database database = server.newDatabase();
            var pool = database.pool(CONNECTIONS);
            return new Opened(Store.postgres(pool), () -> {
                pool.close();
                database.close();
            });
        });
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Set<Load> loads() {
        return loads;
    }

    @Override
    public Session open(Path folder) throws Exception {
        return new OpenLedger(opening.open(folder), stripes);
    }

    private static final class OpenLedger implements Session {
        private final Opened opened;
        private final Ledgers ledgers;
        private final LedgerTasks tasks;

        OpenLedger(Opened opened, int stripes) {
            this.opened = opened;
            this.ledgers = Ledgers.in(opened.store).actor("bench").open();
            this.tasks = new LedgerTasks(ledgers, stripes);
        }

        @Override
        public CommandRate run(Load load, Duration time) throws Exception {
            int batch = load.batch();
            return Drivers.warmUpAndMeasure(load.threads(), time, thread -> {
                if (batch == 1) {
                    tasks.live(thread);
                } else {
                    tasks.live(thread, batch);
                }
                return batch;
            });
        }

        @Override
        public void close() throws Exception {
            ledgers.close();
            opened.store.close();
            opened.below.close();
        }
    }
}
