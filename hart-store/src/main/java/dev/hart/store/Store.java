package dev.hart.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import dev.hart.error.StoreUnavailableException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The one door to a database. Thread-safe.
 *
 * <p>One connection writes. Writers queue, and whichever thread gets the write lock commits for all that wait: up to 256
 * jobs in one transaction, each behind a savepoint of its own, so that one that is refused takes back nothing but itself.
 * No thread is handed anything, no writer waits for company, and one {@code fsync} serves all that came while the last one
 * ran (D. Hendler et al., "Flat combining", SPAA 2010). Readers have connections of their own and never wait for writers.
 */
public final class Store implements AutoCloseable {
    private static final int MAX_BATCH = 256;
    private static final int READERS = 4;
    private static final int BUSY_RETRIES = 5;

    private final SqliteConnections connections;
    private final Transaction writer;
    private final ReentrantLock writeLock = new ReentrantLock();
    private final Queue<Job<?>> queue = new ConcurrentLinkedQueue<>();
    private final Object readersLock = new Object();
    private @Nullable HikariDataSource readers;
    private volatile boolean closed;
    private volatile long commits;

    private Store(SqliteConnections connections) {
        this.connections = connections;
        try {
            this.writer = new Transaction(connections.writer());
        } catch (SQLException e) {
            throw connections.unavailable(e);
        }
    }

    /** A SQLite file on a local disk, created when missing; every commit survives power loss. */
    public static Store sqlite(Path file) {
        return sqlite(file, Durability.FULL);
    }

    /**
     * A SQLite file on a local disk, created when missing. Several processes may use it at the same time.
     *
     * @throws StoreUnavailableException when it cannot be opened
     */
    public static Store sqlite(Path file, Durability durability) {
        return new Store(new SqliteConnections(file, durability));
    }

    /** A database that is gone when it is closed. */
    public static Store inMemory() {
        return new Store(new SqliteConnections(null, Durability.RELAXED));
    }

    /** What one caller wants written. Its fields are written under the write lock, and read after having held it. */
    private static final class Job<T> {
        final Work<T> work;

        @Nullable
        T result;

        @Nullable
        Throwable failure;

        boolean done;

        Job(Work<T> work) {
            this.work = work;
        }

        void run(Transaction tx) throws SQLException {
            result = work.in(tx);
        }

        void fail(Throwable e) {
            failure = e;
            done = true;
        }
    }

    /**
     * Runs the work in a transaction, and returns once it is committed. What the work throws takes back what it wrote, and
     * nothing else.
     *
     * @throws StoreUnavailableException when the database refuses; nothing of this work was written
     * @throws IllegalStateException inside another write of the same thread, or when the store is closed
     */
    @SuppressWarnings("NullAway") // a job that is done without failure has the work's result, null included
    public <T> T write(Work<T> work) {
        requireOpen();
        if (writeLock.isHeldByCurrentThread()) {
            throw new IllegalStateException(
                    "a write inside a write would wait for itself: hand the Transaction on instead");
        }
        Job<T> job = new Job<>(work);
        queue.add(job);
        writeLock.lock();
        try {
            while (!job.done) {
                commitBatch();
            }
        } finally {
            writeLock.unlock();
        }
        if (job.failure != null) {
            throw rethrown(job.failure);
        }
        return job.result;
    }

    private RuntimeException rethrown(Throwable failure) {
        if (failure instanceof SQLException sql) {
            return connections.unavailable(sql);
        }
        if (failure instanceof Error error) {
            throw error;
        }
        return (RuntimeException) failure;
    }

    /** Under the write lock: takes what waits, and commits it together. */
    private void commitBatch() {
        List<Job<?>> batch = new ArrayList<>();
        for (Job<?> job = queue.poll(); job != null; job = batch.size() < MAX_BATCH ? queue.poll() : null) {
            batch.add(job);
        }
        if (closed) {
            batch.forEach(job -> job.fail(new IllegalStateException("the store is closed")));
            return;
        }
        for (int attempt = 1; ; attempt++) {
            try {
                commit(batch);
                return;
            } catch (SQLException e) {
                rollback(e);
                if (!SqliteConnections.isBusy(e) || attempt > BUSY_RETRIES || !pause(attempt)) {
                    batch.stream().filter(job -> job.failure == null).forEach(job -> job.fail(e));
                    return;
                }
            }
        }
    }

    private void commit(List<Job<?>> batch) throws SQLException {
        execute("BEGIN IMMEDIATE");
        if (batch.size() == 1) {
            Job<?> job = batch.get(0);
            try {
                job.run(writer);
            } catch (RuntimeException | Error e) {
                rollback(e);
                job.fail(e);
                return;
            }
        } else {
            for (Job<?> job : batch) {
                if (!job.done) {
                    runBehindSavepoint(job);
                }
            }
        }
        execute("COMMIT");
        commits++;
        batch.forEach(job -> job.done = true);
    }

    private void runBehindSavepoint(Job<?> job) throws SQLException {
        execute("SAVEPOINT job");
        try {
            job.run(writer);
            execute("RELEASE job");
        } catch (RuntimeException | Error e) {
            execute("ROLLBACK TO job");
            execute("RELEASE job");
            job.fail(e);
        } catch (SQLException e) {
            if (writer.connection().isClosed() || SqliteConnections.isBusy(e)) {
                throw e;
            }
            execute("ROLLBACK TO job");
            execute("RELEASE job");
            job.fail(e);
        }
    }

    private void rollback(Throwable because) {
        try {
            execute("ROLLBACK");
        } catch (SQLException e) {
            // SQLite has rolled back by itself after some errors, and says so here; anything else matters less than the
            // cause.
            because.addSuppressed(e);
        }
    }

    private void execute(String sql) throws SQLException {
        writer.prepare(sql).execute();
    }

    /** Waits a little, longer each time; false when the thread is to stop. */
    private static boolean pause(int attempt) {
        try {
            Thread.sleep(ThreadLocalRandom.current().nextLong(10L, 20L << attempt));
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * Runs the work on a snapshot of the database; it must not write.
     *
     * @throws StoreUnavailableException when the database refuses
     */
    public <T> T read(Work<T> work) {
        requireOpen();
        return connections.isInMemory() ? readFromWriter(work) : readFromPool(work);
    }

    /** A database in memory has only the one connection. */
    private <T> T readFromWriter(Work<T> work) {
        writeLock.lock();
        try {
            requireOpen();
            return work.in(writer);
        } catch (SQLException e) {
            throw connections.unavailable(e);
        } finally {
            writeLock.unlock();
        }
    }

    private <T> T readFromPool(Work<T> work) {
        try (Connection connection = readers().getConnection()) {
            Transaction tx = new Transaction(connection);
            connection.setAutoCommit(false);
            try {
                return work.in(tx);
            } finally {
                connection.rollback();
                tx.closeStatements();
            }
        } catch (SQLException e) {
            throw connections.unavailable(e);
        }
    }

    private HikariDataSource readers() {
        synchronized (readersLock) {
            requireOpen();
            HikariDataSource pool = readers;
            if (pool == null) {
                HikariConfig config = new HikariConfig();
                config.setPoolName("hart-readers");
                config.setDataSource(new ReaderSource(connections));
                config.setMaximumPoolSize(READERS);
                config.setMinimumIdle(0);
                try {
                    pool = new HikariDataSource(config);
                } catch (HikariPool.PoolInitializationException e) {
                    throw new StoreUnavailableException("the database cannot be read: " + e.getMessage(), e);
                }
                readers = pool;
            }
            return pool;
        }
    }

    /**
     * Brings the tables of a component up to date: runs those scripts that were not run yet.
     *
     * @param anchor a class beside the scripts {@code V1__….sql}, {@code V2__….sql}… which the resource {@code
     *     migrations.txt} lists in order
     * @throws dev.hart.error.UnsupportedSchemaException when the database is newer than this code
     */
    public void migrate(String component, Class<?> anchor) {
        List<Migrations.Script> scripts = Migrations.of(anchor);
        write(tx -> {
            Migrations.apply(tx, component, scripts);
            return scripts.size();
        });
    }

    /** How many transactions were committed so far. */
    public long commits() {
        return commits;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the store is closed");
        }
    }

    /** Waits for the commit that is going on; what still waits is refused. Idempotent. */
    @Override
    public void close() {
        writeLock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            commitBatch();
            synchronized (readersLock) {
                if (readers != null) {
                    readers.close();
                }
            }
            if (!connections.isInMemory()) {
                try (Statement optimize = writer.connection().createStatement()) {
                    optimize.execute("PRAGMA optimize");
                }
            }
            writer.close();
        } catch (SQLException e) {
            throw connections.unavailable(e);
        } finally {
            writeLock.unlock();
        }
    }
}
