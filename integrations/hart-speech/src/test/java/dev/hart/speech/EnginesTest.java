package dev.hart.speech;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class EnginesTest {
    private final AtomicInteger made = new AtomicInteger();
    private final Engines<Integer> engines = new Engines<>("test", 2, made::incrementAndGet);

    @Test
    void enginesAreMadeWhenTheyAreNeeded() throws Exception {
        for (int i = 0; i < 3; i++) {
            assertThat(engines.<Integer>with(engine -> engine)).isEqualTo(1);
        }
        CountDownLatch both = new CountDownLatch(2);
        ExecutorService callers = Executors.newFixedThreadPool(2);
        try {
            Future<Integer> one = callers.submit(() -> engines.<Integer>with(engine -> together(both, engine)));
            Future<Integer> other = callers.submit(() -> engines.<Integer>with(engine -> together(both, engine)));
            assertThat(one.get() + other.get()).isEqualTo(3);
        } finally {
            callers.shutdownNow();
        }
        assertThat(made).hasValue(2);
    }

    private static int together(CountDownLatch both, int engine) {
        both.countDown();
        await(both);
        return engine;
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void oneThatFailedIsNotUsedAgain() {
        assertThatThrownBy(() -> engines.with(engine -> {
                    throw new IllegalArgumentException("failed");
                }))
                .hasMessage("failed");
        assertThat(engines.<Integer>with(engine -> engine)).isEqualTo(2);
    }

    @Test
    void closingTellsTheCallsAndWaitsForThem() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        ExecutorService caller = Executors.newSingleThreadExecutor();
        try {
            AtomicBoolean ended = new AtomicBoolean();
            Future<?> call = caller.submit(() -> engines.with(engine -> {
                running.countDown();
                while (!engines.stops()) {
                    Thread.onSpinWait();
                }
                ended.set(true);
                return engine;
            }));
            running.await();
            engines.close();
            assertThat(ended).isTrue();
            call.get();
        } finally {
            caller.shutdownNow();
        }
        engines.close();
        assertThatThrownBy(() -> engines.with(engine -> engine)).hasMessage("model test is closed");
    }
}
