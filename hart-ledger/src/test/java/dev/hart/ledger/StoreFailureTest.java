package dev.hart.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.StoreUnavailableException;
import dev.hart.store.Store;
import dev.hart.store.testing.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A store that is full, locked or gone: commands are refused, nothing of them is kept, and afterwards all goes on. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StoreFailureTest {
    private static final LedgerId ID = new LedgerId("store", "fails");

    @TempDir
    Path folder;

    private static long pragma(Store store, String pragma) {
        return store.write(tx -> {
            try (ResultSet row = tx.prepare("PRAGMA " + pragma).executeQuery()) {
                return row.next() ? row.getLong(1) : -1;
            }
        });
    }

    @Test
    void aFullDiskRefusesCommandsAndKeepsNothingOfThem() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try (Store store = Store.sqlite(folder.resolve("full.db"));
                Ledgers ledgers = Ledgers.in(store).withoutBackgroundThread().open()) {
            Ledger ledger = ledgers.ledger(ID);
            ledger.add(NewTask.of("first", "Do"));
            pragma(store, "max_page_count = " + (pragma(store, "page_count") + 6));

            ConcurrentLinkedQueue<String> accepted = new ConcurrentLinkedQueue<>(List.of("first"));
            AtomicInteger refused = new AtomicInteger();
            List<Future<?>> all = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int thread = t;
                all.add(pool.submit(() -> {
                    for (int i = 0; i < 25; i++) {
                        String id = "t" + thread + "_" + i;
                        try {
                            ledger.add(NewTask.of(id, "Do").context(Map.of("text", "x".repeat(500))));
                            accepted.add(id);
                        } catch (StoreUnavailableException e) {
                            assertThat(e.code()).isEqualTo("STORE_UNAVAILABLE");
                            assertThat(e.outcomeUnknown()).isFalse();
                            refused.incrementAndGet();
                        }
                    }
                }));
            }
            for (Future<?> done : all) {
                done.get();
            }

            assertThat(refused).hasPositiveValue();
            assertThat(ledger.tasks()).extracting(Task::taskId).containsExactlyInAnyOrderElementsOf(accepted);
            assertThat(ledger.verify()).isEqualTo(new VerifyReport.Ok(accepted.size(), 0));

            pragma(store, "max_page_count = 100000");
            Lease lease = ledger.claim(ClaimRequest.by(WorkerProfile.of("w", "n", "1")))
                    .orElseThrow();
            ledger.apply(lease, TaskCommand.complete("x".repeat(20_000)));
            assertThat(ledger.verify()).isEqualTo(new VerifyReport.Ok(accepted.size() + 2, 0));
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void aFullDiskDuringAClaimLeavesTheTaskToBeClaimed() {
        try (Store store = Store.sqlite(folder.resolve("full.db"));
                Ledgers ledgers = Ledgers.in(store).withoutBackgroundThread().open()) {
            Ledger ledger = ledgers.ledger(ID);
            for (int i = 0; i < 100; i++) {
                ledger.add(NewTask.of("t" + i, "Do").context(Map.of("text", "x".repeat(300))));
            }
            pragma(store, "max_page_count = " + pragma(store, "page_count"));
            ClaimRequest request =
                    ClaimRequest.by(WorkerProfile.of("w", "n", "1")).atMost(100);
            List<Task> before = ledger.tasks();
            assertThatThrownBy(() -> ledger.claimBatch(request)).isInstanceOf(StoreUnavailableException.class);
            assertThat(ledger.tasks()).isEqualTo(before);
            pragma(store, "max_page_count = 100000");
            assertThat(ledger.claimBatch(request)).hasSize(100).allMatch(lease -> lease.token() == 1);
            assertThat(ledger.verify().isOk()).isTrue();
        }
    }

    @Test
    void aDatabaseThatAnotherProcessLocksRefusesCommandsUntilItIsFree() throws Exception {
        Path file = folder.resolve("locked.db");
        try (Store store = Store.sqlite(file);
                Ledgers ledgers = Ledgers.in(store).withoutBackgroundThread().open();
                Connection other = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            Ledger ledger = ledgers.ledger(ID);
            Lease lease = leaseOf(ledger, "t");
            Task before = ledger.require("t");
            pragma(store, "busy_timeout = 20");
            try (var statement = other.createStatement()) {
                statement.execute("BEGIN IMMEDIATE");
            }

            assertThatThrownBy(() -> ledger.apply(lease, TaskCommand.complete("done")))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("locked");
            assertThatThrownBy(() -> ledger.add(NewTask.of("u", "Do"))).isInstanceOf(StoreUnavailableException.class);
            assertThat(ledger.require("t")).as("what can be read is as it was").isEqualTo(before);

            try (var statement = other.createStatement()) {
                statement.execute("ROLLBACK");
            }
            assertThat(ledger.apply(lease, TaskCommand.complete("done")).status())
                    .isEqualTo(TaskStatus.COMPLETED);
            assertThat(ledger.tasks()).hasSize(1);
            assertThat(ledger.verify()).isEqualTo(new VerifyReport.Ok(3, 0));
        }
    }

    private static Lease leaseOf(Ledger ledger, String task) {
        ledger.add(NewTask.of(task, "Do"));
        return ledger.claim(ClaimRequest.by(WorkerProfile.of("w", "n", "1")).task(task))
                .orElseThrow();
    }

    @Test
    void whatIsDueIsDoneOnceTheDatabaseIsFreeAgain() throws Exception {
        Path file = folder.resolve("locked.db");
        java.time.Instant[] now = {java.time.Instant.parse("2026-01-01T00:00:00Z")};
        try (Store store = Store.sqlite(file);
                Ledgers ledgers = Ledgers.in(store)
                        .clock(() -> now[0])
                        .withoutBackgroundThread()
                        .open();
                Connection other = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            Ledger ledger = ledgers.ledger(ID);
            leaseOf(ledger, "t");
            leaseOf(ledger, "u");
            pragma(store, "busy_timeout = 20");
            now[0] = now[0].plusSeconds(90);
            try (var statement = other.createStatement()) {
                statement.execute("BEGIN IMMEDIATE");
            }
            assertThatThrownBy(ledger::tasks).isInstanceOf(StoreUnavailableException.class);
            try (var statement = other.createStatement()) {
                statement.execute("ROLLBACK");
            }
            assertThat(ledger.tasks())
                    .as("the leases are over")
                    .allMatch(task -> task.status() == TaskStatus.PENDING && task.retryCount() == 1);
        }
    }

    @Test
    void workersAndSubscribersOutliveAServerThatIsKilledAndStartedAgain() throws Exception {
        try (PostgresServer server = PostgresServer.start()) {
            String url = server.newDatabase();
            try (Store store = Store.postgres(url);
                    Ledgers ledgers = Ledgers.in(store).open()) {
                Ledger ledger = ledgers.create(
                        ID,
                        LedgerOptions.defaults().stripes(4).retries(Duration.ofMillis(10), Duration.ofMillis(50), 0));
                for (int i = 0; i < 60; i++) {
                    ledger.add(NewTask.of("t" + i, "Do").maxRetries(1000));
                }
                Map<Integer, Long> seen = new ConcurrentHashMap<>();
                ConcurrentLinkedQueue<String> gaps = new ConcurrentLinkedQueue<>();
                AtomicInteger completions = new AtomicInteger();
                AtomicInteger handled = new AtomicInteger();
                ClaimRequest request =
                        ClaimRequest.by(WorkerProfile.of("w", "n", "1")).leasedFor(Duration.ofSeconds(3));
                try (Subscription subscription = ledger.subscribe(EventCursor.START, event -> {
                            Long before = seen.put(event.stripe(), event.seq());
                            if (event.seq() != (before == null ? 0 : before) + 1) {
                                gaps.add(event.toString());
                            }
                            if ("completed".equals(event.payload().get("to"))) {
                                completions.incrementAndGet();
                            }
                        });
                        Worker worker = Worker.of(ledger, request, 3, job -> {
                            handled.incrementAndGet();
                            return job.lease().token();
                        })) {
                    Eventually.is("15 tasks are worked on", () -> handled.get() >= 15);
                    server.kill();
                    assertThatThrownBy(() -> ledger.add(NewTask.of("u", "Do")))
                            .isInstanceOf(StoreUnavailableException.class);
                    server.restart();
                    Eventually.is("the subscriber is told 60 completions", () -> completions.get() == 60);
                    assertThat(subscription.failure()).isEmpty();
                }
                assertThat(gaps).isEmpty();
                assertThat(ledger.task("u")).isEmpty();
                assertThat(ledger.tasks()).hasSize(60).allMatch(task -> task.status() == TaskStatus.COMPLETED);
                assertThat(ledger.verify().isOk()).isTrue();
            }
        }
    }
}
