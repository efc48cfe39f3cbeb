package dev.hart.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.HartException;
import dev.hart.error.StoreUnavailableException;
import dev.hart.error.UnsupportedSchemaException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteStoreTest extends SqliteContract {
    @TempDir
    Path folder;

    @Override
    Store open() {
        return Store.sqlite(folder.resolve("made/on/demand/hart.db"));
    }

    private static String pragma(Transaction tx, String name) throws java.sql.SQLException {
        try (ResultSet row = tx.prepare("PRAGMA " + name).executeQuery()) {
            row.next();
            return row.getString(1);
        }
    }

    @Test
    void aFileIsWrittenAheadAndSyncedAsAskedFor() {
        try (Store full = Store.sqlite(folder.resolve("full.db"));
                Store relaxed = Store.sqlite(folder.resolve("relaxed.db"), Durability.RELAXED)) {
            assertThat(full.<String>write(tx -> pragma(tx, "journal_mode"))).isEqualTo("wal");
            assertThat(full.<String>write(tx -> pragma(tx, "synchronous"))).isEqualTo("2");
            assertThat(full.<String>write(tx -> pragma(tx, "busy_timeout"))).isEqualTo("5000");
            assertThat(full.<String>write(tx -> pragma(tx, "cache_size"))).isEqualTo("-65536");
            assertThat(full.<String>write(tx -> pragma(tx, "wal_autocheckpoint")))
                    .isEqualTo("1000");
            assertThat(relaxed.<String>write(tx -> pragma(tx, "synchronous"))).isEqualTo("1");
        }
    }

    @Test
    void aReopenedFileHasWhatWasWritten() {
        Path file = folder.resolve("a.db");
        try (Store store = Store.sqlite(file)) {
            store.migrate("test", StoreContract.class);
            store.write(tx -> insert(tx, "a"));
        }
        try (Store store = Store.sqlite(file)) {
            store.migrate("test", StoreContract.class);
            assertThat(texts(store)).containsExactly("a");
        }
    }

    @Test
    void aReadSeesOneStateAndWaitsForNoWriter() {
        Path file = folder.resolve("a.db");
        try (Store store = Store.sqlite(file);
                Store other = Store.sqlite(file)) {
            store.migrate("test", StoreContract.class);
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
    void twoStoresOnOneFileTakeTurns() throws Exception {
        Path file = folder.resolve("shared.db");
        try (Store one = Store.sqlite(file);
                Store other = Store.sqlite(file)) {
            one.migrate("test", StoreContract.class);
            other.migrate("test", StoreContract.class);
            ExecutorService threads = Executors.newFixedThreadPool(8);
            List<Future<?>> all = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                int thread = t;
                all.add(threads.submit(() -> {
                    for (int i = 0; i < 20; i++) {
                        String text = thread + "/" + i;
                        (thread % 2 == 0 ? one : other).write(tx -> insert(tx, text));
                    }
                }));
            }
            for (Future<?> done : all) {
                done.get();
            }
            threads.shutdown();
            assertThat(texts(one)).hasSize(160).doesNotHaveDuplicates();
            assertThat(texts(other)).hasSize(160);
        }
    }

    @Test
    void aFileThatStaysLockedIsGivenUpWithAdvice() {
        Path file = folder.resolve("locked.db");
        try (Store holder = Store.sqlite(file);
                Store other = SqliteStore.open(file, Durability.FULL, Duration.ofMillis(1))) {
            holder.migrate("test", StoreContract.class);
            holder.write(tx -> {
                assertThatThrownBy(() -> other.write(blocked -> insert(blocked, "b")))
                        .isInstanceOf(StoreUnavailableException.class)
                        .hasMessage("database " + file + " is locked by another process: end it, or try again later");
                return insert(tx, "a");
            });
            assertThat(other.commits()).isZero();
            assertThat(texts(other)).containsExactly("a");
        }
    }

    @Test
    void aFileThatIsNoDatabaseIsLeftAsItIs() throws Exception {
        Path file = folder.resolve("notes.txt");
        Files.writeString(file, "These are my notes, and they are longer than the head of a database.\n".repeat(20));
        assertThatThrownBy(() -> Store.sqlite(file))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("is not a database: choose another file");
        assertThat(Files.readString(file)).startsWith("These are my notes");
    }

    @Test
    void aFolderIsNoDatabase() {
        assertThatThrownBy(() -> Store.sqlite(folder))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("cannot be opened: check that it is a file");
    }

    @Test
    void tablesNewerThanTheCodeAreRefused() {
        Path file = folder.resolve("a.db");
        try (Store store = Store.sqlite(file)) {
            store.migrate("test", StoreContract.class);
            store.write(tx -> tx.prepare("INSERT INTO schema_migration VALUES ('test', 3, 'V3__later.sql', 'x')")
                    .executeUpdate());
            assertThatThrownBy(() -> store.migrate("test", StoreContract.class))
                    .isInstanceOf(UnsupportedSchemaException.class)
                    .hasMessage(
                            "the database has test tables of version 3, this HART knows version 2: use a newer HART");
        }
    }

    @Test
    void aScriptThatChangedAfterItWasAppliedIsRefused() {
        try (Store store = Store.sqlite(folder.resolve("a.db"))) {
            store.migrate("test", StoreContract.class);
            store.write(tx -> tx.prepare("UPDATE schema_migration SET checksum = 'other' WHERE version = 1")
                    .executeUpdate());
            assertThatThrownBy(() -> store.migrate("test", StoreContract.class))
                    .isInstanceOf(UnsupportedSchemaException.class)
                    .hasMessageContaining("V1__first.sql");
        }
    }

    @Test
    void migrationsResumeWhereTheyStopped() {
        try (Store store = Store.sqlite(folder.resolve("a.db"))) {
            store.migrate("test", StoreContract.class);
            store.write(tx -> tx.prepare("DROP TABLE author").executeUpdate());
            store.write(tx ->
                    tx.prepare("DELETE FROM schema_migration WHERE version = 2").executeUpdate());
            store.migrate("test", StoreContract.class);
            assertThat(store.<Integer>write(tx ->
                            tx.prepare("INSERT INTO author VALUES ('x', 0)").executeUpdate()))
                    .isEqualTo(1);
        }
    }

    @Test
    void aStoreHearsWithinASecondOfWhatAnotherCommitted() throws Exception {
        Path file = folder.resolve("shared.db");
        try (Store one = Store.sqlite(file);
                Store other = Store.sqlite(file)) {
            one.migrate("test", StoreContract.class);
            hearsOf(other, one);
        }
    }

    @Test
    void aFileLockedByAnotherProgramIsGivenUpAndNothingIsWritten() throws Exception {
        Path file = folder.resolve("locked.db");
        try (Store locked = SqliteStore.open(file, Durability.FULL, Duration.ofMillis(1));
                Connection program = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            locked.migrate("test", StoreContract.class);
            program.createStatement().execute("BEGIN IMMEDIATE");
            assertThatThrownBy(() -> locked.write(tx -> insert(tx, "a")))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("is locked by another process")
                    .extracting(e -> ((HartException) e).code())
                    .isEqualTo("STORE_UNAVAILABLE");
            program.createStatement().execute("COMMIT");
            assertThat(texts(locked)).isEmpty();
            locked.write(tx -> insert(tx, "b"));
            assertThat(texts(locked)).containsExactly("b");
        }
    }

    @Test
    void aDiskThatIsFullTakesNothingOfACommitAndWritesAgainOnceThereIsRoom() throws Exception {
        Path file = folder.resolve("full.db");
        try (Store full = Store.sqlite(file)) {
            full.migrate("test", StoreContract.class);
            maxPages(full, 12);
            assertThatThrownBy(() -> full.write(tx -> {
                        insert(tx, "small");
                        return insert(tx, "x".repeat(200_000));
                    }))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessage("database " + file
                            + " could not be written because the disk is full: free some space and try again");
            assertThat(texts(full)).isEmpty();
            maxPages(full, 1_000);
            full.write(tx -> insert(tx, "x".repeat(200_000)));
            assertThat(texts(full)).hasSize(1);
        }
    }

    private static void maxPages(Store store, int pages) {
        store.write(tx -> pragma(tx, "max_page_count = " + pages));
    }
}
