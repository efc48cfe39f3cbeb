package dev.hart.bench.ledger;

import dev.hart.store.Store;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The limit of PostgreSQL: the rows of {@link LedgerRows}, a connection and a stripe of the ledger for each thread, so that
 * none waits for the lock of another.
 */
record PostgresByHand(PostgresServer server) implements LedgerContestant {
    static final String NAME = "raw-pg";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<Load> loads() {
        return EnumSet.allOf(Load.class);
    }

    @Override
    public Session open(Path folder) throws Exception {
        PostgresServer.Database database = server.newDatabase();
        RowsOfTask model =
                RowsOfTask.learn(Store.postgres(database.url()), Load.THREADS_16.threads(), database::connection);
        return new ByHand(database, model);
    }

    private static final class ByHand implements Session {
        private final PostgresServer.Database database;
        private final RowsOfTask model;
        private final List<LedgerRows> stripes = new ArrayList<>();
        private final AtomicLong lastNumber = new AtomicLong();

        ByHand(PostgresServer.Database database, RowsOfTask model) {
            this.database = database;
            this.model = model;
        }

        @Override
        public CommandRate run(Load load, Duration time) throws Exception {
            for (int stripe = 0; stripe < load.threads(); stripe++) {
                stripes.add(new LedgerRows(model, database.connectionByHand(), stripe));
            }
            return Drivers.warmUpAndMeasure(
                    load.threads(), time, thread -> stripes.get(thread).live(lastNumber, load.batch()));
        }

        @Override
        public void close() throws SQLException {
            for (LedgerRows rows : stripes) {
                rows.close();
            }
            database.close();
        }
    }
}
