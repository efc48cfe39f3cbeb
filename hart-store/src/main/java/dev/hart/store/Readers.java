package dev.hart.store;

import dev.hart.error.StoreUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A few connections to an SQLite file that only read, each opened when it is first needed and used again last in, first out, its compiled
 * statements with it. Thread-safe.
 *
 * <p>A connection pool checks, retires and refills connections to a server that may go away. These are to a file: all there
 * is to do is to keep them.
 */
final class Readers implements AutoCloseable {
    private static final int MAX_CONNECTIONS = 4;
    private static final long WAIT_SECONDS = 30;

    private final DataSource connections;
    private final StoreFailures failures;
    private final Semaphore free = new Semaphore(MAX_CONNECTIONS, true);
    private final Deque<Reader> idle = new ConcurrentLinkedDeque<>();
    private volatile boolean closed;

    Readers(DataSource connections, StoreFailures failures) {
        this.connections = connections;
        this.failures = failures;
    }

    /** A connection outside a transaction, and what was compiled on it. */
    private record Reader(Connection connection, StatementCache statements) {}

    /**
     * Runs {@code work} on one consistent state of the database.
     *
     * @throws StoreUnavailableException if all connections stay busy for half a minute
     */
    <T extends @Nullable Object> T read(Work<T> work) throws SQLException {
        acquire();
        try {
            Reader reader = take();
            Transaction tx = Transaction.reading(reader.statements(), failures);
            try {
                return work.in(tx);
            } finally {
                tx.end();
                giveBack(reader);
            }
        } finally {
            free.release();
        }
    }

    private void acquire() {
        try {
            if (!free.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw new StoreUnavailableException(
                        "%s: all %d reading connections were busy for %d seconds; read less at once"
                                .formatted(failures.database(), MAX_CONNECTIONS, WAIT_SECONDS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException(
                    "the thread was interrupted while it waited to read " + failures.database(), e);
        }
    }

    private Reader take() throws SQLException {
        if (closed) {
            throw new SQLException(failures.database() + " is closed: open it again");
        }
        Reader known = idle.pollFirst();
        if (known != null) {
            return known;
        }
        Connection connection = connections.getConnection();
        try {
            connection.setAutoCommit(false);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
        return new Reader(connection, new StatementCache(connection));
    }

    /** Ends the snapshot, and keeps the connection if that went well. */
    private void giveBack(Reader reader) throws SQLException {
        try {
            reader.connection().rollback();
            reader.statements().trim();
        } catch (SQLException e) {
            reader.connection().close();
            throw e;
        }
        idle.addFirst(reader);
        if (closed) {
            closeIdle();
        }
    }

    /** Closes what is idle now, and the rest as it comes back. */
    @Override
    public void close() throws SQLException {
        closed = true;
        closeIdle();
    }

    private void closeIdle() throws SQLException {
        for (Reader reader = idle.pollFirst(); reader != null; reader = idle.pollFirst()) {
            reader.connection().close();
        }
    }
}
