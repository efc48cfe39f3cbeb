package dev.hart.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What time alone demands, on both sides of each limit. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TimekeeperTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private volatile Instant now = START;
    private final Store store = Store.inMemory();
    private final Ledgers ledgers =
            Ledgers.in(store).clock(() -> now).withoutBackgroundThread().open();
    private final Ledger ledger = ledgers.ledger(LedgerId.run("time"));

    @AfterEach
    void theLedgerIsWhole() {
        assertThat(ledger.verify()).isInstanceOf(VerifyReport.Ok.class);
        ledgers.close();
        store.close();
    }

    private void at(Duration sinceStart) {
        now = START.plus(sinceStart);
    }

    private List<String> types(String task) {
        return ledger.history(task).stream().map(LedgerEvent::type).toList();
    }

    @Test
    void aTimeoutCountsBesideATimeBudget() {
        ledger.add(NewTask.of("t", "Do").timeBudget(Duration.ofHours(1)).timeout(Duration.ofSeconds(10)));
        ledger.apply("t", TaskCommand.start());
        at(Duration.ofMillis(9_999));
        assertThat(ledger.require("t").status()).isEqualTo(TaskStatus.IN_PROGRESS);
        at(Duration.ofSeconds(10));
        assertThat(ledger.require("t").failureReason()).isEqualTo(FailureReason.TIMEOUT);
        assertThat(types("t")).containsExactly("TASK_CREATED", "TASK_TRANSITIONED", "TASK_TRANSITIONED");
    }

    @Test
    void aTaskWhoseTimeoutIsOverIsNotClaimedAgain() {
        ledger.add(NewTask.of("t", "Do").timeout(Duration.ofSeconds(10)));
        ClaimRequest request = ClaimRequest.by(WorkerProfile.of("w", "n", "1"));
        ledger.apply(ledger.claim(request).orElseThrow(), TaskCommand.failAttempt("boom"));
        at(Duration.ofMillis(9_999));
        ledger.apply(ledger.claim(request).orElseThrow(), new TaskCommand.Release(""));
        at(Duration.ofSeconds(10));
        assertThat(ledger.claim(request)).isEmpty();
    }

    @Test
    void aPausedTaskIsNotWokenByTheTimeItWaitedFor() {
        ledger.add(NewTask.of("t", "Do").scheduledAt(START.plusSeconds(10)));
        ledger.apply("t", new TaskCommand.Pause("x"));
        at(Duration.ofSeconds(11));
        assertThat(ledgers.tick()).isZero();
        assertThat(types("t")).containsExactly("TASK_CREATED", "TASK_TRANSITIONED");
        assertThat(ledger.require("t").pendingReason()).isNull();
    }

    @Test
    void aPausedTaskThatIsResumedEarlyStillWaitsForItsTime() {
        ledger.add(NewTask.of("t", "Do").scheduledAt(START.plusSeconds(10)));
        ledger.apply("t", new TaskCommand.Pause("x"));
        ledger.apply("t", new TaskCommand.Resume(""));
        at(Duration.ofMillis(9_999));
        assertThat(ledger.require("t").claimable()).isFalse();
        at(Duration.ofSeconds(10));
        assertThat(ledger.require("t").claimable()).isTrue();
    }

    @Test
    void aClockThatIsPutBackShortensNoLeaseAndTakesNoTimeBack() {
        at(Duration.ofSeconds(100));
        ledger.add(NewTask.of("t", "Do"));
        Lease lease =
                ledger.claim(ClaimRequest.by(WorkerProfile.of("w", "n", "1"))).orElseThrow();
        at(Duration.ZERO);
        assertThat(ledger.heartbeat(lease).leaseUntil()).isEqualTo(START.plusSeconds(190));
        assertThat(ledger.rebuild().isOk()).isTrue();
        assertThat(ledger.require("t").leaseUntil()).isEqualTo(START.plusSeconds(190));
        ledger.apply(lease, TaskCommand.complete(null));
        assertThat(ledger.require("t").timeSpent()).isZero();
    }

    @Test
    void manyTasksThatAreDueAtOnceAreAllDone() {
        ledger.write(l -> {
            for (int i = 0; i < 700; i++) {
                l.add(NewTask.of("t" + i, "Do").scheduledAt(START.plusSeconds(1)));
            }
            return true;
        });
        at(Duration.ofSeconds(1));
        assertThat(ledgers.tick()).isEqualTo(700);
        assertThat(ledger.tasks()).allMatch(Task::claimable);
        assertThat(ledgers.tick()).isZero();
    }

    @Test
    void theThreadWakesTasksByItselfAndEndsWithTheLedgers() {
        try (Store other = Store.inMemory()) {
            Ledgers timed = Ledgers.in(other).open();
            Ledger real = timed.ledger(LedgerId.run("real"));
            real.add(NewTask.of("t", "Do").scheduledAt(Instant.now().plusMillis(100)));
            // Looked at without a read of the ledger's, which would wake it.
            Eventually.is(
                    "it is claimable",
                    () -> other.read(tx -> {
                        try (var row = tx.prepare("SELECT claimable FROM task").executeQuery()) {
                            return row.next() && row.getBoolean(1);
                        }
                    }));
            assertThat(timers()).isNotEmpty();
            timed.close();
            Eventually.is("the thread has ended", () -> timers().isEmpty());
        }
    }

    @Test
    void theThreadEndsWithTheStore() {
        Store other = Store.inMemory();
        Ledgers timed = Ledgers.in(other).open();
        timed.ledger(LedgerId.run("real"))
                .add(NewTask.of("t", "Do").scheduledAt(Instant.now().plusMillis(100)));
        other.close();
        Eventually.is("the thread has ended", () -> timers().isEmpty());
        timed.close();
    }

    private static List<String> timers() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.equals("hart-ledger-timer"))
                .toList();
    }

    @Test
    void aProcessThatOnlyAsksForWorkTakesOverWhatADeadOneHeld() {
        try (Ledgers idle = Ledgers.in(store)
                .clock(() -> now)
                .actor("node-2")
                .withoutBackgroundThread()
                .open()) {
            Ledger asked = idle.ledger(LedgerId.run("time"));
            ClaimRequest request = ClaimRequest.by(WorkerProfile.of("heir", "node-2", "1"));
            assertThat(asked.claim(request))
                    .as("it has looked, while nothing was due")
                    .isEmpty();
            ledger.add(NewTask.of("t", "Do"));
            ClaimRequest held =
                    ClaimRequest.by(WorkerProfile.of("dead", "node-1", "1")).leasedFor(Duration.ofSeconds(3));
            try (Ledgers dead =
                    Ledgers.in(store).clock(() -> now).withoutBackgroundThread().open()) {
                assertThat(dead.ledger(LedgerId.run("time")).claim(held)).isPresent();
            }

            at(Duration.ofMillis(4_999));
            assertThat(asked.claim(request))
                    .as("the lease is over, which it has not seen")
                    .isEmpty();
            at(Duration.ofSeconds(5));
            assertThat(asked.claim(request))
                    .as("seen, and to be repeated after a second")
                    .isEmpty();
            assertThat(asked.require("t").status()).isEqualTo(TaskStatus.PENDING);
            at(Duration.ofSeconds(6));

            assertThat(asked.claim(request)).map(Lease::attempt).contains(2);
        }
    }
}
