package dev.hart.store;

import static java.util.Objects.requireNonNull;

import dev.hart.error.MissingModuleException;
import dev.hart.error.StoreUnavailableException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A database: one SQLite file, one in memory, or one of a PostgreSQL server. Writes are transactions that are durable when
 * they return. Reads see one consistent state and do not wait for writers.
 *
 * <p>On SQLite, writes that arrive while another is being committed share the next commit. On PostgreSQL each is a
 * transaction of its own, on its caller's thread, beside others.
 *
 * <p>Thread-safe. Several stores, of several processes too, may share a database; a file only on a local disk. A work may
 * run on another caller's thread while its own caller waits, and may run more than once: it must not take a lock that its
 * caller holds, nor use thread-locals, and it should only read and write the database. Within a work the store itself must
 * not be called, except for {@link #signal}.
 */
public abstract sealed class Store implements AutoCloseable permits SqliteStore, PostgresStore {
    private static final Pattern CHANNEL = Pattern.compile("[A-Za-z0-9._:~-]{1,255}");
    private static final Pattern COMPONENT = Pattern.compile("[a-z][a-z0-9_]{0,39}");
    static final String POSTGRES_DEPENDENCIES = """
            com.zaxxer:HikariCP:7.1.0
            org.postgresql:postgresql:42.7.14
            org.flywaydb:flyway-core:13.12.0
            org.flywaydb:flyway-database-postgresql:13.12.0
            """;
    private static final List<String> POSTGRES_CLASSES = List.of(
            "com.zaxxer.hikari.HikariDataSource",
            "org.postgresql.Driver",
            "org.flywaydb.core.Flyway",
            "org.flywaydb.database.postgresql.PostgreSQLDatabaseType");

    private final ThreadLocal<Boolean> insideWork = ThreadLocal.withInitial(() -> false);
    private final StoreFailures failures;

    Store(StoreFailures failures) {
        this.failures = failures;
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
        return SqliteStore.open(file, durability, SqliteStore.BUSY_TIMEOUT);
    }

    /** A new, empty database in memory, gone when it is closed. */
    public static Store inMemory() {
        return SqliteStore.openInMemory();
    }

    /** The same with {@link Durability#FULL}. */
    public static Store postgres(String jdbcUrl) {
        return postgres(jdbcUrl, Durability.FULL);
    }

    /**
     * Opens a database of a PostgreSQL server, 14 or newer, with a pool of at most 10 connections, and one more once
     * {@link #listen} is called.
     *
     * @param jdbcUrl as the PostgreSQL driver takes it, {@code jdbc:postgresql://host:5432/database?user=…&password=…}. A
     *     password that is not in it is looked up in the file {@code ~/.pgpass}. No message has the password
     * @throws dev.hart.error.InvalidConfigurationException if the URL is not of that form
     * @throws StoreUnavailableException if the server cannot be reached or refuses; the message says why and what to do
     * @throws MissingModuleException if a library for PostgreSQL is missing; the message has the dependencies to add
     */
    public static Store postgres(String jdbcUrl, Durability durability) {
        requirePostgres();
        return PostgresStore.open(jdbcUrl, durability, PostgresStore.Waits.USUAL);
    }

    /**
     * Uses the connections of {@code connections}, which go to a PostgreSQL database and should be a pool: each write and
     * each read takes one and gives it back, and one is kept from the first {@link #listen} on. How durable a commit is,
     * and how long a statement waits for a lock, is as the data source has it set. It is not closed with the store.
     *
     * @throws StoreUnavailableException if it gives no connection
     * @throws MissingModuleException if a library for PostgreSQL is missing; the message has the dependencies to add
     */
    public static Store postgres(DataSource connections) {
        requirePostgres();
        return PostgresStore.open(connections);
    }

    private static void requirePostgres() {
        for (String name : POSTGRES_CLASSES) {
            try {
                Class.forName(name, false, Store.class.getClassLoader());
            } catch (ClassNotFoundException e) {
                throw new MissingModuleException(
                        "a store on PostgreSQL needs " + name + ", which is missing: add to your build\n"
                                + POSTGRES_DEPENDENCIES
                                + "and on a module path also: --add-modules com.zaxxer.hikari,org.postgresql.jdbc,flyway.core",
                        e);
            }
        }
    }

    /** Which SQL the database speaks. */
    public final Dialect dialect() {
        return failures.dialect();
    }

    /**
     * Runs {@code work} in a transaction and returns once the commit is durable. If it throws, nothing of it is kept and
     * the caller gets the exception.
     *
     * @throws StoreUnavailableException if the database fails or is closed; nothing was written, except perhaps where
     *     {@link StoreUnavailableException#outcomeUnknown} says so
     * @throws IllegalStateException inside another work of this store
     */
    public abstract <T extends @Nullable Object> T write(Work<T> work);

    /**
     * The same for a work that mostly touches what other works of its {@code lane} touch, such as one ledger. On PostgreSQL
     * those that arrive while another commit of the lane is under way share the next one, and works of other lanes go on
     * beside them. On SQLite all works share commits, whatever their lane.
     */
    public <T extends @Nullable Object> T write(String lane, Work<T> work) {
        return write(work);
    }

    /**
     * Runs {@code work} on one consistent state: everything committed before its first statement and nothing later. A
     * statement that writes is refused.
     *
     * @throws StoreUnavailableException if the database fails or is closed
     * @throws IllegalStateException inside another work of this store
     */
    public abstract <T extends @Nullable Object> T read(Work<T> work);

    /**
     * Brings the tables of {@code component} to the version of this code. The scripts {@code V1__….sql}, {@code V2__….sql}
     * and so on lie beside {@code anchor}, those for SQLite in the folder {@code schema-migrations}, those for PostgreSQL in
     * {@code schema-migrations-postgresql}; each folder names them in order in its {@code scripts.txt}. All of
     * them are applied or none. Several processes may do this at once.
     *
     * @param component 1 to 40 lower-case letters, digits and underscores, a letter first
     * @throws dev.hart.error.UnsupportedSchemaException if the tables are newer than this code, or made by other scripts
     */
    public final void migrate(String component, Class<?> anchor) {
        if (!COMPONENT.matcher(component).matches()) {
            throw new IllegalArgumentException(
                    "a component is named by 1 to 40 lower-case letters, digits and underscores, a letter first, but was '"
                            + component + "'");
        }
        requireOutsideWork();
        requireOpen();
        apply(component, anchor);
    }

    abstract void apply(String component, Class<?> anchor);

    /** How many transactions this store has committed; fewer than the writes when some shared a commit. */
    public abstract long commits();

    public abstract boolean isOpen();

    /**
     * Tells listeners of this and other processes that something about {@code channel} has changed. Returns at once and
     * never fails. It is a hint: a listener is told at most about once in 10 ms, may be told without reason, and may be told
     * late, but about a second after a change at the latest as long as the database can be reached. Call it once the change
     * is committed, for instance in {@link Transaction#afterCommit}.
     *
     * <p>Another process that shares an SQLite file finds out about commits, not about the signal itself: within a second it
     * tells all its listeners. A closed store tells nobody.
     *
     * @param channel 1 to 255 of the letters, digits and {@code . _ : ~ -}
     * @throws IllegalArgumentException if {@code channel} is none
     */
    public final void signal(String channel) {
        tell(requireChannel(channel));
    }

    /**
     * Calls {@code listener} after signals for {@code channel}, of any process, and after a time in which some may have been
     * missed. All listeners of a store run on one thread of it, so a listener only hands something on. What it throws is
     * logged.
     *
     * @param channel as in {@link #signal}
     * @return to be closed to end this
     * @throws IllegalArgumentException if {@code channel} is none
     * @throws StoreUnavailableException if the store is closed
     */
    public final Subscription listen(String channel, Runnable listener) {
        requireOpen();
        return hear(requireChannel(channel), requireNonNull(listener));
    }

    private static String requireChannel(String channel) {
        if (!CHANNEL.matcher(channel).matches()) {
            throw new IllegalArgumentException(
                    "a channel is 1 to 255 letters, digits and . _ : ~ - but was '" + channel + "'");
        }
        return channel;
    }

    abstract void tell(String channel);

    abstract Subscription hear(String channel, Runnable listener);

    /** Finishes the writes that wait or run, then closes the connections. A second call changes nothing. */
    @Override
    public abstract void close();

    final StoreFailures failures() {
        return failures;
    }

    final void requireOpen() {
        if (!isOpen()) {
            throw failures.closed();
        }
    }

    final void requireOutsideWork() {
        if (insideWork.get()) {
            throw new IllegalStateException(
                    "the store is already in a transaction on this thread: use the Transaction that the work was given");
        }
    }

    final void enterWork() {
        insideWork.set(true);
    }

    final void leaveWork() {
        insideWork.remove();
    }
}
