package dev.hart.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.store.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A listener is told each event at least once and in order, whatever it throws and whenever it is closed. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SubscriptionThreadsTest {
    private final Store store = Store.inMemory();
    private final Ledgers ledgers = Ledgers.in(store).withoutBackgroundThread().open();
    private final Ledger ledger = ledgers.ledger(LedgerId.run("told"));
    private final ConcurrentLinkedQueue<Long> told = new ConcurrentLinkedQueue<>();

    @AfterEach
    void noThreadIsLeft() {
        ledgers.close();
        store.close();
        Eventually.is("all threads have ended", () -> threads().isEmpty());
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.equals("hart-ledger-events"))
                .toList();
    }

    private void add(int tasks) {
        ledger.write(l -> {
            for (int i = 0; i < tasks; i++) {
                l.append("t", "HAPPENED", java.util.Map.of());
            }
            return true;
        });
    }

    private static List<Long> upTo(int last) {
        List<Long> seqs = new ArrayList<>();
        for (long seq = 1; seq <= last; seq++) {
            seqs.add(seq);
        }
        return seqs;
    }

    @Test
    void eventsOfManyWritersAreToldInOrderAndOnce() throws Exception {
        try (Subscription subscription = ledger.subscribe(EventCursor.START, event -> told.add(event.seq()))) {
            List<Thread> writers = new ArrayList<>();
            for (int w = 0; w < 4; w++) {
                Thread writer = new Thread(() -> {
                    for (int i = 0; i < 100; i++) {
                        add(1);
                    }
                });
                writer.start();
                writers.add(writer);
            }
            for (Thread writer : writers) {
                writer.join();
            }
            Eventually.is("all are told", () -> told.size() == 400);
            assertThat(told).containsExactlyElementsOf(upTo(400));
        }
    }

    @Test
    void aListenerThatFailsIsToldTheSameEventAgain() {
        AtomicInteger failures = new AtomicInteger(3);
        try (Subscription subscription = ledger.subscribe(EventCursor.START, event -> {
            if (event.seq() == 2 && failures.getAndDecrement() > 0) {
                if (failures.get() == 1) {
                    throw new AssertionError("an error");
                }
                throw new IllegalStateException("an exception");
            }
            told.add(event.seq());
        })) {
            add(3);
            Eventually.is("all are told", () -> told.size() == 3);
            assertThat(told).containsExactly(1L, 2L, 3L);
            assertThat(subscription.failure()).isEmpty();
            assertThat(subscription.cursor()).isEqualTo(EventCursor.after(3));
        }
    }

    @Test
    void afterTenFailuresItIsToldNothingMoreAndGoesOnThereWhenItIsOpenedAgain() {
        AtomicInteger tries = new AtomicInteger();
        try (Subscription subscription = ledger.subscribe("named", event -> {
            if (event.seq() == 3) {
                tries.incrementAndGet();
                throw new StackOverflowError("always");
            }
            told.add(event.seq());
        })) {
            add(5);
            Eventually.is("it has given up", () -> subscription.failure().isPresent());
            assertThat(tries).hasValue(10);
            assertThat(subscription.failure().orElseThrow()).hasRootCauseMessage("always");
        }
        assertThat(told).containsExactly(1L, 2L);
        try (Subscription subscription = ledger.subscribe("named", event -> told.add(event.seq()))) {
            Eventually.is("the rest is told", () -> told.size() == 5);
            assertThat(told).containsExactlyElementsOf(upTo(5));
        }
    }

    @Test
    void closingDoesNotWaitForThePauseAfterAFailure() {
        AtomicInteger tries = new AtomicInteger();
        Subscription subscription = ledger.subscribe(EventCursor.START, event -> {
            tries.incrementAndGet();
            throw new IllegalStateException("always");
        });
        add(1);
        Eventually.is("it pauses for more than a second", () -> tries.get() >= 8);
        long start = System.nanoTime();
        subscription.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
        assertThat(threads()).isEmpty();
        assertThat(subscription.failure()).isEmpty();
    }

    @Test
    void aListenerMayCloseItsOwnSubscription() throws Exception {
        AtomicReference<Subscription> self = new AtomicReference<>();
        CountDownLatch closed = new CountDownLatch(1);
        self.set(ledger.subscribe(EventCursor.START, event -> {
            Eventually.is("it is known", () -> self.get() != null);
            told.add(event.seq());
            self.get().close();
            closed.countDown();
        }));
        add(3);
        closed.await();
        Eventually.is("the thread has ended", () -> threads().isEmpty());
        assertThat(told).containsExactly(1L);
    }

    @Test
    void aSlowListenerDelaysNoWriter() throws Exception {
        CountDownLatch mayGoOn = new CountDownLatch(1);
        try (Subscription subscription = ledger.subscribe(EventCursor.START, event -> {
            try {
                mayGoOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            told.add(event.seq());
        })) {
            for (int i = 0; i < 300; i++) {
                add(2);
            }
            assertThat(told).isEmpty();
            mayGoOn.countDown();
            Eventually.is("all are told", () -> told.size() == 600);
            assertThat(told).containsExactlyElementsOf(upTo(600));
        }
    }

    @Test
    void aSubscriptionWhoseStoreWasClosedEnds() {
        Subscription subscription = ledger.subscribe(EventCursor.START, event -> told.add(event.seq()));
        add(1);
        Eventually.is("it is told", () -> told.size() == 1);
        store.close();
        Eventually.is("the thread has ended", () -> threads().isEmpty());
        assertThat(subscription.failure()).isEmpty();
        subscription.close();
    }

    @Test
    void eventsOfAnotherProcessesStoreAreTold(@TempDir Path folder) {
        try (Store one = Store.sqlite(folder.resolve("shared.db"));
                Store other = Store.sqlite(folder.resolve("shared.db"));
                Ledgers first = Ledgers.in(one).withoutBackgroundThread().open();
                Ledgers second = Ledgers.in(other).withoutBackgroundThread().open();
                Subscription subscription =
                        first.ledger(ledger.id()).subscribe(EventCursor.START, event -> told.add(event.seq()))) {
            for (int i = 0; i < 5; i++) {
                second.ledger(ledger.id()).add(NewTask.of("t" + i, "Do"));
            }
            Eventually.is("all are told", () -> told.size() == 5);
            assertThat(told).containsExactlyElementsOf(upTo(5));
        }
    }
}
