package dev.hart.gpu.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.gpu.Listening;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Listeners that cannot hurt who tells them. */
@Timeout(30)
class AudienceTest {
    private final Audience<Integer> audience = new Audience<>("hart-audience-test");

    private static List<Integer> take(BlockingQueue<Integer> from, int many) throws InterruptedException {
        List<Integer> taken = new java.util.ArrayList<>();
        for (int i = 0; i < many; i++) {
            taken.add(from.poll(10, TimeUnit.SECONDS));
        }
        return taken;
    }

    @Test
    void everyListenerIsToldInOrderAndOneThatThrowsTooOfWhatComesAfter() throws InterruptedException {
        BlockingQueue<Integer> well = new LinkedBlockingQueue<>();
        BlockingQueue<Integer> throwing = new LinkedBlockingQueue<>();
        audience.listen(well::add);
        audience.listen(event -> {
            throwing.add(event);
            throw new IllegalStateException("never mind");
        });
        List<Integer> all = IntStream.range(0, 100).boxed().toList();
        all.forEach(audience::tell);

        assertThat(take(well, 100)).isEqualTo(all);
        assertThat(take(throwing, 100)).isEqualTo(all);
    }

    @Test
    void oneThatHangsHoldsUpNobodyAndLosesWhatIsTooMuch() throws InterruptedException {
        CountDownLatch hanging = new CountDownLatch(1);
        CountDownLatch hangs = new CountDownLatch(1);
        BlockingQueue<Integer> slow = new LinkedBlockingQueue<>();
        BlockingQueue<Integer> well = new LinkedBlockingQueue<>();
        audience.listen(event -> {
            hangs.countDown();
            try {
                hanging.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            slow.add(event);
        });
        audience.tell(-1);
        hangs.await();
        for (int i = 0; i < Audience.MOST_WAITING + 5; i++) {
            audience.tell(i);
        }
        audience.listen(well::add);
        audience.tell(-7);
        assertThat(take(well, 1)).containsExactly(-7);

        hanging.countDown();
        assertThat(take(slow, Audience.MOST_WAITING + 1)).doesNotContain(Audience.MOST_WAITING, -7);
        audience.tell(-8);
        assertThat(take(slow, 1)).containsExactly(-8);
    }

    @Test
    void whoLeavesIsToldNoMore() throws InterruptedException {
        BlockingQueue<Integer> left = new LinkedBlockingQueue<>();
        BlockingQueue<Integer> stays = new LinkedBlockingQueue<>();
        assertThat(audience.isEmpty()).isTrue();
        Listening listening = audience.listen(left::add);
        audience.listen(stays::add);
        audience.tell(1);
        assertThat(take(left, 1)).containsExactly(1);

        listening.close();
        listening.close();
        audience.tell(2);

        assertThat(take(stays, 2)).containsExactly(1, 2);
        assertThat(left).isEmpty();
        assertThat(audience.isEmpty()).isFalse();
    }
}
