package dev.hart.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RetryTest {
    @Test
    void attemptsAreOneToAHundredAndTheBackoffIsNotNegative() {
        assertThatThrownBy(() -> new Retry(0, Duration.ZERO)).hasMessageContaining("1 to 100");
        assertThatThrownBy(() -> new Retry(101, Duration.ZERO)).hasMessageContaining("1 to 100");
        assertThatThrownBy(() -> new Retry(1, Duration.ofMillis(-1))).hasMessageContaining("negative");
    }

    @Test
    void withoutABackoffThereIsNoDelay() {
        assertThat(new Retry(3, Duration.ZERO).delayAfter(50)).isZero();
    }

    @Test
    void theDelayDoublesUpToThirtySeconds() {
        Retry retry = new Retry(7, Duration.ofSeconds(1));
        assertThat(retry.delayAfter(1)).isEqualTo(Duration.ofSeconds(1));
        assertThat(retry.delayAfter(2)).isEqualTo(Duration.ofSeconds(2));
        assertThat(retry.delayAfter(5)).isEqualTo(Duration.ofSeconds(16));
        assertThat(retry.delayAfter(6)).isEqualTo(Duration.ofSeconds(30));
        assertThat(retry.delayAfter(99)).isEqualTo(Duration.ofSeconds(30));
    }
}
