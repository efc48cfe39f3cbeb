package dev.hart.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hart.Hart;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.ProbeReading;
import dev.hart.gpu.model.MachineLoad;
import dev.hart.gpu.model.Models;
import dev.hart.security.node.TaskHealth;
import dev.hart.security.node.Watchdog;
import dev.hart.security.node.WatchdogEvent;
import dev.hart.spi.RuntimePart;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The looks at models as a task of the node's watchdog. */
@Timeout(60)
class WatchedModelsTest {
    @TempDir
    private Path directory;

    private final AtomicLong nanos = new AtomicLong();
    private final AtomicLong hours = new AtomicLong();
    private final AtomicBoolean hangs = new AtomicBoolean(true);
    private final CountDownLatch isStuck = new CountDownLatch(1);
    private final Semaphore looks = new Semaphore(0);

    /** No devices, as only the looks are tested. */
    private static final class NoDevices implements RuntimePart<Gpus> {
        @Override
        public Class<Gpus> type() {
            return Gpus.class;
        }

        @Override
        public Gpus open(Host host) {
            return Gpus.configure()
                    .probes(List.of(now -> ProbeReading.Found.of(List.of())))
                    .open();
        }
    }

    /** An hour passes with each look at the clock, so a look at the machine is always due; the first one hangs. */
    private final class Hurried implements RuntimePart<Models> {
        @Override
        public Class<Models> type() {
            return Models.class;
        }

        @Override
        public Models open(Host host) {
            return Models.configure(host.part(Gpus.class))
                    .clock(() -> Instant.EPOCH.plus(Duration.ofHours(hours.incrementAndGet())))
                    .taskKeeper(host.taskKeeper())
                    .machine(this::look)
                    .open();
        }

        private MachineLoad look() {
            if (hangs.getAndSet(false)) {
                isStuck.countDown();
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException("the driver gave up", e);
                }
            }
            looks.release();
            return MachineLoad.unknown();
        }
    }

    private Watchdog watchdog() {
        return Watchdog.configure().nanoTime(nanos::get).withoutThreads().open();
    }

    private static Optional<TaskHealth> lifecycle(Watchdog watchdog) {
        return watchdog.health().stream()
                .filter(task -> task.name().equals(Models.TASK))
                .findFirst();
    }

    @Test
    void aLookThatHangsIsSeenAndStartedAnew() throws InterruptedException {
        try (Watchdog watchdog = watchdog();
                Hart hart = Hart.configure()
                        .inMemory()
                        .workspace(directory)
                        .withoutModel()
                        .taskKeeper(watchdog)
                        .part(new NoDevices())
                        .part(new Hurried())
                        .create()) {
            hart.unwrap(Models.class);
            assertThat(isStuck.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(looks.availablePermits()).isZero();
            nanos.addAndGet(Duration.ofSeconds(600).toNanos());
            watchdog.check();
            assertThat(lifecycle(watchdog).orElseThrow().restarts())
                    .as("ten intervals of a minute are not over")
                    .isZero();

            nanos.addAndGet(Duration.ofSeconds(61).toNanos());
            watchdog.check();

            assertThat(looks.tryAcquire(2, 20, TimeUnit.SECONDS)).isTrue();
            assertThat(lifecycle(watchdog)).hasValueSatisfying(task -> {
                assertThat(task.status()).isEqualTo(TaskHealth.Status.HEALTHY);
                assertThat(task.restarts()).isEqualTo(1);
            });
            assertThat(watchdog.recentEvents())
                    .filteredOn(event -> event.task().equals(Models.TASK))
                    .extracting(WatchdogEvent::kind)
                    .containsExactly(WatchdogEvent.Kind.FROZEN, WatchdogEvent.Kind.RESTARTED);
        }
    }

    @Test
    void aRuntimesModelsAreWatchedUntilItIsClosed() {
        try (Watchdog watchdog = watchdog()) {
            try (Hart hart = Hart.configure()
                    .inMemory()
                    .workspace(directory)
                    .withoutModel()
                    .taskKeeper(watchdog)
                    .part(new NoDevices())
                    .create()) {
                assertThat(lifecycle(watchdog)).isEmpty();
                hart.unwrap(Models.class);
                assertThat(lifecycle(watchdog))
                        .hasValueSatisfying(
                                task -> assertThat(task.expectedInterval()).isEqualTo(Duration.ofSeconds(60)));
            }
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(lifecycle(watchdog)).isEmpty());
        }
    }
}
