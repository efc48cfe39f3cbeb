package dev.hart.security.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.security.node.TaskHealth.Status;
import dev.hart.security.node.WatchdogEvent.Kind;
import dev.hart.spi.TaskKeeper;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WatchdogTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private long nanos;
    private Instant wallClock = START;
    private final List<WatchdogEvent> events = new ArrayList<>();
    private final List<Incarnation> incarnations = new ArrayList<>();
    private int stops;
    private boolean startFails;

    private final Watchdog watchdog = Watchdog.configure()
            .nanoTime(() -> nanos)
            .clock(() -> wallClock.plusNanos(nanos))
            .listener(events::add)
            .withoutThreads()
            .open();

    @AfterEach
    void close() {
        watchdog.close();
    }

    private void watch(int interval) {
        watchdog.register("task", Duration.ofSeconds(interval), this::start, () -> stops++);
    }

    private Thread start(Incarnation incarnation) {
        if (startFails) {
            throw new IllegalStateException("no");
        }
        incarnations.add(incarnation);
        return new Thread(() -> {}, "not started");
    }

    private Incarnation newest() {
        return incarnations.get(incarnations.size() - 1);
    }

    private void at(double seconds) {
        nanos = Math.round(seconds * 1e9);
    }

    private TaskHealth health() {
        return watchdog.health().get(0);
    }

    /** Checks every 30 seconds up to a time, and says at which of them something was frozen. */
    private List<Integer> frozenAt(int from, int to) {
        List<Integer> times = new ArrayList<>();
        for (int second = from; second <= to; second += 30) {
            at(second);
            int before = events.size();
            watchdog.check();
            if (events.stream().skip(before).anyMatch(event -> event.kind() == Kind.FROZEN)) {
                times.add(second);
            }
        }
        return times;
    }

    @Test
    void aTaskWithoutHeartbeatsIsRestartedWhenTheSheetSaysAndDeadAfterThreeRestarts() {
        watch(30);

        assertThat(frozenAt(30, 1_170)).containsExactly(390, 780, 1_170);
        assertThat(health().status()).isEqualTo(Status.HEALTHY);
        assertThat(health().restarts()).isEqualTo(3);
        assertThat(stops).isEqualTo(3);
        assertThat(frozenAt(1_200, 1_560)).containsExactly(1_560);

        assertThat(health().status()).isEqualTo(Status.DEAD);
        assertThat(watchdog.isHealthy()).isFalse();
        assertThat(events.get(events.size() - 1).kind()).isEqualTo(Kind.DEAD);
        assertThat(frozenAt(1_590, 9_000)).as("the dead stay dead").isEmpty();
    }

    @Test
    void restartsLongAgoDoNotCount() {
        watch(30);
        frozenAt(30, 1_170);
        at(1_171);
        newest().heartbeat();
        at(1_171 + 1_441);
        newest().heartbeat();

        at(1_171 + 1_441 + 301);
        watchdog.check();

        assertThat(health().status()).isEqualTo(Status.HEALTHY);
        assertThat(health().restarts()).isEqualTo(4);
    }

    @Test
    void aHeartbeatMayBeTenIntervalsOldAndNotMore() {
        watch(10);
        at(70);
        newest().heartbeat();

        at(110);
        watchdog.check();
        assertThat(health().age()).isEqualTo(Duration.ofSeconds(40));
        assertThat(health().status()).isEqualTo(Status.HEALTHY);
        at(170);
        watchdog.check();
        assertThat(events).isEmpty();
        at(170.001);
        watchdog.check();

        assertThat(events).extracting(WatchdogEvent::kind).containsExactly(Kind.FROZEN, Kind.RESTARTED);
    }

    @Test
    void aModelCallMayTakeNineHundredSecondsAndItsEndIsAHeartbeat() {
        watch(10);
        Incarnation.ModelCall call = newest().modelCall();
        at(500);
        watchdog.check();
        at(900);
        watchdog.check();
        assertThat(events).isEmpty();
        assertThat(health().inModelCall()).isTrue();

        call.close();
        call.close();
        at(1_000);
        watchdog.check();
        assertThat(events).as("100 s after the end of the call").isEmpty();
        at(1_000.1);
        watchdog.check();

        assertThat(events).extracting(WatchdogEvent::kind).containsExactly(Kind.FROZEN, Kind.RESTARTED);
    }

    @Test
    void aModelCallOfNineHundredAndOneSecondsIsFrozenAndItsEndComesTooLate() {
        watch(10);
        Incarnation old = newest();
        Incarnation.ModelCall call = old.modelCall();
        at(901);
        watchdog.check();
        assertThat(health().restarts()).isEqualTo(1);
        assertThat(health().inModelCall()).isFalse();

        call.close();

        assertThat(old.isCurrent()).isFalse();
        assertThat(health().age()).isZero();
        assertThatThrownBy(old::heartbeat).isInstanceOf(CancellationException.class);
        assertThatThrownBy(old::requireCurrent)
                .isInstanceOf(CancellationException.class)
                .hasMessage("task task was started again; this is its incarnation 1");
        assertThatThrownBy(old::modelCall).isInstanceOf(CancellationException.class);
        newest().requireCurrent();
    }

    @Test
    void fiveStartsThatFailInARowAreTheEnd() {
        watch(10);
        startFails = true;
        for (int i = 1; i <= 4; i++) {
            at(160 + 30 * i);
            watchdog.check();
            assertThat(health().status()).isEqualTo(Status.FROZEN);
            assertThat(health().consecutiveFailures()).isEqualTo(i);
        }
        at(400);
        watchdog.check();

        assertThat(health().status()).isEqualTo(Status.DEAD);
        assertThat(health().consecutiveFailures()).isEqualTo(5);
        assertThat(events).extracting(WatchdogEvent::kind).endsWith(Kind.START_FAILED, Kind.DEAD);
    }

    @Test
    void aStartThatWorksForgetsEarlierFailures() {
        startFails = true;
        watch(10);
        assertThat(health().consecutiveFailures()).isEqualTo(1);
        startFails = false;

        watchdog.check();

        assertThat(health().status()).isEqualTo(Status.HEALTHY);
        assertThat(health().consecutiveFailures()).isZero();
    }

    @Test
    void anOperatorRevivesADeadTask() {
        watch(30);
        assertThatThrownBy(() -> watchdog.revive("task")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> watchdog.revive("other"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no task other is watched; the tasks are task");
        frozenAt(30, 1_560);

        watchdog.revive("task");

        assertThat(health().status()).isEqualTo(Status.HEALTHY);
        assertThat(watchdog.isHealthy()).isTrue();
        newest().heartbeat();
        assertThat(frozenAt(1_590, 1_560 + 300)).isEmpty();
    }

    @Test
    void settingTheMachinesClockFreezesNothing() {
        watch(10);
        at(70);
        newest().heartbeat();
        wallClock = START.plus(Duration.ofDays(10));

        watchdog.check();

        assertThat(events).isEmpty();
    }

    @Test
    void stoppingThatFailsDoesNotHinderTheRestart() {
        watchdog.register("task", Duration.ofSeconds(1), this::start, () -> {
            throw new IllegalStateException("cannot stop");
        });
        at(71);
        watchdog.check();

        assertThat(health().restarts()).isEqualTo(1);
    }

    @Test
    void aListenerThatFailsAndATaskThatIsThereTwiceChangeNothing() {
        watch(10);
        assertThatThrownBy(() -> watch(10)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> watchdog.register("x", Duration.ZERO, this::start, () -> {}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(watchdog.health()).hasSize(1);
        assertThat(health().lastHeartbeat()).isEqualTo(START.plusSeconds(60));
    }

    @Test
    void theNewestTwentyEventsAreKept() {
        for (int i = 0; i < 12; i++) {
            watchdog.register("t" + i, Duration.ofSeconds(1), this::start, () -> {});
        }
        at(71);
        watchdog.check();

        assertThat(events).hasSize(24);
        assertThat(watchdog.recentEvents()).isEqualTo(events.subList(4, 24));
    }

    @Test
    void aRealThreadThatFreezesIsInterruptedAndStartedAnew() throws Exception {
        BlockingQueue<Integer> started = new LinkedBlockingQueue<>();
        CountDownLatch interrupted = new CountDownLatch(1);
        AtomicInteger count = new AtomicInteger();
        try (Watchdog real = Watchdog.configure()
                .checkEvery(Duration.ofMillis(20))
                .grace(Duration.ofMillis(50))
                .open()) {
            real.register(
                    "reader",
                    Duration.ofMillis(10),
                    incarnation -> {
                        int number = count.incrementAndGet();
                        Thread thread = new Thread(() -> {
                            started.add(number);
                            try {
                                if (number == 1) {
                                    new CountDownLatch(1).await();
                                }
                                while (true) {
                                    incarnation.heartbeat();
                                    TimeUnit.MILLISECONDS.sleep(2);
                                }
                            } catch (InterruptedException e) {
                                interrupted.countDown();
                            }
                        });
                        thread.setDaemon(true);
                        thread.start();
                        return thread;
                    },
                    () -> {});

            assertThat(started.poll(20, TimeUnit.SECONDS)).isEqualTo(1);
            assertThat(started.poll(20, TimeUnit.SECONDS)).isEqualTo(2);
            assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(real.health().get(0).abandoned()).isZero();
        }
    }

    @Test
    void aRealThreadThatIgnoresTheInterruptIsAbandonedAndItsWorkRefused() throws Exception {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger count = new AtomicInteger();
        try (Watchdog real = Watchdog.configure()
                .checkEvery(Duration.ofMillis(20))
                .grace(Duration.ofMillis(50))
                .joinFor(Duration.ofMillis(50))
                .listener(event -> seen.add(event.kind().name()))
                .open()) {
            real.register(
                    "stubborn",
                    Duration.ofMillis(50),
                    incarnation -> {
                        boolean first = count.incrementAndGet() == 1;
                        Thread thread = new Thread(() -> {
                            if (first) {
                                boolean done = false;
                                while (!done) {
                                    try {
                                        release.await();
                                        done = true;
                                    } catch (InterruptedException e) {
                                        Thread.interrupted();
                                    }
                                }
                                try {
                                    incarnation.requireCurrent();
                                    seen.add("worked");
                                } catch (CancellationException e) {
                                    seen.add("refused");
                                }
                                return;
                            }
                            while (incarnation.isCurrent()) {
                                try {
                                    incarnation.heartbeat();
                                    TimeUnit.MILLISECONDS.sleep(2);
                                } catch (InterruptedException e) {
                                    return;
                                }
                            }
                        });
                        thread.setDaemon(true);
                        thread.start();
                        return thread;
                    },
                    () -> {});

            assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo("FROZEN");
            assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo("ABANDONED");
            assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo("RESTARTED");
            assertThat(real.health().get(0).abandoned()).isPositive();
            release.countDown();
            String next = seen.poll(20, TimeUnit.SECONDS);
            while (next != null && !next.equals("refused")) {
                assertThat(next).isNotEqualTo("worked");
                next = seen.poll(20, TimeUnit.SECONDS);
            }
            assertThat(next).isEqualTo("refused");
        }
    }

    @Test
    void aCheckThatHangsIsNoticedAndTheChecksGoOn() throws Exception {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger hangs = new AtomicInteger();
        try (Watchdog real = Watchdog.configure()
                .checkEvery(Duration.ofMillis(20))
                .grace(Duration.ofMillis(10))
                .joinFor(Duration.ofMillis(10))
                .listener(event -> seen.add(event.task() + event.kind()))
                .open()) {
            real.register(
                    "hangs",
                    Duration.ofMillis(1),
                    incarnation -> {
                        if (hangs.incrementAndGet() == 2) {
                            boolean done = false;
                            while (!done) {
                                try {
                                    release.await();
                                    done = true;
                                } catch (InterruptedException e) {
                                    Thread.interrupted();
                                }
                            }
                        }
                        return new Thread(() -> {});
                    },
                    () -> {});

            assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo("hangsFROZEN");
            assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo("CHECKER_REPLACED");
            assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo("hangsSTART_FAILED");
            assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo("hangsFROZEN");
            assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo("hangsRESTARTED");
            release.countDown();
        }
    }

    @Test
    void aRoundThatHangsIsInterruptedAndAnotherThreadGoesOn() throws Exception {
        BlockingQueue<Thread> rounds = new LinkedBlockingQueue<>();
        BlockingQueue<String> refused = new LinkedBlockingQueue<>();
        CountDownLatch never = new CountDownLatch(1);
        TaskKeeper.Kept kept = watchdog.keep("task", Duration.ofSeconds(30), heartbeat -> {
            rounds.add(Thread.currentThread());
            try {
                never.await();
            } catch (InterruptedException e) {
                try {
                    heartbeat.run();
                } catch (CancellationException old) {
                    refused.add(String.valueOf(old.getMessage()));
                    throw old;
                }
            }
            return Duration.ZERO;
        });
        Thread first = rounds.poll(10, TimeUnit.SECONDS);
        assertThat(first.getName()).isEqualTo("hart-task");
        at(300);
        watchdog.check();
        assertThat(events).as("ten intervals are not too long").isEmpty();
        at(361);
        watchdog.check();

        assertThat(rounds.poll(10, TimeUnit.SECONDS)).isNotNull().isNotSameAs(first);
        assertThat(refused.poll(10, TimeUnit.SECONDS)).contains("was started again");
        first.join(10_000);
        assertThat(first.isAlive()).isFalse();
        assertThat(events).extracting(WatchdogEvent::kind).containsExactly(Kind.FROZEN, Kind.RESTARTED);
        kept.close();
        kept.close();
        assertThat(watchdog.health()).isEmpty();
    }

    @Test
    void aTaskThatIsWatchedNoLongerIsNotTakenForALaterOneOfItsName() {
        watch(30);
        Incarnation old = newest();
        watchdog.unregister("task");
        watchdog.unregister("task");
        assertThat(stops).isEqualTo(1);
        assertThat(old.isCurrent()).isFalse();
        assertThat(frozenAt(30, 900)).isEmpty();

        watch(30);
        assertThat(newest().isCurrent()).isTrue();
        assertThat(old.isCurrent()).isFalse();
        assertThatThrownBy(old::heartbeat).isInstanceOf(CancellationException.class);
    }
}
