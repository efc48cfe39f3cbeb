package dev.hart.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class EarlyTest {

    @Test
    void itBeginsBeforeAnybodyAsks() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        Early.begin("early", () -> {
            begun.countDown();
            return "";
        });
        begun.await();
    }

    @Test
    void theValueIsMadeOnceOnItsOwnThread() {
        AtomicInteger made = new AtomicInteger();
        Early<String> early = Early.begin("early", () -> {
            made.incrementAndGet();
            return Thread.currentThread().getName();
        });
        assertThat(early.get()).isEqualTo("early").isSameAs(early.get());
        assertThat(made).hasValue(1);
    }

    @Test
    void aMakerThatFailsFailsEveryoneWhoAsks() {
        IllegalStateException broken = new IllegalStateException("broken");
        Early<String> early = Early.begin("early", () -> {
            throw broken;
        });
        assertThatThrownBy(early::get).isSameAs(broken);
        assertThatThrownBy(early::get).isSameAs(broken);
    }

    @Test
    void anInterruptDoesNotEndTheWaitAndIsKept() {
        CountDownLatch asked = new CountDownLatch(1);
        Early<String> early = Early.begin("early", () -> {
            try {
                asked.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return "there";
        });
        Thread.currentThread().interrupt();
        asked.countDown();
        assertThat(early.get()).isEqualTo("there");
        assertThat(Thread.interrupted()).isTrue();
    }
}
