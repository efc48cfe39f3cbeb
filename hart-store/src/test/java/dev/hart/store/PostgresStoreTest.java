package dev.hart.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.error.StoreUnavailableException;
import dev.hart.error.UnsupportedSchemaException;
import dev.hart.store.testing.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class PostgresStoreTest extends StoreContract {
    private final String url = PostgresServer.freshDatabase();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @Override
    Store open() {
        return Store.postgres(url);
    }

    @AfterEach
    void endThreads() {
        threads.shutdownNow();
    }

    private static String one(Transaction tx, String select) throws SQLException {
        try (ResultSet row = tx.prepare(select).executeQuery()) {
            row.next();
            return row.getString(1);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Ends the connection of {@code tx}, as an administrator can. */
    private void terminate(Transaction tx) throws SQLException {
        execute("SELECT pg_terminate_backend(%s, 10000)".formatted(one(tx, "SELECT pg_backend_pid()")));
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void writesRunBesideEachOther() throws Exception {
        CyclicBarrier both = new CyclicBarrier(2);
        List<Future<Integer>> writes = new ArrayList<>();
        for (String text : List.of("a", "b")) {
            writes.add(threads.submit(() -> store.write(tx -> {
                int rows = insert(tx, text);
                await(both);
                return rows;
            })));
        }
        for (Future<Integer> write : writes) {
            assertThat(write.get()).isEqualTo(1);
        }
        assertThat(texts(store)).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void aReadSeesOneStateAndWaitsForNoWriter() {
        try (Store other = open()) {
            store.write(tx -> insert(tx, "a"));
            List<String> again = store.read(tx -> {
                assertThat(texts(tx)).containsExactly("a");
                other.write(writing -> insert(writing, "b"));
                return texts(tx);
            });
            assertThat(again).containsExactly("a");
            assertThat(texts(store)).containsExactly("a", "b");
        }
    }

    @Test
    void aReadThatWritesIsToldSo() {
        assertThatThrownBy(() -> store.read(tx -> insert(tx, "a")))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageStartingWith("database " + url.substring(0, url.indexOf('?'))
                        + " refuses to write: write in Store.write, and on the primary server:");
    }

    @Test
    void aDeadlockIsRunAgain() throws Exception {
        store.write(tx -> insert(tx, "a"));
        store.write(tx -> insert(tx, "b"));
        CyclicBarrier bothHoldOne = new CyclicBarrier(2);
        AtomicInteger runs = new AtomicInteger();
        List<Future<Integer>> writes = new ArrayList<>();
        for (List<String> order : List.of(List.of("a", "b"), List.of("b", "a"))) {
            writes.add(threads.submit(() -> store.write(tx -> {
                int run = runs.incrementAndGet();
                var update = tx.prepare("UPDATE note SET text = text WHERE text = ?");
                update.setString(1, order.get(0));
                update.executeUpdate();
                if (run <= 2) {
                    await(bothHoldOne);
                }
                update.setString(1, order.get(1));
                return update.executeUpdate();
            })));
        }
        for (Future<Integer> write : writes) {
            assertThat(write.get()).isEqualTo(1);
        }
        assertThat(runs).hasValue(3);
    }

    @Test
    void aTransactionThatIsInTheWayEachTimeIsGivenUpAfterFiveMoreRuns() {
        AtomicInteger runs = new AtomicInteger();
        List<String> undone = new ArrayList<>();
        assertThatThrownBy(() -> store.write(tx -> {
                    runs.incrementAndGet();
                    tx.onUndo(() -> undone.add("undone"));
                    insert(tx, "a");
                    return raise(tx, "40001");
                }))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("had other transactions in the way each time: try again later");
        assertThat(runs).hasValue(6);
        assertThat(undone).hasSize(6);
        assertThat(texts(store)).isEmpty();
    }

    @Test
    void aFailureThatTheWorkWrappedIsRunAgainToo() {
        AtomicInteger runs = new AtomicInteger();
        int rows = store.write(tx -> {
            if (runs.incrementAndGet() <= 5) {
                try {
                    raise(tx, "40P01");
                } catch (SQLException e) {
                    throw tx.unavailable(e);
                }
            }
            return insert(tx, "a");
        });
        assertThat(rows).isEqualTo(1);
        assertThat(runs).hasValue(6);
        assertThat(store.commits()).isEqualTo(1);
    }

    private static int raise(Transaction tx, String state) throws SQLException {
        return tx.prepare("DO $$ BEGIN RAISE EXCEPTION 'made by the test' USING ERRCODE = '" + state + "'; END $$")
                .executeUpdate();
    }

    @Test
    void anyOtherFailureIsNotRunAgain() {
        AtomicInteger runs = new AtomicInteger();
        assertThatThrownBy(() -> store.write(tx -> {
                    runs.incrementAndGet();
                    return raise(tx, "53100");
                }))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("could not be written because the disk is full: free some space and try again");
        assertThat(runs).hasValue(1);
    }

    @Test
    void aConnectionLostBeforeTheCommitLeavesNothingAndTheNextWriteHasAnother() {
        assertThatThrownBy(() -> store.write(tx -> {
                    insert(tx, "a");
                    terminate(tx);
                    return insert(tx, "b");
                }))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("lost the connection")
                .extracting(e -> ((StoreUnavailableException) e).outcomeUnknown())
                .isEqualTo(false);
        store.write(tx -> insert(tx, "c"));
        assertThat(texts(store)).containsExactly("c");
    }

    @Test
    void aConnectionLostInTheCommitIsNotTriedAgainAndSaysThatNobodyKnows() {
        AtomicInteger runs = new AtomicInteger();
        assertThatThrownBy(() -> store.write(tx -> {
                    runs.incrementAndGet();
                    tx.beforeCommit(last -> {
                        terminate(last);
                        return null;
                    });
                    return insert(tx, "a");
                }))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessage(
                        "database " + url.substring(0, url.indexOf('?')) + " lost the connection during a commit, so it"
                                + " is unknown whether the write was kept: look before you write it again")
                .extracting(e -> ((StoreUnavailableException) e).outcomeUnknown())
                .isEqualTo(true);
        assertThat(runs).hasValue(1);
        assertThat(store.commits()).isZero();
    }

    @Test
    void aDeferredConstraintThatTheCommitRefusesIsKnownToHaveFailed() throws Exception {
        execute("ALTER TABLE author ADD CONSTRAINT later UNIQUE (note) DEFERRABLE INITIALLY DEFERRED");
        assertThatThrownBy(() -> store.write(tx -> tx.prepare("INSERT INTO author VALUES ('a', 0), ('b', 0)")
                        .executeUpdate()))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("refused a statement: duplicate key value violates unique constraint \"later\"")
                .extracting(e -> ((StoreUnavailableException) e).outcomeUnknown())
                .isEqualTo(false);
    }

    @Test
    void aRowThatStaysLockedIsGivenUpWithAdvice() throws Exception {
        store.write(tx -> insert(tx, "a"));
        try (Store hasty = PostgresStore.open(
                        url, Durability.FULL, new PostgresStore.Waits(Duration.ofSeconds(10), Duration.ofMillis(1)));
                Connection program = DriverManager.getConnection(url)) {
            program.setAutoCommit(false);
            program.createStatement().execute("SELECT * FROM note FOR UPDATE");
            assertThatThrownBy(() -> hasty.write(tx ->
                            tx.prepare("UPDATE note SET text = text || '!'").executeUpdate()))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageEndingWith("is locked by another transaction: end it, or try again later");
        }
        assertThat(texts(store)).containsExactly("a");
    }

    @Test
    void storesThatMigrateAtOnceMakeTheTablesOnce() throws Exception {
        String empty = PostgresServer.freshDatabase();
        CyclicBarrier together = new CyclicBarrier(4);
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            all.add(threads.submit(() -> {
                try (Store one = Store.postgres(empty)) {
                    await(together);
                    one.migrate("test", StoreContract.class);
                    assertThat(texts(one)).isEmpty();
                }
            }));
        }
        for (Future<?> one : all) {
            one.get();
        }
        try (Store one = Store.postgres(empty)) {
            assertThat(one.<String>read(tx -> one(tx, "SELECT count(*) FROM note")))
                    .isEqualTo("1");
        }
    }

    @Test
    void componentsShareADatabase() {
        store.migrate("test", StoreContract.class);
        assertThatThrownBy(() -> store.migrate("other", StoreContract.class))
                .as("its scripts make the same table")
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("already exists");
        store.write(tx -> insert(tx, "a"));
        assertThat(texts(store)).containsExactly("a");
    }

    @Test
    void tablesNewerThanTheCodeAreRefused() throws Exception {
        execute("INSERT INTO test_schema_history (installed_rank, version, description, type, script, installed_by,"
                + " execution_time, success) VALUES (9, '3', 'later', 'SQL', 'V3__later.sql', 'x', 1, true)");
        assertThatThrownBy(() -> store.migrate("test", StoreContract.class))
                .isInstanceOf(UnsupportedSchemaException.class)
                .hasMessage("the database has test tables of version 3, this HART knows version 2: use a newer HART");
    }

    @Test
    void aScriptThatChangedAfterItWasAppliedIsRefused() throws Exception {
        execute("UPDATE test_schema_history SET checksum = 1 WHERE version = '1'");
        assertThatThrownBy(() -> store.migrate("test", StoreContract.class))
                .isInstanceOf(UnsupportedSchemaException.class)
                .hasMessageContaining("the test tables were made by other scripts than this HART has");
    }

    @Test
    void migrationsResumeWhereTheyStopped() throws Exception {
        execute("DROP TABLE author");
        execute("DELETE FROM test_schema_history WHERE version = '2'");
        store.migrate("test", StoreContract.class);
        assertThat(store.<Integer>write(
                        tx -> tx.prepare("INSERT INTO author VALUES ('x', 0)").executeUpdate()))
                .isEqualTo(1);
    }

    @Test
    void aCommitWaitsForTheDiskUnlessItIsRelaxed() throws Exception {
        execute("ALTER DATABASE " + url.replaceAll(".*/(\\w+)\\?.*", "$1") + " SET synchronous_commit = off");
        String select = "SELECT current_setting('synchronous_commit')";
        try (Store full = Store.postgres(url);
                Store relaxed = Store.postgres(url, Durability.RELAXED)) {
            assertThat(full.<String>write(tx -> one(tx, select))).isEqualTo("on");
            assertThat(relaxed.<String>write(tx -> one(tx, select))).isEqualTo("off");
            assertThat(full.<String>write(tx -> one(tx, "SELECT current_setting('transaction_isolation')")))
                    .isEqualTo("read committed");
            assertThat(full.<String>read(tx -> one(tx, "SELECT current_setting('transaction_isolation')")))
                    .isEqualTo("repeatable read");
        }
    }

    @Test
    void aDataSourceIsUsedAndNotClosed() throws Exception {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(url);
        try (Store given = Store.postgres(source)) {
            given.migrate("test", StoreContract.class);
            given.write(tx -> insert(tx, "a"));
            assertThat(texts(given)).containsExactly("a");
            hearsOf(given, store);
        }
        source.getConnection().close();
    }

    @Test
    void aStoreHearsOfWhatAnotherSignals() throws Exception {
        try (Store other = open()) {
            hearsOf(other, store);
            hearsOf(store, other);
        }
    }

    @Test
    void closingWaitsForTheWriteThatRuns() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch letGo = new CountDownLatch(1);
        Future<Integer> write = threads.submit(() -> store.write(tx -> {
            begun.countDown();
            try {
                letGo.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return insert(tx, "a");
        }));
        begun.await();
        Thread closer = new Thread(store::close);
        closer.start();
        while (closer.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        letGo.countDown();
        assertThat(write.get()).isEqualTo(1);
        closer.join();
        try (Store again = open()) {
            assertThat(texts(again)).containsExactly("a");
        }
    }

    @Test
    void aDatabaseThatIsMissingAndAServerThatIsMissingAreTold() {
        assertThatThrownBy(() -> Store.postgres(url.replaceAll("/\\w+\\?", "/none?")))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageEndingWith("/none does not exist: create it: database \"none\" does not exist");
        assertThatThrownBy(() -> Store.postgres("jdbc:postgresql://localhost:1/hart?user=u&password=hush"))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageStartingWith(
                        "database jdbc:postgresql://localhost:1/hart cannot be reached: start the server, or"
                                + " check host and port:")
                .hasMessageNotContaining("hush");
    }

    @Test
    void aLoginThatIsRefusedAndConnectionsThatAreUsedUpAreTold() throws Exception {
        execute("CREATE ROLE nobody_" + System.identityHashCode(this) + " NOLOGIN");
        assertThatThrownBy(() ->
                        Store.postgres(url.replace("user=postgres", "user=nobody_" + System.identityHashCode(this))))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("refuses the login: check user, password and pg_hba.conf:");
        execute("CREATE ROLE few_" + System.identityHashCode(this) + " LOGIN CONNECTION LIMIT 0");
        assertThatThrownBy(
                        () -> Store.postgres(url.replace("user=postgres", "user=few_" + System.identityHashCode(this))))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("has no connection left: raise max_connections, or open fewer stores:");
    }

    @Test
    void aUrlOfAnotherDatabaseIsRefused() {
        assertThatThrownBy(() -> Store.postgres("jdbc:mysql://localhost/hart?password=hush"))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageNotContaining("hush");
    }
}
