package dev.hart.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Listeners are told every event, in order in its stripe, whatever they do. */
@Timeout(60)
@SuppressWarnings("try") // a subscription is closed, and else not used
class SubscriptionTest extends LedgerContract {
    private final BlockingQueue<LedgerEvent> told = new LinkedBlockingQueue<>();

    private LedgerEvent next() throws InterruptedException {
        LedgerEvent event = told.poll(30, TimeUnit.SECONDS);
        assertThat(event).as("an event within 30 seconds").isNotNull();
        return event;
    }

    private List<LedgerEvent> next(int count) throws InterruptedException {
        List<LedgerEvent> events = new ArrayList<>();
        while (events.size() < count) {
            events.add(next());
        }
        return events;
    }

    private static Map<Integer, List<Long>> byStripe(List<LedgerEvent> events) {
        Map<Integer, List<Long>> seqs = new TreeMap<>();
        events.forEach(event -> seqs.computeIfAbsent(event.stripe(), stripe -> new ArrayList<>())
                .add(event.seq()));
        return seqs;
    }

    @Test
    void everyEventIsToldOnceThoughManyWriteAtOnce() throws Exception {
        ExecutorService writers = Executors.newFixedThreadPool(4);
        try (Subscription subscription = ledger.subscribe(EventCursor.START, told::add)) {
            List<Future<?>> all = new ArrayList<>();
            for (int w = 0; w < 4; w++) {
                int writer = w;
                all.add(writers.submit(() -> {
                    for (int i = 0; i < 15; i++) {
                        ledger.add(NewTask.of("t" + writer + "." + i, "T"));
                    }
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
            List<LedgerEvent> events = next(60);
            assertThat(byStripe(events)).isEqualTo(byStripe(events()));
            assertThat(told).isEmpty();
            byStripe(events)
                    .forEach((stripe, seqs) -> Eventually.is(
                            "the cursor stands behind the last event that was taken",
                            () -> subscription.cursor().seq(stripe) == seqs.size()));
        } finally {
            writers.shutdown();
        }
    }

    @Test
    void itBeginsAfterItsCursor() throws Exception {
        ledger.write(l -> {
            l.append("t1", "ONE", Map.of());
            l.append("t1", "TWO", Map.of());
            return l.append("t1", "THREE", Map.of());
        });
        EventCursor cursor =
                EventCursor.parse(EventCursor.START.toString()).with(EventChain.stripe("t1", home.stripes), 2);
        try (Subscription subscription = ledger.subscribe(EventCursor.parse(cursor.toString()), told::add)) {
            assertThat(next().type()).isEqualTo("THREE");
            assertThat(subscription.failure()).isEmpty();
        }
    }

    @Test
    void aNamedOneGoesOnWhereItWasInAnotherProcess() throws Exception {
        ledger.write(l -> l.append("t1", "ONE", Map.of()));
        try (Subscription subscription = ledger.subscribe("reader", told::add)) {
            assertThat(next().type()).isEqualTo("ONE");
        }
        ledger.write(l -> l.append("t1", "TWO", Map.of()));
        try (Subscription subscription = inAnotherProcess().subscribe("reader", told::add)) {
            assertThat(next().type()).isEqualTo("TWO");
        }
        try (Subscription other = ledger.subscribe("other", told::add)) {
            assertThat(next(2)).extracting(LedgerEvent::type).containsExactly("ONE", "TWO");
        }
        assertRefused("INVALID_ARGUMENT", () -> ledger.subscribe("no spaces", told::add));
    }

    @Test
    void whatAListenerThrowsIsToldAgainUntilItTakesIt() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        try (Subscription subscription = ledger.subscribe(EventCursor.START, event -> {
            if (event.type().equals("BAD") && tries.incrementAndGet() < 10) {
                throw new IllegalStateException("not yet");
            }
            told.add(event);
        })) {
            ledger.write(l -> {
                l.append("t1", "BAD", Map.of());
                return l.append("t1", "GOOD", Map.of());
            });
            assertThat(next(2)).extracting(LedgerEvent::type).containsExactly("BAD", "GOOD");
            assertThat(tries).hasValue(10);
            assertThat(subscription.failure()).isEmpty();
        }
    }

    @Test
    void aListenerThatFailsTenTimesIsToldNothingMoreAndWritersGoOn() throws Exception {
        CountDownLatch tries = new CountDownLatch(10);
        AtomicInteger more = new AtomicInteger();
        Subscription subscription = ledger.subscribe("broken", event -> {
            if (event.type().equals("BAD")) {
                tries.countDown();
                throw new IllegalStateException("never");
            }
            more.incrementAndGet();
        });
        ledger.write(l -> {
            l.append("t1", "BAD", Map.of());
            return l.append("t1", "GOOD", Map.of());
        });
        assertThat(tries.await(30, TimeUnit.SECONDS)).isTrue();
        add("t2");
        Eventually.is("it has given up", () -> subscription.failure().isPresent());
        subscription.close();
        assertThat(subscription.failure().orElseThrow()).hasMessage("never");
        assertThat(more).hasValue(0);
        try (Subscription again = ledger.subscribe("broken", told::add)) {
            assertThat(next().type()).as("nothing was lost").isEqualTo("BAD");
        }
    }

    @Test
    void aSlowListenerDelaysNobody() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        try (Subscription subscription = ledger.subscribe(EventCursor.START, event -> {
            begun.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            told.add(event);
        })) {
            add("first");
            assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
            for (int i = 0; i < 300; i++) {
                int n = i;
                ledger.write(l -> l.append("t1", "NOTE", Map.of("n", (long) n)));
            }
            assertThat(told).isEmpty();
            go.countDown();
            List<LedgerEvent> notes = next(301).stream()
                    .filter(event -> event.type().equals("NOTE"))
                    .toList();
            assertThat(notes)
                    .extracting(event -> (Long) event.payload().get("n"))
                    .isEqualTo(LongStream.range(0, 300).boxed().toList());
        }
    }

    @Test
    void oneCanBeginBeforeTheLedger() throws Exception {
        Ledger later = ledgers.ledger(new LedgerId("case", "later"));
        try (Subscription subscription = later.subscribe(EventCursor.START, told::add)) {
            later.addAll(NewTask.of("t1", "T"), NewTask.of("action_1", "T"));
            assertThat(next(2)).extracting(LedgerEvent::taskId).containsExactlyInAnyOrder("t1", "action_1");
        }
    }
}
