package dev.hart.store;

import dev.hart.error.StoreUnavailableException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.sqlite.JDBC;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Opens connections to one SQLite database, set up as HART needs them. */
final class SqliteConnections {
    private static final int BUSY_MILLIS = 5_000;
    private static final int CACHE_KIBIBYTES = 65_536;

    private final @Nullable Path file;
    private final Durability durability;

    /**
     * Connections.
     *
     * @param file null for a database in memory
     */
    SqliteConnections(@Nullable Path file, Durability durability) {
        this.file = file;
        this.durability = durability;
    }

    boolean isInMemory() {
        return file == null;
    }

    Connection writer() throws SQLException {
        SQLiteConfig config = base();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(
                durability == Durability.FULL
                        ? SQLiteConfig.SynchronousMode.FULL
                        : SQLiteConfig.SynchronousMode.NORMAL);
        config.setPragma(SQLiteConfig.Pragma.WAL_AUTOCHECKPOINT, "1000");
        return open(config.toProperties());
    }

    Connection reader() throws SQLException {
        SQLiteConfig config = base();
        Connection connection = open(config.toProperties());
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA query_only = true");
        }
        return connection;
    }

    private static SQLiteConfig base() {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(BUSY_MILLIS);
        config.enforceForeignKeys(true);
        config.setCacheSize(-CACHE_KIBIBYTES);
        config.setTempStore(SQLiteConfig.TempStore.MEMORY);
        return config;
    }

    private Connection open(Properties properties) throws SQLException {
        String url = file == null ? "jdbc:sqlite::memory:" : "jdbc:sqlite:" + file.toAbsolutePath();
        Connection connection = JDBC.createConnection(url, properties);
        if (connection == null) {
            throw new SQLException("not a SQLite address: " + url);
        }
        return connection;
    }

    /** What a failure means for the user, and what to do. */
    StoreUnavailableException unavailable(SQLException e) {
        String name = file == null ? "the database in memory" : file.toString();
        String advice = "see the cause";
        if (e instanceof SQLiteException sqlite) {
            advice = advice(sqlite.getResultCode());
        }
        return new StoreUnavailableException(
                "%s cannot be used (%s): %s"
                        .formatted(name, String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT), advice),
                e);
    }

    static boolean isBusy(SQLException e) {
        return e instanceof SQLiteException sqlite
                && (sqlite.getResultCode().code & 0xff) == SQLiteErrorCode.SQLITE_BUSY.code;
    }

    private static String advice(SQLiteErrorCode code) {
        return switch (code.code & 0xff) {
            case 5, 6 -> "another process keeps it locked; wait for it, or stop it";
            case 8 -> "it is read-only; make it and its folder writable";
            case 10 -> "the disk failed to read or write";
            case 11, 26 -> "it is damaged or not a database; restore a copy, it was not changed";
            case 13 -> "the disk is full; free some space and try again";
            case 14 -> "check that the folder is there and writable";
            default -> "see the cause";
        };
    }
}
