package dev.hart.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.StoreUnavailableException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every store does, wherever its data lies. */
@Timeout(60)
abstract class StoreContract {
    Store store;

    abstract Store open();

    @BeforeEach
    void openStore() {
        store = open();
        store.migrate("test", StoreContract.class);
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    static int insert(Transaction tx, String text) throws SQLException {
        var insert = tx.prepare("INSERT INTO note (text) VALUES (?)");
        insert.setString(1, text);
        return insert.executeUpdate();
    }

    static List<String> texts(Store store) {
        return store.read(StoreContract::texts);
    }

    static List<String> texts(Transaction tx) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (ResultSet rows =
                tx.prepare("SELECT text FROM note WHERE no > 0 ORDER BY no").executeQuery()) {
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
        }
        return texts;
    }

    @Test
    void whatIsWrittenIsRead() {
        int rows = store.write(tx -> insert(tx, "a"));
        assertThat(rows).isEqualTo(1);
        assertThat(texts(store)).containsExactly("a");
    }

    @Test
    void aWorkThatThrowsLeavesNothing() {
        assertThatThrownBy(() -> store.write(tx -> {
                    insert(tx, "a");
                    throw new IllegalArgumentException("no");
                }))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no");
        assertThat(texts(store)).isEmpty();
        store.write(tx -> insert(tx, "b"));
        assertThat(texts(store)).containsExactly("b");
    }

    @Test
    void aRefusedStatementNamesTheDatabaseAndTheReason() {
        store.write(tx -> insert(tx, "a"));
        assertThatThrownBy(() -> store.write(tx -> insert(tx, "a")))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("database")
                .hasMessageMatching("(?is).*unique.*")
                .hasRootCauseInstanceOf(SQLException.class);
    }

    @Test
    void aForeignKeyIsEnforced() {
        assertThatThrownBy(() -> store.write(tx -> tx.prepare("INSERT INTO author (name, note) VALUES ('x', 99)")
                        .executeUpdate()))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageMatching("(?is).*foreign key.*");
    }

    @Test
    void aReadCannotWrite() {
        assertThatThrownBy(() -> store.read(tx -> insert(tx, "a"))).isInstanceOf(StoreUnavailableException.class);
        store.write(tx -> insert(tx, "b"));
        assertThat(texts(store)).containsExactly("b");
    }

    @Test
    void aBatchThatItsWorkLeftBehindIsNotExecutedByTheNextOne() {
        assertThatThrownBy(() -> store.write(tx -> {
                    var insert = tx.prepare("INSERT INTO note (text) VALUES (?)");
                    insert.setString(1, "left behind");
                    insert.addBatch();
                    throw new IllegalStateException();
                }))
                .isInstanceOf(IllegalStateException.class);
        store.write(tx -> {
            var insert = tx.prepare("INSERT INTO note (text) VALUES (?)");
            insert.setString(1, "a");
            insert.addBatch();
            return insert.executeBatch();
        });
        assertThat(texts(store)).containsExactly("a");
    }

    @Test
    void aWriteOrReadInsideAWorkIsRefused() {
        assertThatThrownBy(() -> store.write(tx -> store.write(inner -> insert(inner, "a"))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("already in a transaction");
        assertThatThrownBy(() -> store.write(tx -> texts(store))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> store.read(tx -> store.write(inner -> insert(inner, "a"))))
                .isInstanceOf(IllegalStateException.class);
        assertThat(texts(store)).isEmpty();
    }

    @Test
    void aTransactionIsWorthlessAfterItsWork() {
        Transaction[] kept = new Transaction[1];
        store.write(tx -> kept[0] = tx);
        assertThatThrownBy(() -> kept[0].prepare("SELECT 1"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("over");
    }

    @Test
    void anActionAfterTheCommitRunsOnlyIfThereWasOne() {
        List<String> ran = new ArrayList<>();
        store.write(tx -> {
            tx.afterCommit(() -> ran.add("after " + ran.size()));
            tx.afterCommit(() -> {
                throw new IllegalStateException("logged");
            });
            tx.afterCommit(() -> ran.add("after " + ran.size()));
            ran.clear();
            return insert(tx, "a");
        });
        assertThat(ran).containsExactly("after 0", "after 1");
        assertThatThrownBy(() -> store.write(tx -> {
                    tx.afterCommit(() -> ran.add("never"));
                    throw new IllegalStateException();
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(ran).doesNotContain("never");
    }

    @Test
    void sixteenThreadsLoseNothing() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(16);
        List<Future<?>> all = new ArrayList<>();
        for (int t = 0; t < 16; t++) {
            int thread = t;
            all.add(threads.submit(() -> {
                for (int i = 0; i < 50; i++) {
                    String text = thread + "/" + i;
                    store.write(tx -> insert(tx, text));
                }
            }));
        }
        for (Future<?> one : all) {
            one.get();
        }
        threads.shutdown();
        assertThat(texts(store)).hasSize(800).doesNotHaveDuplicates();
    }

    @Test
    void aWorkBeforeTheCommitIsPartOfIt() {
        long before = store.commits();
        store.write(tx -> {
            tx.beforeCommit(last -> insert(last, "second"));
            tx.beforeCommit(last -> insert(last, "third"));
            return insert(tx, "first");
        });
        assertThat(texts(store)).containsExactly("first", "second", "third");
        assertThat(store.commits() - before).isEqualTo(1);
    }

    @Test
    void aWorkBeforeTheCommitThatFailsFailsTheWrite() {
        List<String> ran = new ArrayList<>();
        assertThatThrownBy(() -> store.write(tx -> {
                    tx.afterCommit(() -> ran.add("after"));
                    tx.beforeCommit(last -> {
                        throw new IllegalArgumentException("no");
                    });
                    return insert(tx, "a");
                }))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no");
        assertThatThrownBy(() -> store.write(tx -> {
                    tx.beforeCommit(last ->
                            last.prepare("INSERT INTO no_such_table VALUES (1)").executeUpdate());
                    return insert(tx, "a");
                }))
                .isInstanceOf(StoreUnavailableException.class);
        assertThat(texts(store)).isEmpty();
        assertThat(ran).isEmpty();
    }

    @Test
    void aWorkThatFailsTakesItsWorkBeforeTheCommitWithIt() {
        List<String> ran = new ArrayList<>();
        assertThatThrownBy(() -> store.write(tx -> {
                    tx.beforeCommit(last -> ran.add("before"));
                    throw new IllegalStateException();
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(ran).isEmpty();
    }

    @Test
    void whatIsSharedLastsForOneCommit() {
        List<StringBuilder> seen = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            store.write(tx -> {
                tx.beforeCommit(last -> seen.add(last.shared(StringBuilder.class, StringBuilder::new)));
                seen.add(tx.shared(StringBuilder.class, StringBuilder::new));
                return seen.add(tx.shared(StringBuilder.class, StringBuilder::new));
            });
        }
        assertThat(seen).hasSize(6);
        assertThat(seen.get(0)).isSameAs(seen.get(1)).isSameAs(seen.get(2)).isNotSameAs(seen.get(3));
        assertThat(seen.get(3)).isSameAs(seen.get(4)).isSameAs(seen.get(5));
    }

    @Test
    void whatIsUndoneIsUndoneFromTheLastToTheFirst() {
        List<String> undone = new ArrayList<>();
        store.write(tx -> {
            tx.onUndo(() -> undone.add("never"));
            return null;
        });
        assertThatThrownBy(() -> store.write(tx -> {
                    tx.onUndo(() -> undone.add("first"));
                    tx.onUndo(() -> undone.add("second"));
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");
        assertThat(undone).containsExactly("second", "first");
    }

    @Test
    void aReadSharesWithItselfAndHasNoCommit() {
        assertThat(store.<Boolean>read(tx -> {
                    Object first = tx.shared(Object.class, Object::new);
                    return first == tx.shared(Object.class, Object::new);
                }))
                .isTrue();
        assertThatThrownBy(() -> store.<Object>read(tx -> {
                    tx.beforeCommit(last -> null);
                    return "";
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a read has no commit and nothing to undo: use Store.write");
        assertThatThrownBy(() -> store.<Object>read(tx -> {
                    tx.onUndo(() -> {});
                    return "";
                }))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aTransactionSpeaksTheStoresDialect() {
        assertThat(store.<Dialect>read(Transaction::dialect)).isEqualTo(store.dialect());
        assertThat(store.<Dialect>write(Transaction::dialect)).isEqualTo(store.dialect());
    }

    @Test
    void aComponentHasALowerCaseName() {
        assertThatThrownBy(() -> store.migrate("Test; DROP TABLE note", StoreContract.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("lower-case letters")
                .hasMessageContaining("'Test; DROP TABLE note'");
        assertThatThrownBy(() -> store.migrate("a".repeat(41), StoreContract.class))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aClosedStoreIsClosed() {
        store.close();
        assertThat(store.isOpen()).isFalse();
        assertThatThrownBy(() -> store.write(tx -> insert(tx, "late")))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageEndingWith("is closed: open it again");
        assertThatThrownBy(() -> texts(store)).isInstanceOf(StoreUnavailableException.class);
        assertThatThrownBy(() -> store.listen("a", () -> {})).isInstanceOf(StoreUnavailableException.class);
        store.signal("a");
        store.close();
    }

    @Test
    void aSignalCallsTheListenersOfItsChannelWhateverOneThrows() throws Exception {
        CountDownLatch called = new CountDownLatch(2);
        Subscription failing = store.listen("a", () -> {
            called.countDown();
            throw new IllegalStateException("logged");
        });
        Subscription other = store.listen("a", called::countDown);
        store.write(tx -> {
            tx.afterCommit(() -> store.signal("a"));
            return insert(tx, "a");
        });
        assertThat(called.await(20, TimeUnit.SECONDS)).isTrue();
        failing.close();
        other.close();
        other.close();
    }

    @Test
    void listenersRunOnOneThread() throws Exception {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        CountDownLatch called = new CountDownLatch(3);
        for (String channel : List.of("a", "b", "c")) {
            store.listen(channel, () -> {
                threads.add(Thread.currentThread());
                called.countDown();
            });
            store.signal(channel);
        }
        assertThat(called.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(threads).hasSize(1).doesNotContain(Thread.currentThread());
    }

    @Test
    void aChannelIsAnIdentifier() {
        store.signal("aZ0._:~-");
        store.signal("x".repeat(255));
        for (String wrong : List.of("", "*", "a b", "a\n", "x".repeat(256))) {
            assertThatThrownBy(() -> store.signal(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("a channel is 1 to 255 letters, digits and . _ : ~ - but was '" + wrong + "'");
            assertThatThrownBy(() -> store.listen(wrong, () -> {})).isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** Has {@code listening} hear of what {@code telling} changes, as if they were two processes. */
    static void hearsOf(Store listening, Store telling) throws Exception {
        Semaphore calls = new Semaphore(0);
        Subscription heard = listening.listen("news", calls::release);
        assertThat(calls.tryAcquire(20, TimeUnit.SECONDS))
                .as("of what was before")
                .isTrue();
        calls.drainPermits();
        telling.write(tx -> {
            tx.afterCommit(() -> telling.signal("news"));
            return insert(tx, "told by " + System.identityHashCode(telling));
        });
        assertThat(calls.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
        heard.close();
    }

    @Test
    void anInterruptedWriterWritesAndStaysInterrupted() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        Future<Boolean> interrupted = threads.submit(() -> {
            Thread.currentThread().interrupt();
            store.write(tx -> insert(tx, "a"));
            return Thread.interrupted();
        });
        assertThat(interrupted.get()).isTrue();
        threads.shutdown();
        assertThat(texts(store)).containsExactly("a");
    }

    @Test
    void theStatementCacheIsBounded() {
        for (int i = 0; i < 600; i++) {
            int n = i;
            int got = store.write(tx -> {
                try (ResultSet row = tx.prepare("SELECT " + n).executeQuery()) {
                    row.next();
                    return row.getInt(1);
                }
            });
            assertThat(got).isEqualTo(n);
        }
    }
}
