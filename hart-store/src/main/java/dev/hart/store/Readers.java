package dev.hart.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConnection;

/** A small pool of connections that only read, made at the first read so that opening a store does not pay for it. Thread-safe. */
final class Readers implements AutoCloseable {
    private static final int MAX_CONNECTIONS = 4;

    private final DataSource connections;
    private final String database;
    /** The pool never replaces a sound connection, so this stays about as large as the pool. */
    private final Map<Connection, StatementCache> statements = new ConcurrentHashMap<>();

    private @Nullable HikariDataSource pool; // guarded by this
    private boolean closed; // guarded by this

    Readers(DataSource connections, String database) {
        this.connections = connections;
        this.database = database;
    }

    /** Runs {@code work} on one consistent state of the database. */
    <T extends @Nullable Object> T read(Work<T> work) throws SQLException {
        try (Connection connection = pool().getConnection()) {
            SQLiteConnection sqlite = connection.unwrap(SQLiteConnection.class);
            statements.keySet().removeIf(Readers::isClosed);
            StatementCache cache = statements.computeIfAbsent(sqlite, StatementCache::new);
            connection.setAutoCommit(false);
            Transaction tx = new Transaction(cache, database);
            try {
                return work.in(tx);
            } finally {
                tx.end();
                connection.setAutoCommit(true);
                cache.trim();
            }
        }
    }

    private static boolean isClosed(Connection connection) {
        try {
            return connection.isClosed();
        } catch (SQLException e) {
            return true;
        }
    }

    private synchronized HikariDataSource pool() throws SQLException {
        if (closed) {
            throw new SQLException(database + " is closed: open it again");
        }
        if (pool == null) {
            HikariConfig config = new HikariConfig();
            config.setDataSource(connections);
            config.setPoolName("hart-store-readers");
            config.setReadOnly(true);
            config.setMaximumPoolSize(MAX_CONNECTIONS);
            config.setMinimumIdle(1);
            config.setIdleTimeout(0);
            config.setMaxLifetime(0);
            config.setConnectionTimeout(30_000);
            pool = new HikariDataSource(config);
        }
        return pool;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (pool != null) {
            pool.close();
        }
    }
}
