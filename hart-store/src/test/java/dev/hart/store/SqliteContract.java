package dev.hart.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.HartException;
import dev.hart.error.StoreUnavailableException;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What an SQLite store does besides, in a file and in memory: writes that wait share a commit. */
abstract class SqliteContract extends StoreContract {
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
    void manyThreadsCommitLessOftenThanTheyWrite() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(16);
        long before = store.commits();
        List<Future<?>> all = new ArrayList<>();
        for (int t = 0; t < 16; t++) {
            int thread = t;
            all.add(threads.submit(() -> {
                for (int i = 0; i < 50; i++) {
                    String text = thread + "/" + i;
                    store.write(tx -> {
                        LockSupport.parkNanos(100_000); // others come meanwhile, as they do while a disk works
                        return insert(tx, text);
                    });
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

    /** Texts to be written together at the end of a commit. */
    private static final class Lines {
        private final List<String> texts = new ArrayList<>();

        static void add(Transaction tx, String text) {
            Lines lines = tx.shared(Lines.class, () -> {
                Lines made = new Lines();
                tx.beforeCommit(last -> insert(last, String.join("+", made.texts)));
                return made;
            });
            lines.texts.add(text);
            tx.onUndo(() -> lines.texts.remove(text));
        }
    }

    private static Work<Integer> line(String text) {
        return tx -> {
            Lines.add(tx, text);
            return 1;
        };
    }

    private static Work<Integer> failing(Work<Integer> work) {
        return tx -> {
            work.in(tx);
            throw new IllegalArgumentException("no");
        };
    }

    /** Several works in one commit, in this order, on one thread. */
    private List<Future<Integer>> inOneCommit(List<Work<Integer>> works) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(works.size() + 1);
        try {
            long before = store.commits();
            List<Work<Integer>> inOrder = new ArrayList<>();
            AtomicInteger next = new AtomicInteger();
            for (int i = 0; i < works.size(); i++) {
                // the order in which threads queue is chance, so each takes the work whose turn it is
                inOrder.add(tx -> works.get(next.getAndIncrement()).in(tx));
            }
            List<Future<Integer>> outcomes = together(inOrder, threads);
            failed(outcomes); // which waits for all
            assertThat(store.commits() - before).isLessThanOrEqualTo(2);
            return outcomes;
        } finally {
            threads.shutdown();
        }
    }

    private static long failed(List<Future<Integer>> outcomes) {
        return outcomes.stream()
                .filter(outcome -> {
                    try {
                        outcome.get();
                        return false;
                    } catch (ExecutionException e) {
                        return true;
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .count();
    }

    @Test
    void worksOfOneCommitShareAnObjectThatIsWrittenOnce() throws Exception {
        List<Future<Integer>> outcomes = inOneCommit(List.of(line("a"), line("b"), line("c")));
        assertThat(failed(outcomes)).isZero();
        assertThat(texts(store)).containsExactly("a+b+c");
    }

    @Test
    void aWorkThatFailsPutsBackWhatItChangedInASharedObject() throws Exception {
        List<Future<Integer>> outcomes = inOneCommit(List.of(line("a"), failing(line("b")), line("c")));
        assertThat(failed(outcomes)).isEqualTo(1);
        assertThat(texts(store)).containsExactly("a+c");
    }

    @Test
    void anObjectMadeByAWorkThatFailsIsForgottenWithWhatItWantedBeforeTheCommit() throws Exception {
        List<Future<Integer>> outcomes = inOneCommit(List.of(failing(line("a")), line("b"), line("c")));
        assertThat(failed(outcomes)).isEqualTo(1);
        assertThat(texts(store)).containsExactly("b+c");
    }

    @Test
    void aWorkBeforeTheCommitThatFailsFailsEveryWorkOfIt() throws Exception {
        Work<Integer> spoiling = tx -> {
            tx.beforeCommit(last -> {
                insert(last, "x");
                throw new IllegalArgumentException("spoilt");
            });
            return insert(tx, "b");
        };
        List<Future<Integer>> outcomes = inOneCommit(List.of(tx -> insert(tx, "a"), spoiling, tx -> insert(tx, "c")));
        for (Future<Integer> outcome : outcomes) {
            assertThatThrownBy(outcome::get).hasRootCauseMessage("spoilt");
        }
        assertThat(texts(store)).isEmpty();
    }

    @Test
    void aWorkThatCannotBeUndoneFailsEveryWorkOfItsCommit() throws Exception {
        Work<Integer> stuck = tx -> {
            tx.onUndo(() -> {
                throw new IllegalStateException("stuck");
            });
            throw new IllegalArgumentException("no");
        };
        List<Future<Integer>> outcomes = inOneCommit(List.of(tx -> insert(tx, "a"), stuck, tx -> insert(tx, "c")));
        assertThat(failed(outcomes)).isEqualTo(3);
        assertThat(texts(store)).isEmpty();
        store.write(tx -> insert(tx, "next"));
        assertThat(texts(store)).containsExactly("next");
    }
}
