package dev.hart.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import dev.hart.error.StoreUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A database of a PostgreSQL server. Each write is a READ COMMITTED transaction on its caller's thread, shared with others of
 * its lane that wait; each read one of REPEATABLE READ that may only read.
 *
 * <p>A transaction that the server ended because of others is run again. One whose COMMIT got no answer is not: it may have
 * been kept. An interrupt that comes before a work is kept until it is done, as an interrupted thread gets no connection.
 */
final class PostgresStore extends Store {
    private static final Logger log = LoggerFactory.getLogger(PostgresStore.class);
    private static final int LANES = 2;
    private static final int MAX_CONNECTIONS = 10;
    private static final int MAX_RETRIES = 5;
    private static final long MIN_PAUSE_MILLIS = 5;
    private static final long MAX_PAUSE_MILLIS = 50;

    /**
     * How long a caller waits before it is told that the store is unavailable.
     *
     * @param connection for a connection, at least 250 ms
     * @param lock for a lock that another transaction holds
     */
    record Waits(Duration connection, Duration lock) {
        static final Waits USUAL = new Waits(Duration.ofSeconds(10), Duration.ofSeconds(30));
    }

    /** None was given within the wait: nothing was tried, and whoever asks next would wait as long for the same answer. */
    private static final class NoConnection extends SQLException {
        private static final long serialVersionUID = 1;

        NoConnection(SQLException reason) {
            super(reason.getMessage(), reason.getSQLState(), reason.getErrorCode(), reason);
        }

        static boolean isCauseOf(@Nullable Throwable failure) {
            return failure instanceof StoreUnavailableException && failure.getCause() instanceof NoConnection;
        }
    }

    /** A transaction that may have to be run again. */
    @FunctionalInterface
    private interface Attempt<T extends @Nullable Object> {
        T run() throws SQLException;
    }

    private final DataSource connections;
    /** Works that share commits, each queue one after the other; of few lanes, so that their batches grow. */
    private final List<WriteQueue> lanes =
            Stream.generate(WriteQueue::new).limit(LANES).toList();
    /** Null if the connections are the caller's. */
    private final @Nullable HikariDataSource pool;

    private final Notifications notifications;
    private final LongAdder commits = new LongAdder();
    /** Its read lock is held by every transaction; closing takes the write lock and so waits for them. */
    private final ReentrantReadWriteLock running = new ReentrantReadWriteLock();

    private volatile boolean closed;

    private PostgresStore(
            StoreFailures failures, DataSource connections, @Nullable HikariDataSource pool, DataSource listening) {
        super(failures);
        this.connections = connections;
        this.pool = pool;
        this.notifications = new Notifications(failures.database(), connections, listening);
    }

    static Store open(String jdbcUrl, Durability durability, Waits waits) {
        PostgresUrl url = PostgresUrl.parse(jdbcUrl);
        StoreFailures failures = new PostgresFailures("database " + url.address());
        HikariConfig config = new HikariConfig();
        config.setDataSource(url.dataSource());
        config.setPoolName("hart-store");
        config.setMaximumPoolSize(MAX_CONNECTIONS);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(waits.connection().toMillis());
        config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        config.setConnectionInitSql(
                "SET lock_timeout = %d; %s".formatted(waits.lock().toMillis(), durability.postgres()));
        try {
            HikariDataSource pool = new HikariDataSource(config);
            return new PostgresStore(failures, pool, pool, url.dataSource());
        } catch (HikariPool.PoolInitializationException e) {
            throw e.getCause() instanceof SQLException cause
                    ? failures.of(cause)
                    : new StoreUnavailableException(failures.database() + " cannot be opened: " + e.getMessage(), e);
        }
    }

    static Store open(DataSource connections) {
        try (Connection connection = connections.getConnection()) {
            String url = connection.getMetaData().getURL();
            int question = url.indexOf('?');
            StoreFailures failures =
                    new PostgresFailures("database " + (question < 0 ? url : url.substring(0, question)));
            return new PostgresStore(failures, connections, null, connections);
        } catch (SQLException e) {
            throw new PostgresFailures("the database of the data source").of(e);
        }
    }

    private Connection connect() throws NoConnection {
        try {
            return connections.getConnection();
        } catch (SQLException e) {
            throw new NoConnection(e);
        }
    }

    @Override
    public <T extends @Nullable Object> T write(Work<T> work) {
        return perform(() -> {
            Connection connection = connect();
            Commit commit;
            T result;
            try {
                connection.setAutoCommit(false);
                try (DriverStatements statements = new DriverStatements(connection)) {
                    commit = new Commit(statements, failures());
                    result = commit.run(work);
                    commit.complete();
                } catch (Throwable e) {
                    rollBack(connection, e);
                    throw e;
                }
                commit(connection);
            } finally {
                giveBack(connection);
            }
            commits.increment();
            commit.runAfterCommit();
            return result;
        });
    }

    @Override
    public <T extends @Nullable Object> T write(String lane, Work<T> work) {
        requireOutsideWork();
        Write<T> write = new Write<>(work);
        lanes.get(Math.floorMod(lane.hashCode(), LANES)).execute(write, failures(), this::execute);
        return write.outcome();
    }

    private void execute(List<WriteQueue.Job> batch) {
        List<Write<?>> writes = new ArrayList<>(batch.size());
        batch.forEach(job -> writes.add((Write<?>) job));
        if (writes.size() == 1 || !executeTogether(writes)) {
            Throwable unreachable = null;
            for (Write<?> write : writes) {
                if (unreachable == null) {
                    executeAlone(write);
                    unreachable = NoConnection.isCauseOf(write.failure()) ? write.failure() : null;
                } else {
                    write.fail(unreachable);
                }
            }
        }
    }

    private <T extends @Nullable Object> void executeAlone(Write<T> write) {
        try {
            write.succeed(write(write.work()));
        } catch (Throwable e) { // belongs to the one who asked for it
            write.fail(e);
        }
    }

    /**
     * One transaction for all. A work that fails before it wrote anything leaves nothing to undo. If one fails later, or the
     * database refuses a statement or the commit, nothing is kept and the caller runs each by itself: false. If the database
     * cannot be reached, all have waited for it, and all fail.
     */
    private boolean executeTogether(List<Write<?>> writes) {
        try {
            return perform(() -> commitTogether(writes));
        } catch (StoreUnavailableException e) {
            if (NoConnection.isCauseOf(e)) {
                writes.forEach(write -> write.fail(e));
                return true;
            }
            if (!e.outcomeUnknown()) {
                return false;
            }
            writes.stream().filter(Write::succeeds).forEach(write -> write.fail(e));
            return true;
        } catch (Throwable e) {
            log.debug("{} works could not share a commit", writes.size(), e);
            return false;
        }
    }

    private boolean commitTogether(List<Write<?>> writes) throws SQLException {
        Connection connection = connect();
        Commit commit;
        try {
            connection.setAutoCommit(false);
            try (DriverStatements statements = new DriverStatements(connection)) {
                commit = new Commit(statements, failures());
                for (Write<?> write : writes) {
                    if (!run(write, commit, statements)) {
                        connection.rollback();
                        return false;
                    }
                }
                if (writes.stream().noneMatch(Write::succeeds)) {
                    connection.rollback();
                    return true;
                }
                commit.complete();
            } catch (Throwable e) {
                rollBack(connection, e);
                throw e;
            }
            commit(connection);
        } finally {
            giveBack(connection);
        }
        commits.increment();
        commit.runAfterCommit();
        return true;
    }

    /** False if the work failed and the transaction may hold a part of it. */
    private static boolean run(Write<?> write, Commit commit, DriverStatements statements) throws SQLException {
        long written = statements.written();
        try {
            write.run(commit);
            return true;
        } catch (RuntimeException | Error e) {
            write.fail(e);
            return written == statements.written() && !hasSqlCause(e);
        }
    }

    private static boolean hasSqlCause(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException) {
                return true;
            }
        }
        return false;
    }

    private void commit(Connection connection) throws SQLException {
        try {
            connection.commit();
        } catch (SQLException e) {
            if (PostgresFailures.isCertain(e)) {
                rollBack(connection, e);
                throw e;
            }
            throw StoreUnavailableException.outcomeUnknown(
                    failures().database()
                            + " lost the connection during a commit, so it is unknown whether the write was"
                            + " kept: look before you write it again",
                    e);
        }
    }

    @Override
    public <T extends @Nullable Object> T read(Work<T> work) {
        return perform(() -> {
            Connection connection = connect();
            try {
                connection.setAutoCommit(false);
                return read(connection, work);
            } finally {
                giveBack(connection);
            }
        });
    }

    private <T extends @Nullable Object> T read(Connection connection, Work<T> work) throws SQLException {
        T result;
        try (DriverStatements statements = new DriverStatements(connection)) {
            statements
                    .prepare("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                    .execute();
            Transaction tx = Transaction.reading(statements, failures());
            try {
                result = work.in(tx);
            } finally {
                tx.end();
            }
        } catch (Throwable e) {
            rollBack(connection, e);
            throw e;
        }
        connection.rollback();
        return result;
    }

    private <T extends @Nullable Object> T perform(Attempt<T> transaction) {
        requireOutsideWork();
        boolean interrupted = Thread.interrupted();
        running.readLock().lock();
        enterWork();
        try {
            requireOpen();
            return repeat(transaction);
        } finally {
            leaveWork();
            running.readLock().unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private <T extends @Nullable Object> T repeat(Attempt<T> transaction) {
        for (int retry = 0; ; retry++) {
            try {
                return transaction.run();
            } catch (SQLException e) {
                if (retry == MAX_RETRIES || !PostgresFailures.mayBeRunAgain(e)) {
                    throw failures().of(e);
                }
            } catch (RuntimeException e) { // a work may have wrapped it
                if (retry == MAX_RETRIES || !PostgresFailures.mayBeRunAgain(e)) {
                    throw e;
                }
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(
                    (retry + 1) * ThreadLocalRandom.current().nextLong(MIN_PAUSE_MILLIS, MAX_PAUSE_MILLIS)));
        }
    }

    private static void rollBack(Connection connection, Throwable reason) {
        try {
            connection.rollback();
        } catch (SQLException e) { // a connection that is lost has nothing to roll back
            reason.addSuppressed(e);
        }
    }

    /** What went wrong with a connection after its transaction does not change how that ended. */
    private static void giveBack(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            log.debug("A connection could not be given back", e);
        }
    }

    @Override
    void apply(String component, Class<?> anchor) {
        new PostgresMigrations(connections, failures())
                .apply(component, Script.all(component, anchor, "schema-migrations-postgresql/"));
    }

    @Override
    public long commits() {
        return commits.sum();
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    void tell(String channel) {
        notifications.tell(channel);
    }

    @Override
    Subscription hear(String channel, Runnable listener) {
        return notifications.listen(channel, listener);
    }

    @Override
    public void close() {
        requireOutsideWork();
        lanes.forEach(WriteQueue::close);
        running.writeLock().lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            running.writeLock().unlock();
        }
        notifications.close();
        if (pool != null) {
            pool.close();
        }
    }
}
