package dev.hart.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.HartClock;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RateLimitTest {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final RateLimit limit = new RateLimit(30, Duration.ofSeconds(2), new HartClock() {
        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public void sleep(Duration duration) {
            now = now.plus(duration);
        }
    });

    @Test
    void of35CallsAtTheSameInstant30PassAndTheOthersAreToldToWaitTwoSeconds() {
        var waits = Stream.generate(() -> limit.take("a")).limit(35).toList();

        assertThat(waits.subList(0, 30)).containsOnly(Duration.ZERO);
        assertThat(waits.subList(30, 35)).containsOnly(Duration.ofSeconds(2));
    }

    @Test
    void afterTwoSecondsOneMorePassesAndNotBefore() {
        Stream.generate(() -> limit.take("a")).limit(31).forEach(wait -> {});

        now = now.plusMillis(1_999);
        assertThat(limit.take("a")).isEqualTo(Duration.ofMillis(1));
        now = now.plusMillis(1);
        assertThat(limit.take("a")).isZero();
        assertThat(limit.take("a")).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void aBucketNeverHoldsMoreThanItsSize() {
        now = now.plus(Duration.ofHours(5));
        assertThat(Stream.generate(() -> limit.take("a")).limit(31).filter(Duration::isZero))
                .hasSize(30);
    }

    @Test
    void callersDoNotUseUpEachOthersTokens() {
        Stream.generate(() -> limit.take("a")).limit(31).forEach(wait -> {});
        assertThat(limit.take("b")).isZero();
    }
}
