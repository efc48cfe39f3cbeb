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

/**
 * A database: one SQLite file, or one in memory. Writes are transactions that are durable when they return; writes that
 * arrive while another is being committed share the next commit. Reads see one consistent state and do not wait for
 * writers.
 *
 * <p>Thread-safe. Several stores, of several processes too, may share a file on a local disk. A work may run on another
 * caller's thread while its own caller waits: it must not take a lock that its caller holds, nor use thread-locals, and it
 * should only read and write the database. Within a work the store itself must not be called.
 */
public final class Store implements AutoCloseable {
    private static final Duration BUSY_TIMEOUT = Duration.ofSeconds(5);
    private static final int CACHE_KIBIBYTES = 65_536;
    private static final int PAGES_PER_CHECKPOINT = 1000;

    private final String database;
    private final Writer writer;
    /** Null for a store in memory, whose reads use the writer's connection. */
    private final @Nullable Readers readers;

    private final WriteQueue queue = new WriteQueue();
    /** Held while the writer's connection is used. */
    private final ReentrantLock connectionLock = new ReentrantLock();

    private final ThreadLocal<Boolean> insideWork = ThreadLocal.withInitial(() -> false);

    private Store(String database, Writer writer, @Nullable Readers readers) {
        this.database = database;
        this.writer = writer;
        this.readers = readers;
    }

    /** The same with {@link Durability#FULL}. */
    public static Store sqlite(Path file) {
        return sqlite(file, Durability.FULL);
    }

    /**
     * Opens a database file on a local disk; it and its folder are made if they are missing.
     *
     * @throws StoreUnavailableException if it cannot be opened; the message says why and what to do
     */
    public static Store sqlite(Path file, Durability durability) {
        return sqlite(file, durability, BUSY_TIMEOUT);
    }

    static Store sqlite(Path file, Durability durability, Duration busyTimeout) {
        Path absolute = file.toAbsolutePath().normalize();
        String database = "database " + absolute;
        try {
            Path folder = absolute.getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
        } catch (IOException e) {
            throw new StoreUnavailableException(
                    database + " cannot be opened: its folder cannot be made: " + e.getMessage(), e);
        }
        String url = "jdbc:sqlite:" + absolute;
        SQLiteConfig writing = config(busyTimeout);
        writing.setJournalMode(SQLiteConfig.JournalMode.WAL);
        writing.setSynchronous(SQLiteConfig.SynchronousMode.valueOf(durability.synchronous()));
        SQLiteConfig reading = config(busyTimeout);
        reading.setReadOnly(true);
        return new Store(database, openWriter(writing, url, database), new Readers(source(reading, url), database));
    }

    /** A new, empty database in memory, gone when it is closed. */
    public static Store inMemory() {
        String database = "the database in memory";
        return new Store(database, openWriter(config(BUSY_TIMEOUT), "jdbc:sqlite::memory:", database), null);
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

    private static Writer openWriter(SQLiteConfig config, String url, String database) {
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
            return new Writer(connection, database);
        } catch (SQLException e) {
            throw StoreFailures.of(database, e);
        }
    }

    /**
     * Runs {@code work} in a transaction and returns once the commit is durable. If it throws, nothing of it is kept and
     * the caller gets the exception.
     *
     * @throws StoreUnavailableException if the database fails or is closed; nothing was written
     * @throws IllegalStateException inside another work of this store
     */
    public <T extends @Nullable Object> T write(Work<T> work) {
        requireOutsideWork();
        Writer.Write<T> write = new Writer.Write<>(work);
        queue.execute(write, database, batch -> {
            connectionLock.lock();
            insideWork.set(true);
            try {
                writer.execute(batch);
            } finally {
                insideWork.set(false);
                connectionLock.unlock();
            }
        });
        try {
            return write.outcome();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("the work threw a checked exception that it does not declare", e);
        }
    }

    /**
     * Runs {@code work} on one consistent state: everything committed before its first statement and nothing later. A
     * statement that writes is refused.
     *
     * @throws StoreUnavailableException if the database fails or is closed
     * @throws IllegalStateException inside another work of this store
     */
    public <T extends @Nullable Object> T read(Work<T> work) {
        requireOutsideWork();
        requireOpen();
        insideWork.set(true);
        try {
            return readers == null ? readInMemory(work) : readers.read(work);
        } catch (SQLException e) {
            throw StoreFailures.of(database, e);
        } finally {
            insideWork.set(false);
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

    /**
     * Brings the tables of {@code component} to the version of this code. The scripts {@code V1__….sql}, {@code V2__….sql}
     * and so on lie in the folder {@code schema-migrations} beside {@code anchor}, named in order in its
     * {@code scripts.txt}. All of them are applied or none.
     *
     * @throws dev.hart.error.UnsupportedSchemaException if the tables are newer than this code, or made by other scripts
     */
    public void migrate(String component, Class<?> anchor) {
        requireOutsideWork();
        requireOpen();
        Migrations migrations = Migrations.of(component, anchor);
        connectionLock.lock();
        try {
            writer.migrate(migrations);
        } catch (SQLException e) {
            throw StoreFailures.of(database, e);
        } finally {
            connectionLock.unlock();
        }
    }

    /** How many transactions this store has committed; fewer than the writes when some shared a commit. */
    public long commits() {
        return writer.commits();
    }

    public boolean isOpen() {
        return !queue.isClosed();
    }

    /** Finishes the writes that wait, then closes the file. A second call changes nothing. */
    @Override
    public void close() {
        requireOutsideWork();
        if (!queue.close()) {
            return;
        }
        connectionLock.lock();
        try {
            if (readers != null) {
                readers.close();
            }
            writer.close();
        } catch (SQLException e) {
            throw StoreFailures.of(database, e);
        } finally {
            connectionLock.unlock();
        }
    }

    private void requireOpen() {
        if (!isOpen()) {
            throw new StoreUnavailableException(database + " is closed: open it again");
        }
    }

    private void requireOutsideWork() {
        if (insideWork.get()) {
            throw new IllegalStateException(
                    "the store is already in a transaction on this thread: use the Transaction that the work was given");
        }
    }
}
