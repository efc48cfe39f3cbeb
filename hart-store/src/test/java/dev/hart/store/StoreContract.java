package dev.hart.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.HartException;
import dev.hart.error.StoreUnavailableException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every store does, wherever its data lies. */
@Timeout(60)
abstract class StoreContract {
    private Store store;

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
                .hasMessageContaining("UNIQUE")
                .hasRootCauseInstanceOf(SQLException.class);
    }

    @Test
    void aForeignKeyIsEnforced() {
        assertThatThrownBy(() -> store.write(tx -> tx.prepare("INSERT INTO author (name, note) VALUES ('x', 99)")
                        .executeUpdate()))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("FOREIGN KEY");
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

    /** Holds the writer, lets {@code jobs} queue up behind it, then lets go; gives their outcomes. */
    private List<Future<Integer>> together(List<Work<Integer>> jobs, ExecutorService threads) throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch letGo = new CountDownLatch(1);
        Future<Integer> holder = threads.submit(() -> store.write(tx -> {
            held.countDown();
            awaitUninterruptibly(letGo);
            return 0;
        }));
        held.await();
        List<Thread> waiting = new ArrayList<>();
        List<Future<Integer>> outcomes = new ArrayList<>();
        CountDownLatch begun = new CountDownLatch(jobs.size());
        for (Work<Integer> job : jobs) {
            outcomes.add(threads.submit(() -> {
                synchronized (waiting) {
                    waiting.add(Thread.currentThread());
                }
                begun.countDown();
                return store.write(job);
            }));
        }
        begun.await();
        for (Thread thread : waiting) {
            while (thread.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
        }
        letGo.countDown();
        holder.get();
        return outcomes;
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void writesThatQueueShareOneCommitAndARefusedOneSpoilsNoOther() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(17);
        List<Work<Integer>> jobs = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            String text = "job " + i;
            boolean refused = i % 4 == 3;
            jobs.add(tx -> {
                int rows = insert(tx, text);
                if (refused) {
                    throw new IllegalArgumentException(text);
                }
                return rows;
            });
        }
        long before = store.commits();
        List<Future<Integer>> outcomes = together(jobs, threads);
        for (int i = 0; i < 16; i++) {
            Future<Integer> outcome = outcomes.get(i);
            if (i % 4 == 3) {
                assertThatThrownBy(outcome::get).hasRootCauseMessage("job " + i);
            } else {
                assertThat(outcome.get()).isEqualTo(1);
            }
        }
        threads.shutdown();
        assertThat(texts(store))
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 16)
                        .filter(i -> i % 4 != 3)
                        .mapToObj(i -> "job " + i)
                        .toList());
        assertThat(store.commits() - before)
                .as("the holder's, and one for all who waited")
                .isEqualTo(2);
    }

    @Test
    void sixteenThreadsLoseNothingAndCommitLessOftenThanTheyWrite() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(16);
        long before = store.commits();
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
        assertThat(store.commits() - before).isLessThan(800);
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
    void closingFinishesTheWritersThatWait() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(9);
        List<String> done = new ArrayList<>(); // written by one committing thread at a time
        List<Work<Integer>> jobs = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String text = "job " + i;
            jobs.add(tx -> {
                tx.afterCommit(() -> done.add(text));
                return insert(tx, text);
            });
        }
        List<Future<Integer>> outcomes = together(jobs, threads);
        store.close();
        for (Future<Integer> outcome : outcomes) {
            assertThat(outcome.get()).isEqualTo(1);
        }
        threads.shutdown();
        assertThat(done).hasSize(8);
        assertThat(store.isOpen()).isFalse();
        assertThatThrownBy(() -> store.write(tx -> insert(tx, "late")))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageEndingWith("is closed: open it again");
        assertThatThrownBy(() -> texts(store)).isInstanceOf(StoreUnavailableException.class);
        store.close();
    }

    @Test
    void aFullDiskFailsTheWriteAndKeepsWhatWasThere() {
        store.write(tx -> insert(tx, "a"));
        store.write(tx -> {
            try (ResultSet pages = tx.prepare("PRAGMA max_page_count = 12").executeQuery()) {
                return pages.next();
            }
        });
        assertThatThrownBy(() -> store.write(tx -> insert(tx, "x".repeat(200_000))))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("the disk is full: free some space")
                .extracting(e -> ((HartException) e).code())
                .isEqualTo("STORE_UNAVAILABLE");
        store.write(tx -> insert(tx, "b"));
        assertThat(texts(store)).containsExactly("a", "b");
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
