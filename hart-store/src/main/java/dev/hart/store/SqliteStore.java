package dev.hart.store;

import dev.hart.error.StoreUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteDataSource;

/** One SQLite file, or a database in memory: one connection that writes, and a few that read. */
final class SqliteStore extends Store {
    static final Duration BUSY_TIMEOUT = Duration.ofSeconds(5);
    private static final int CACHE_KIBIBYTES = 65_536;
    private static final int PAGES_PER_CHECKPOINT = 1000;

    private final Writer writer;
    /** Null for a store in memory, whose reads use the writer's connection. */
    private final @Nullable Readers readers;

    private final Signals signals;
    private final WriteQueue queue = new WriteQueue();
    /** Held while the writer's connection is used. */
    private final ReentrantLock connectionLock = new ReentrantLock();

    private SqliteStore(StoreFailures failures, Writer writer, @Nullable Readers readers, Signals signals) {
        super(failures);
        this.writer = writer;
        this.readers = readers;
        this.signals = signals;
    }

    static Store open(Path file, Durability durability, Duration busyTimeout) {
        Path absolute = file.toAbsolutePath().normalize();
        StoreFailures failures = new SqliteFailures("database " + absolute);
        try {
            Path folder = absolute.getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
        } catch (IOException e) {
            throw new StoreUnavailableException(
                    failures.database() + " cannot be opened: its folder cannot be made: " + e.getMessage(), e);
        }
        String url = "jdbc:sqlite:" + absolute;
        SQLiteConfig writing = config(busyTimeout);
        writing.setJournalMode(SQLiteConfig.JournalMode.WAL);
        writing.setSynchronous(SQLiteConfig.SynchronousMode.valueOf(durability.synchronous()));
        SQLiteConfig reading = config(busyTimeout);
        reading.setReadOnly(true);
        SQLiteDataSource readOnly = source(reading, url);
        return new SqliteStore(
                failures,
                openWriter(writing, url, failures),
                new Readers(readOnly, failures),
                new Signals(new FileChanges(readOnly)));
    }

    static Store openInMemory() {
        StoreFailures failures = new SqliteFailures("the database in memory");
        Writer writer = openWriter(config(BUSY_TIMEOUT), "jdbc:sqlite::memory:", failures);
        return new SqliteStore(failures, writer, null, new Signals(null));
    }

    private static SQLiteConfig config(Duration busyTimeout) {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(Math.toIntExact(busyTimeout.toMillis()));
        config.enforceForeignKeys(true);
        config.setCacheSize(-CACHE_KIBIBYTES);
        config.setGetGeneratedKeys(false); // else the driver asks for them after every insert
        return config;
    }

    private static SQLiteDataSource source(SQLiteConfig config, String url) {
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl(url);
        return source;
    }

    private static Writer openWriter(SQLiteConfig config, String url, StoreFailures failures) {
        try {
            SQLiteConnection connection = (SQLiteConnection) source(config, url).getConnection();
            try (var statement = connection.createStatement()) {
                statement.execute("PRAGMA wal_autocheckpoint = " + PAGES_PER_CHECKPOINT);
                statement
                        .executeQuery("SELECT count(*) FROM sqlite_schema")
                        .close(); // finds a file that is no database
            } catch (SQLException e) {
                connection.close();
                throw e;
            }
            return new Writer(connection, failures);
        } catch (SQLException e) {
            throw failures.of(e);
        }
    }

    @Override
    public <T extends @Nullable Object> T write(Work<T> work) {
        requireOutsideWork();
        Write<T> write = new Write<>(work);
        queue.execute(write, failures(), batch -> {
            connectionLock.lock();
            enterWork();
            try {
                writer.execute(batch);
            } finally {
                leaveWork();
                connectionLock.unlock();
            }
        });
        return write.outcome();
    }

    @Override
    public <T extends @Nullable Object> T read(Work<T> work) {
        requireOutsideWork();
        requireOpen();
        enterWork();
        try {
            return readers == null ? readInMemory(work) : readers.read(work);
        } catch (SQLException e) {
            throw failures().of(e);
        } finally {
            leaveWork();
        }
    }

    private <T extends @Nullable Object> T readInMemory(Work<T> work) throws SQLException {
        connectionLock.lock();
        try {
            return writer.read(work);
        } finally {
            connectionLock.unlock();
        }
    }

    @Override
    void apply(String component, Class<?> anchor) {
        Migrations migrations = new Migrations(component, Script.all(component, anchor, "schema-migrations/"));
        connectionLock.lock();
        try {
            writer.migrate(migrations);
        } catch (SQLException e) {
            throw failures().of(e);
        } finally {
            connectionLock.unlock();
        }
    }

    @Override
    public long commits() {
        return writer.commits();
    }

    @Override
    public boolean isOpen() {
        return !queue.isClosed();
    }

    @Override
    void tell(String channel) {
        signals.tell(channel);
    }

    @Override
    Subscription hear(String channel, Runnable listener) {
        return signals.listen(channel, listener);
    }

    @Override
    public void close() {
        requireOutsideWork();
        if (!queue.close()) {
            return;
        }
        signals.close();
        connectionLock.lock();
        try {
            if (readers != null) {
                readers.close();
            }
            writer.close();
        } catch (SQLException e) {
            throw failures().of(e);
        } finally {
            connectionLock.unlock();
        }
    }
}
