package dev.hart.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SignalQueueTest {
    private static final long APART = 10_000_000;

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // the clock may run over
    private final SignalQueue queue = new SignalQueue(now::get);

    @Test
    void aChannelIsDueAtOnceAndOnlyOnce() {
        queue.add("a");
        queue.add("a");
        queue.add("b");
        assertThat(queue.poll()).containsExactly("a", "b");
        assertThat(queue.poll()).isEmpty();
    }

    @Test
    void aChannelThatWasTakenWaitsTenMilliseconds() {
        queue.add("a");
        queue.poll();
        queue.add("a");
        now.addAndGet(APART - 1);
        assertThat(queue.poll()).isEmpty();
        now.addAndGet(1);
        assertThat(queue.poll()).containsExactly("a");
    }

    @Test
    void aChannelThatWasQuietForTenMillisecondsIsDueAtOnce() {
        queue.add("a");
        queue.poll();
        now.addAndGet(APART);
        queue.add("a");
        assertThat(queue.poll()).containsExactly("a");
    }

    @Test
    void oneChannelDoesNotDelayAnother() {
        queue.add("a");
        queue.poll();
        queue.add("b");
        assertThat(queue.poll()).containsExactly("b");
    }

    @Test
    void moreThanAThousandChannelsBecomeAll() {
        for (int i = 0; i < SignalQueue.MAX_WAITING; i++) {
            queue.add("c" + i);
        }
        queue.add("c0");
        assertThat(queue.poll()).hasSize(SignalQueue.MAX_WAITING);
        now.addAndGet(APART);
        for (int i = 0; i <= SignalQueue.MAX_WAITING; i++) {
            queue.add("c" + i);
        }
        assertThat(queue.poll()).containsExactly(SignalQueue.ALL);
    }

    @Test
    void aClosedQueueGivesWhatItHasAndTakesNothing() throws Exception {
        queue.add("a");
        queue.poll();
        queue.add("a");
        queue.close();
        queue.add("b");
        assertThat(queue.take(Long.MAX_VALUE)).containsExactly("a");
        assertThat(queue.take(Long.MAX_VALUE)).isEmpty();
    }
}
