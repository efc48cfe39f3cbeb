package dev.hart.security.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.HartClock;
import dev.hart.spi.HaltCause;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class IntegrityMonitorTest {
    @TempDir
    Path folder;

    private final Map<String, Callable<List<String>>> checks = new LinkedHashMap<>();
    private final List<List<String>> told = new ArrayList<>();
    private final AtomicInteger heartbeats = new AtomicInteger();
    private final SteppedClock clock = new SteppedClock();
    private CircuitBreaker breaker;

    /** Sleeps end when the test lets them. */
    private static final class SteppedClock implements HartClock {
        private final Semaphore steps = new Semaphore(0);
        private final Semaphore asleep = new Semaphore(0);
        private final List<Duration> sleeps = new ArrayList<>();

        @Override
        public Instant instant() {
            return Instant.EPOCH;
        }

        @Override
        public void sleep(Duration duration) throws InterruptedException {
            synchronized (sleeps) {
                sleeps.add(duration);
            }
            asleep.release();
            steps.acquire();
        }
    }

    @BeforeEach
    void open() {
        breaker = CircuitBreaker.in(folder).open();
    }

    @AfterEach
    void close() {
        breaker.close();
    }

    private IntegrityMonitor monitor() {
        return new IntegrityMonitor(checks, breaker, told::add, heartbeats::incrementAndGet, clock);
    }

    @Test
    void aNodeThatStaysAsItWasIsLeftAlone() {
        checks.put("code", List::of);
        checks.put("rules", List::of);
        IntegrityMonitor monitor = monitor();
        for (int i = 0; i < 10; i++) {
            assertThat(monitor.check()).isEmpty();
        }
        assertThat(heartbeats).hasValue(20);
        assertThat(breaker.isHalted()).isFalse();
    }

    @Test
    void aMismatchHaltsTheNodeAndIsToldOnceForEver() {
        List<String> found = new ArrayList<>(List.of("changed x"));
        checks.put("code", () -> List.copyOf(found));
        IntegrityMonitor monitor = monitor();
        assertThat(monitor.check()).contains(List.of("code: changed x"));
        found.clear();
        assertThat(monitor.check()).as("final until the process ends").contains(List.of("code: changed x"));
        assertThat(told).containsExactly(List.of("code: changed x"));
        assertThat(breaker.causes())
                .singleElement()
                .satisfies(cause -> assertThat(cause.kind()).isEqualTo(HaltCause.Kind.TAMPER))
                .satisfies(cause -> assertThat(cause.reason()).isEqualTo("code: changed x"));
    }

    @Test
    void threeRoundsInARowThatCannotBeMadeAreTampering() {
        List<Boolean> fails = new ArrayList<>(List.of(true, true, false, true, true, true));
        checks.put("audit", () -> {
            if (fails.remove(0)) {
                throw new IOException("no disk");
            }
            return List.of();
        });
        IntegrityMonitor monitor = monitor();
        for (int i = 0; i < 5; i++) {
            assertThat(monitor.check()).as("round " + i).isEmpty();
        }
        assertThat(monitor.check()).contains(List.of("a check could not be made 3 times in a row"));
        assertThat(breaker.isHalted()).isTrue();
    }

    @Test
    void aCallbackThatFailsDoesNotKeepTheNodeRunning() {
        checks.put("code", () -> List.of("x"));
        IntegrityMonitor monitor = new IntegrityMonitor(
                checks,
                breaker,
                found -> {
                    throw new IllegalStateException("broken");
                },
                () -> {},
                clock);
        assertThat(monitor.check()).isPresent();
        assertThat(breaker.isHalted()).isTrue();
    }

    @Test
    void startedTwiceItGoesRoundOnOneThreadEveryFiveMinutes() throws Exception {
        AtomicInteger rounds = new AtomicInteger();
        checks.put("code", () -> {
            rounds.incrementAndGet();
            return List.of();
        });
        try (IntegrityMonitor monitor = monitor()) {
            monitor.start();
            monitor.start();
            assertThat(clock.asleep.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
            assertThat(rounds).hasValue(1);
            clock.steps.release();
            assertThat(clock.asleep.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
            assertThat(rounds).hasValue(2);
            assertThat(clock.sleeps).containsOnly(Duration.ofSeconds(300));
        }
    }

    @Test
    void whatARoundFindsAfterTheMonitorWasStoppedIsNotHeard() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        checks.put("code", () -> {
            inside.countDown();
            boolean waited = false;
            while (!waited) {
                try {
                    waited = go.await(20, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    waited = false; // a check that does not listen to the interrupt
                }
            }
            return List.of("late");
        });
        IntegrityMonitor monitor = monitor();
        Thread checking = new Thread(monitor::check);
        checking.start();
        assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
        monitor.close();
        go.countDown();
        checking.join(10_000);
        assertThat(monitor.report()).isEmpty();
        assertThat(told).isEmpty();
        assertThat(breaker.isHalted()).isFalse();
    }

    @Test
    void aClassReplacedInAFolderOrAJarThatCannotBeReadIsAMismatch() throws Exception {
        Path classes = Files.createDirectory(folder.resolve("classes"));
        Files.writeString(classes.resolve("A.class"), "a");
        FileList released = FileList.of(Map.of("a.jar", classes));
        checks.put("code", IntegrityMonitor.code(released, Map.of("a.jar", classes)));
        checks.put("jvm", IntegrityMonitor.posture(JvmPosture.scan()));
        IntegrityMonitor monitor = monitor();
        assertThat(monitor.check()).isEmpty();
        Files.writeString(classes.resolve("A.class"), "b");
        assertThat(monitor.check()).contains(List.of("code: changed a.jar!/A.class"));
        Path torn = Files.writeString(folder.resolve("torn.jar"), "no zip");
        assertThat(IntegrityMonitor.code(released, Map.of("a.jar", torn)).call())
                .singleElement()
                .satisfies(said -> assertThat(said).startsWith("unreadable: "));
    }
}
