package dev.hart.store;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConnection;

/**
 * The one connection that writes. It executes batches of jobs, each batch in one transaction; in a batch of several each
 * job has a savepoint, so that one refusal undoes that job only. Used by one thread at a time.
 */
final class Writer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Writer.class);
    private static final int BUSY_RETRIES = 5;

    /** A write and its outcome. */
    static final class Write<T extends @Nullable Object> extends WriteQueue.Job {
        private final Work<T> work;
        private @Nullable T result;
        private @Nullable Throwable failure;
        private List<Runnable> afterCommit = List.of();

        Write(Work<T> work) {
            this.work = work;
        }

        @SuppressWarnings("NullAway") // null only where T allows it
        T outcome() throws Throwable {
            if (failure != null) {
                throw failure;
            }
            return result;
        }

        private boolean succeeds() {
            return failure == null;
        }
    }

    private final SQLiteConnection connection;
    private final StatementCache statements;
    private final String database;
    private volatile long commits;

    Writer(SQLiteConnection connection, String database) {
        this.connection = connection;
        this.statements = new StatementCache(connection);
        this.database = database;
        // BEGIN and COMMIT are sent below. In its auto-commit mode the driver would try a BEGIN after each statement.
        connection.getConnectionConfig().setAutoCommit(false);
    }

    long commits() {
        return commits;
    }

    /** Executes the jobs in one transaction and tells each its outcome; throws nothing but what a job cannot be told. */
    void execute(List<WriteQueue.Job> batch) {
        List<Write<?>> writes = new ArrayList<>(batch.size());
        batch.forEach(job -> writes.add((Write<?>) job));
        try {
            begin();
            try {
                runAll(writes);
                statements.trim();
                if (writes.stream().anyMatch(Write::succeeds)) {
                    statements.execute("COMMIT");
                    commits++; // volatile for its readers; there is one writer
                } else {
                    statements.execute("ROLLBACK");
                }
            } catch (SQLException e) {
                rollBackAfter(e);
                throw e;
            }
        } catch (SQLException e) {
            writes.stream().filter(Write::succeeds).forEach(write -> write.failure = StoreFailures.of(database, e));
        }
        writes.stream().filter(Write::succeeds).forEach(write -> write.afterCommit.forEach(Writer::runAfterCommit));
    }

    /** SQLite waits for the lock for the busy timeout; then it is asked again a few times, so that two processes part. */
    private void begin() throws SQLException {
        for (int retry = 0; ; retry++) {
            try {
                statements.execute("BEGIN IMMEDIATE");
                return;
            } catch (SQLException e) {
                if (retry == BUSY_RETRIES || !StoreFailures.isBusy(e)) {
                    throw e;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(
                        ThreadLocalRandom.current().nextLong(5, 50)));
            }
        }
    }

    private void runAll(List<Write<?>> writes) throws SQLException {
        if (writes.size() == 1) {
            run(writes.get(0));
            return;
        }
        for (Write<?> write : writes) {
            statements.execute("SAVEPOINT job");
            run(write);
            if (!write.succeeds()) {
                statements.execute("ROLLBACK TO job");
            }
            statements.execute("RELEASE job");
        }
    }

    // Whatever the work throws belongs to its caller and must not harm the other jobs.
    @SuppressWarnings("CatchAndPrintStackTrace")
    private <T extends @Nullable Object> void run(Write<T> write) {
        Transaction tx = new Transaction(statements, database);
        try {
            write.result = write.work.in(tx);
        } catch (SQLException e) {
            write.failure = StoreFailures.of(database, e);
        } catch (Throwable e) {
            write.failure = e;
        } finally {
            write.afterCommit = tx.end();
        }
    }

    private void rollBackAfter(SQLException e) {
        try {
            statements.execute("ROLLBACK");
        } catch (SQLException rollback) { // SQLite has rolled back by itself, as it does when the disk is full
            e.addSuppressed(rollback);
        }
    }

    private static void runAfterCommit(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException | Error e) {
            log.error("An action after a commit failed; the commit stands", e);
        }
    }

    /** Runs {@code work} in a transaction that sees everything committed and refuses to write. */
    <T extends @Nullable Object> T read(Work<T> work) throws SQLException {
        statements.execute("BEGIN");
        Transaction tx = new Transaction(statements, database);
        try {
            statements.executeScript("PRAGMA query_only = 1");
            return work.in(tx);
        } finally {
            tx.end();
            statements.executeScript("PRAGMA query_only = 0");
            statements.execute("ROLLBACK");
        }
    }

    void migrate(Migrations migrations) throws SQLException {
        begin();
        try {
            migrations.apply(statements);
            statements.execute("COMMIT");
        } catch (SQLException e) {
            rollBackAfter(e);
            throw e;
        } catch (RuntimeException | Error e) {
            statements.execute("ROLLBACK");
            throw e;
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
