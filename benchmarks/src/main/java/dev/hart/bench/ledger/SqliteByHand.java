package dev.hart.bench.ledger;

import dev.hart.store.Store;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * The limit of SQLite: the rows of {@link LedgerRows} over one connection with the settings of hart-store, which are WAL and
 * {@code synchronous = FULL}.
 */
record SqliteByHand() implements LedgerContestant {
    static final String NAME = "raw-sqlite";
    private static final int CACHE_KIBIBYTES = 65_536;
    private static final int BUSY_MILLIS = 5_000;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<Load> loads() {
        return EnumSet.allOf(Load.class);
    }

    /** A database with durable settings, made with its folder when it is first opened. */
    static SQLiteDataSource dataSource(Path file) {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setBusyTimeout(BUSY_MILLIS);
        config.enforceForeignKeys(true);
        config.setCacheSize(-CACHE_KIBIBYTES);
        config.setGetGeneratedKeys(false);
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + file);
        return source;
    }

    @Override
    public Session open(Path folder) throws Exception {
        Files.createDirectories(folder);
        Path file = folder.resolve("raw.db");
        SQLiteDataSource source = dataSource(file);
        RowsOfTask model = RowsOfTask.learn(Store.sqlite(file), 1, source::getConnection);
        return new ByHand(new LedgerRows(model, source.getConnection(), 0));
    }

    private static final class ByHand implements Session {
        private final LedgerRows rows;
        private final GroupCommit commits;
        private final AtomicLong lastNumber = new AtomicLong();

        ByHand(LedgerRows rows) {
            this.rows = rows;
            this.commits = new GroupCommit(rows);
        }

        @Override
        public CommandRate run(Load load, Duration time) throws Exception {
            return switch (load) {
                case ONE_THREAD, BATCH_100 ->
                    Drivers.warmUpAndMeasure(1, time, thread -> rows.live(lastNumber, load.batch()));
                case THREADS_16 -> Drivers.warmUpAndMeasure(load.threads(), time, thread -> live());
            };
        }

        private int live() throws SQLException {
            long number = lastNumber.incrementAndGet();
            commits.execute(to -> to.create(number));
            commits.execute(to -> to.claim(number));
            commits.execute(to -> to.complete(number));
            return 1;
        }

        @Override
        public void close() throws SQLException {
            rows.close();
        }
    }
}
