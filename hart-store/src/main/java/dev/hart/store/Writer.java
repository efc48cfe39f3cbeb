package dev.hart.store;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConnection;

/**
 * The one connection that writes. It executes batches of jobs, each batch in one transaction; in a batch of several each
 * job has a savepoint, so that one refusal undoes that job only. Used by one thread at a time.
 */
final class Writer implements AutoCloseable {
    private static final int BUSY_RETRIES = 5;

    private final SQLiteConnection connection;
    private final StatementCache statements;
    private final StoreFailures failures;
    private volatile long commits;

    Writer(SQLiteConnection connection, StoreFailures failures) {
        this.connection = connection;
        this.statements = new StatementCache(connection);
        this.failures = failures;
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
        Commit commit = new Commit(statements, failures);
        boolean committed = false;
        try {
            begin();
            committed = commit(commit, writes);
        } catch (SQLException e) {
            succeeding(writes).forEach(write -> write.fail(failures.of(e)));
        } catch (Throwable e) {
            succeeding(writes).forEach(write -> write.fail(e));
        }
        if (committed) {
            commit.runAfterCommit();
        }
    }

    private static Stream<Write<?>> succeeding(List<Write<?>> writes) {
        return writes.stream().filter(Write::succeeds);
    }

    /** False if every work failed; if it throws, nothing was written. */
    private boolean commit(Commit commit, List<Write<?>> writes) throws SQLException {
        try {
            runAll(commit, writes);
            if (succeeding(writes).findAny().isEmpty()) {
                statements.execute("ROLLBACK");
                return false;
            }
            commit.complete();
            statements.trim();
            statements.execute("COMMIT");
        } catch (Throwable e) {
            rollBackAfter(e);
            throw e;
        }
        commits++; // volatile for its readers; there is one writer
        return true;
    }

    /** SQLite waits for the lock for the busy timeout; then it is asked again a few times, so that two processes part. */
    private void begin() throws SQLException {
        for (int retry = 0; ; retry++) {
            try {
                statements.execute("BEGIN IMMEDIATE");
                return;
            } catch (SQLException e) {
                if (retry == BUSY_RETRIES || !SqliteFailures.isBusy(e)) {
                    throw e;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(
                        ThreadLocalRandom.current().nextLong(5, 50)));
            }
        }
    }

    private void runAll(Commit commit, List<Write<?>> writes) throws SQLException {
        if (writes.size() == 1) {
            run(commit, writes.get(0));
            return;
        }
        for (Write<?> write : writes) {
            statements.execute("SAVEPOINT job");
            run(commit, write);
            if (!write.succeeds()) {
                statements.execute("ROLLBACK TO job");
            }
            statements.execute("RELEASE job");
        }
    }

    // Whatever the work throws belongs to its caller and must not harm the other jobs.
    private <T extends @Nullable Object> void run(Commit commit, Write<T> write) {
        try {
            write.run(commit);
        } catch (SQLException e) {
            write.fail(failures.of(e));
        } catch (Throwable e) {
            write.fail(e);
        }
    }

    private void rollBackAfter(Throwable e) {
        try {
            statements.execute("ROLLBACK");
        } catch (SQLException rollback) { // SQLite has rolled back by itself, as it does when the disk is full
            e.addSuppressed(rollback);
        }
    }

    /** Runs {@code work} in a transaction that sees everything committed and refuses to write. */
    <T extends @Nullable Object> T read(Work<T> work) throws SQLException {
        statements.execute("BEGIN");
        Transaction tx = Transaction.reading(statements, failures);
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
        } catch (Throwable e) {
            rollBackAfter(e);
            throw e;
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
