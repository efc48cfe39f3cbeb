package dev.hart.gpu.model;

import static dev.hart.gpu.ScriptedProbe.gib;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.gpu.Gpus;
import dev.hart.gpu.KeptJournal;
import dev.hart.gpu.MovedClock;
import dev.hart.gpu.OpenedGpus;
import dev.hart.gpu.ScriptedProbe;
import dev.hart.gpu.ScriptedProcesses;
import dev.hart.spi.TaskKeeper;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The looks at models as a task that somebody keeps going. */
@Timeout(30)
class WatchedLookTest {
    private final MovedClock clock = new MovedClock();
    private final Keeper keeper = new Keeper();
    private final AtomicInteger looks = new AtomicInteger();
    private final Semaphore hasBegun = new Semaphore(0);
    private final CountDownLatch stuck = new CountDownLatch(1);
    private boolean firstHangs;
    private Gpus gpus;
    private Models models;

    /** Runs one round after the other when the test says so, on a thread that the test gives. */
    private static final class Keeper implements TaskKeeper {
        private String name;
        private Duration longest;
        private Round round;
        private final AtomicInteger heartbeats = new AtomicInteger();
        private volatile boolean closed;
        private volatile Thread current;

        @Override
        public Kept keep(String task, Duration atMost, Round work) {
            name = task;
            longest = atMost;
            round = work;
            return () -> closed = true;
        }

        Thread begin() {
            Thread thread = new Thread(() -> {
                try {
                    round.make(() -> {
                        if (current != Thread.currentThread()) {
                            throw new CancellationException("another one works");
                        }
                        heartbeats.incrementAndGet();
                    });
                } catch (CancellationException e) {
                    heartbeats.addAndGet(1_000_000);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            current = thread;
            thread.setDaemon(true);
            thread.start();
            return thread;
        }
    }

    @BeforeEach
    void open() throws InterruptedException {
        gpus = OpenedGpus.of(
                new ScriptedProbe().with("cuda:0", 24, 20), clock, new KeptJournal(), new ScriptedProcesses());
    }

    private void openModels(Duration interval) {
        models = Models.configure(gpus)
                .clock(clock)
                .limits(new ModelLimits(interval, 85, 90, 80, 0))
                .machine(this::look)
                .taskKeeper(keeper)
                .open();
    }

    private MachineLoad look() {
        hasBegun.release();
        if (looks.incrementAndGet() == 1 && firstHangs) {
            boolean over = false;
            while (!over) {
                try {
                    stuck.await();
                    over = true;
                } catch (InterruptedException e) {
                    // a driver that hangs does not end either
                }
            }
        }
        return MachineLoad.of(10, 95, gib(100));
    }

    @AfterEach
    void close() {
        stuck.countDown();
        models.close();
        gpus.close();
    }

    @Test
    void theKeeperExpectsAHeartbeatEveryThreeIntervalsOrEveryMinute() {
        openModels(Duration.ofSeconds(15));
        assertThat(keeper.name).isEqualTo("model-lifecycle");
        assertThat(keeper.longest).isEqualTo(Duration.ofSeconds(60));
        models.close();

        openModels(Duration.ofSeconds(20));
        assertThat(keeper.longest).isEqualTo(Duration.ofSeconds(60));
        models.close();

        openModels(Duration.ofSeconds(21));
        assertThat(keeper.longest).isEqualTo(Duration.ofSeconds(63));
    }

    @Test
    void eachPhaseOfALookIsAHeartbeat() throws InterruptedException {
        openModels(Duration.ofSeconds(15));
        clock.advanceSeconds(15);
        Thread thread = keeper.begin();
        assertThat(hasBegun.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
        models.close();
        thread.join(10_000);

        assertThat(keeper.heartbeats).hasValue(11);
        assertThat(keeper.closed).isTrue();
    }

    @Test
    void aLookThatHangsIsTakenOverAndEndsAtItsNextHeartbeat() throws InterruptedException {
        firstHangs = true;
        openModels(Duration.ofSeconds(15));
        clock.advanceSeconds(15);
        Thread hung = keeper.begin();
        assertThat(hasBegun.tryAcquire(10, TimeUnit.SECONDS)).isTrue();

        Thread next = keeper.begin();
        assertThat(hasBegun.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
        models.close();
        next.join(10_000);

        assertThat(next.isAlive()).isFalse();
        assertThat(looks).hasValue(2);
        assertThat(models.pressure().ram()).isTrue();
        stuck.countDown();
        hung.join(10_000);
        assertThat(hung.isAlive()).isFalse();
        assertThat(keeper.heartbeats.get())
                .as("it was told that another one works")
                .isGreaterThan(1_000_000);
    }

    @Test
    void closingEndsTheTaskAtOnceWhenItOnlyWaits() {
        openModels(Duration.ofSeconds(15));
        models.close();
        assertThat(keeper.closed).isTrue();
    }
}
