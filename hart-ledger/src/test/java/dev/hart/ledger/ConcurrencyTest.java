package dev.hart.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.error.HartException;
import dev.hart.store.Store;
import dev.hart.store.testing.PostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many workers at once: no task is completed twice, tokens grow, and every accepted answer is in the history. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConcurrencyTest {
    private static final LedgerId ID = new LedgerId("many", "workers");
    private static final int GROUPS = 20;
    private static final int CHILDREN = 6;
    private static final int TASKS = GROUPS * (CHILDREN + 2);

    private final long seed = Long.getLong("hart.concurrency.seed", System.nanoTime());
    /** Tasks whose completion was accepted, with the token it was accepted under. */
    private final Map<String, Long> completed = new ConcurrentHashMap<>();

    private final ConcurrentLinkedQueue<String> completedTwice = new ConcurrentLinkedQueue<>();
    private final AtomicInteger refused = new AtomicInteger();

    private static LedgerOptions options(int stripes) {
        return LedgerOptions.defaults()
                .stripes(stripes)
                .retries(Duration.ofMillis(1), Duration.ofMillis(4), 0)
                .leaseTime(Duration.ofSeconds(60));
    }

    /** Groups of children with an end that waits for the group; as many of one stripe as of others. */
    private static void plan(Ledger ledger) {
        for (int group = 0; group < GROUPS; group++) {
            String container = "g" + group;
            List<NewTask> tasks = new ArrayList<>();
            tasks.add(NewTask.of(container, "Group").asAutoCompleting());
            for (int child = 0; child < CHILDREN; child++) {
                NewTask task = NewTask.of(container + "_" + child, "Child")
                        .childOf(container)
                        .maxRetries(1000)
                        .priority(group);
                tasks.add(child % 3 == 2 ? task.after(container + "_" + (child - 1)) : task);
            }
            tasks.add(NewTask.of(container + "_end", "End").after(container).maxRetries(1000));
            ledger.addAll(tasks.toArray(NewTask[]::new));
        }
    }

    private void work(Ledger ledger, String name, long randomSeed) {
        SplittableRandom random = new SplittableRandom(randomSeed);
        WorkerProfile worker = WorkerProfile.of(name, "node", "1");
        List<Lease> old = new ArrayList<>();
        while (completed.size() < TASKS - GROUPS) {
            for (Lease lease : ledger.claimBatch(ClaimRequest.by(worker).atMost(1 + random.nextInt(3)))) {
                report(ledger, lease, random.nextInt(10));
                old.add(lease);
            }
            if (!old.isEmpty() && random.nextInt(4) == 0) {
                late(ledger, old.get(random.nextInt(old.size())));
            }
        }
    }

    private void report(Ledger ledger, Lease lease, int dice) {
        if (dice < 6) {
            Task task = ledger.apply(lease, TaskCommand.complete(Map.of("lease", lease.token())));
            assertThat(task.status()).isEqualTo(TaskStatus.COMPLETED);
            if (completed.put(task.taskId(), lease.token()) != null) {
                completedTwice.add(task.taskId());
            }
        } else if (dice < 8) {
            ledger.apply(lease, TaskCommand.failAttempt("again"));
        } else {
            ledger.apply(lease, new TaskCommand.Release("not now"));
        }
    }

    /** A worker that reports once more is told that its lease is over. */
    private void late(Ledger ledger, Lease lease) {
        try {
            ledger.apply(lease, TaskCommand.complete("late"));
            completedTwice.add(lease.taskId() + " under an old lease");
        } catch (HartException e) {
            assertThat(e.code()).isEqualTo("STALE_LEASE");
            refused.incrementAndGet();
        }
    }

    private void run(int threads, int stripes, Supplier<Store> stores) throws Exception {
        System.out.println("ConcurrencyTest: seed " + seed);
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try (Store one = stores.get();
                Store other = stores.get();
                Ledgers first = Ledgers.in(one).actor("first").open();
                Ledgers second = Ledgers.in(other).actor("second").open()) {
            Ledger[] ledgers = {first.create(ID, options(stripes)), second.ledger(ID)};
            plan(ledgers[0]);
            List<Future<?>> all = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int number = t;
                all.add(pool.submit(() -> work(ledgers[number % 2], "w" + number, seed + number)));
            }
            for (Future<?> done : all) {
                done.get();
            }
            check(ledgers[1], stripes);
        } finally {
            pool.shutdownNow();
        }
    }

    private void check(Ledger ledger, int stripes) {
        assertThat(completedTwice).isEmpty();
        assertThat(ledger.tasks())
                .hasSize(TASKS)
                .allSatisfy(task -> assertThat(task.status()).isEqualTo(TaskStatus.COMPLETED));
        Map<String, Integer> completions = new HashMap<>();
        Map<String, Long> tokens = new TreeMap<>();
        for (int stripe = 0; stripe < stripes; stripe++) {
            long after = 0;
            for (List<LedgerEvent> page = ledger.events(stripe, after, 1000);
                    !page.isEmpty();
                    page = ledger.events(stripe, after, 1000)) {
                for (LedgerEvent event : page) {
                    after = event.seq();
                    if ("completed".equals(event.payload().get("to"))) {
                        completions.merge(event.taskId(), 1, Integer::sum);
                    } else if (event.type().equals("TASK_CLAIMED")) {
                        long token = (Long) event.payload().get("lease");
                        Long before = tokens.put(event.taskId(), token);
                        assertThat(token).isEqualTo(before == null ? 1 : before + 1);
                    }
                }
            }
        }
        assertThat(completions)
                .hasSize(TASKS)
                .allSatisfy((task, times) -> assertThat(times).as(task).isOne());
        completed.forEach((task, token) -> assertThat(ledger.require(task).result())
                .as("what was accepted is what is there")
                .isEqualTo(Map.of("lease", token)));
        assertThat(completed).allSatisfy((task, token) -> assertThat(tokens).containsEntry(task, token));
        assertThat(ledger.verify()).isInstanceOf(VerifyReport.Ok.class);
        assertThat(refused).hasPositiveValue();
    }

    @Test
    void threadsOfTwoStoresShareAnSqliteFile(@TempDir Path folder) throws Exception {
        run(6, 1, () -> Store.sqlite(folder.resolve("shared.db")));
    }

    @Test
    void threadsOfTwoStoresShareAPostgresDatabaseWithOneStripe() throws Exception {
        String url = PostgresServer.freshDatabase();
        run(8, 1, () -> Store.postgres(url));
    }

    @Test
    void sixteenThreadsShareSixteenStripesOnPostgres() throws Exception {
        String url = PostgresServer.freshDatabase();
        run(16, 16, () -> Store.postgres(url));
    }

    /** The same request at the same time, as by a caller whose answer was lost. */
    private static void once(Supplier<Store> stores) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(8);
        AtomicLong amounts = new AtomicLong();
        try (Store one = stores.get();
                Store other = stores.get();
                Ledgers first = Ledgers.in(one).open();
                Ledgers second = Ledgers.in(other).open()) {
            Ledger[] ledgers = {first.ledger(ID), second.ledger(ID)};
            List<Future<?>> all = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                Ledger ledger = ledgers[t % 2];
                all.add(pool.submit(() -> {
                    ledger.write(l -> l.add(NewTask.of("t", "Do"), CommandOptions.idempotent("add")));
                    for (int i = 0; i < 10; i++) {
                        CommandOptions key = CommandOptions.idempotent("spend" + i);
                        ledger.apply("t", new TaskCommand.RecordSpend(new dev.hart.Spark(1)), key);
                        amounts.incrementAndGet();
                    }
                }));
            }
            for (Future<?> done : all) {
                done.get();
            }
            assertThat(amounts).hasValue(80);
            assertThat(ledgers[0].require("t").sparkSpent().micro()).isEqualTo(10);
            assertThat(ledgers[0].verify()).isEqualTo(new VerifyReport.Ok(11, 0));
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void aRequestThatComesTwiceAtOnceIsDoneOnceOnSqlite(@TempDir Path folder) throws Exception {
        once(() -> Store.sqlite(folder.resolve("shared.db")));
    }

    @Test
    void aRequestThatComesTwiceAtOnceIsDoneOnceOnPostgres() throws Exception {
        String url = PostgresServer.freshDatabase();
        once(() -> Store.postgres(url));
    }

    @Test
    void aLedgerThatIsMadeTwiceAtOnceHasOneSetOfOptions() throws Exception {
        String url = PostgresServer.freshDatabase();
        ExecutorService pool = Executors.newFixedThreadPool(2);
        try (Store one = Store.postgres(url);
                Store other = Store.postgres(url);
                Ledgers first = Ledgers.in(one).open();
                Ledgers second = Ledgers.in(other).open()) {
            for (int round = 0; round < 10; round++) {
                LedgerId id = new LedgerId("round", String.valueOf(round));
                // One makes it with the default of 16 stripes by its first event, the other with 3.
                Future<?> byEvent = pool.submit(() -> first.ledger(id).add(NewTask.of("a", "Do")));
                Future<String> byName = pool.submit(() -> {
                    try {
                        second.create(id, options(3));
                        return "made";
                    } catch (HartException e) {
                        return e.code();
                    }
                });
                byEvent.get();
                assertThat(byName.get()).isIn("made", "LEDGER_EXISTS");
                second.ledger(id).addAll(NewTask.of("b", "Do").after("a"), NewTask.of("c", "Do"));
                assertThat(first.ledger(id).verify()).isEqualTo(new VerifyReport.Ok(3, 0));
            }
        } finally {
            pool.shutdownNow();
        }
    }
}
