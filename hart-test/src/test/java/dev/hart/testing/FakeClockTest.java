package dev.hart.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class FakeClockTest {

    @Test
    void itStartsAtTheFirstMomentOf2026AndStandsStill() {
        FakeClock clock = FakeClock.create();

        assertThat(clock.instant()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
        assertThat(clock.instant()).isEqualTo(clock.instant());
    }

    @Test
    void itIsMovedForwardOnly() {
        FakeClock clock = FakeClock.create();

        clock.advance(Duration.ofMinutes(90));

        assertThat(clock.instant()).isEqualTo(Instant.parse("2026-01-01T01:30:00Z"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> clock.advance(Duration.ofMillis(-1)))
                .withMessage("a clock runs forward only, was moved by PT-0.001S");
    }

    @Test
    void itIsSetForwardAndBackWithoutTimeThatPasses() throws Exception {
        FakeClock clock = FakeClock.movedByHand();
        FutureTask<Instant> sleeper = new FutureTask<>(() -> {
            clock.sleep(Duration.ofSeconds(10));
            return clock.instant();
        });
        new Thread(sleeper).start();
        clock.awaitSleepers(1);

        clock.jump(Duration.ofHours(1));
        assertThat(clock.instant()).isEqualTo(Instant.parse("2026-01-01T01:00:00Z"));
        clock.awaitSleepers(1);
        clock.jump(Duration.ofHours(-2));
        clock.advance(Duration.ofSeconds(10));

        assertThat(sleeper.get(10, TimeUnit.SECONDS)).isEqualTo(Instant.parse("2025-12-31T23:00:10Z"));
    }

    @Test
    void aSleeperMovesItAndItsNapsAreKept() throws Exception {
        FakeClock clock = FakeClock.create();

        clock.sleep(Duration.ofSeconds(1));
        clock.sleep(Duration.ZERO);
        clock.sleep(Duration.ofSeconds(2));

        assertThat(clock.instant()).isEqualTo(FakeClock.START.plusSeconds(3));
        assertThat(clock.naps()).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2));
    }

    @Test
    void onAClockMovedByHandASleeperWaitsUntilItsTimeHasComeAndNoLonger() throws Exception {
        FakeClock clock = FakeClock.movedByHand();
        FutureTask<Instant> sleeper = asleep(clock, Duration.ofSeconds(10));
        clock.awaitSleepers(1);

        clock.advance(Duration.ofMillis(9_999));
        assertThat(sleeper.isDone()).isFalse();
        clock.awaitSleepers(1);
        clock.advance(Duration.ofMillis(1));

        assertThat(sleeper.get(10, TimeUnit.SECONDS)).isEqualTo(FakeClock.START.plusSeconds(10));
        assertThat(clock.naps()).containsExactly(Duration.ofSeconds(10));
    }

    @Test
    void aSleeperCanBeInterrupted() throws Exception {
        FakeClock clock = FakeClock.movedByHand();
        CountDownLatch interrupted = new CountDownLatch(1);
        Thread sleeper = new Thread(() -> {
            try {
                clock.sleep(Duration.ofDays(1));
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
        });
        sleeper.start();
        clock.awaitSleepers(1);

        sleeper.interrupt();

        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void manySleepersMoveItByTheSumOfTheirNaps() throws Exception {
        FakeClock clock = FakeClock.create();
        Thread[] sleepers = new Thread[8];
        for (int i = 0; i < sleepers.length; i++) {
            sleepers[i] = new Thread(() -> {
                for (int nap = 0; nap < 500; nap++) {
                    try {
                        clock.sleep(Duration.ofMillis(1));
                    } catch (InterruptedException e) {
                        return;
                    }
                }
            });
            sleepers[i].start();
        }
        for (Thread sleeper : sleepers) {
            sleeper.join();
        }

        assertThat(clock.instant()).isEqualTo(FakeClock.START.plusSeconds(4));
        assertThat(clock.naps()).hasSize(4_000);
    }

    @Test
    void nobodyCanBeAwaitedOnAClockThatSleepersMove() {
        assertThatIllegalStateException()
                .isThrownBy(() -> FakeClock.create().awaitSleepers(1))
                .withMessage("nobody waits on this clock: make it with FakeClock.movedByHand()");
    }

    @Test
    void anInterruptedThreadDoesNotFallAsleep() {
        Thread.currentThread().interrupt();

        assertThatExceptionOfType(InterruptedException.class)
                .isThrownBy(() -> FakeClock.create().sleep(Duration.ofSeconds(1)));
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    private static FutureTask<Instant> asleep(FakeClock clock, Duration duration) {
        FutureTask<Instant> task = new FutureTask<>(() -> {
            clock.sleep(duration);
            return clock.instant();
        });
        Thread thread = new Thread(task, "sleeper");
        thread.setDaemon(true);
        thread.start();
        return task;
    }
}
