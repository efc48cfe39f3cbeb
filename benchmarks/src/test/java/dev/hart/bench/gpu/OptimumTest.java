package dev.hart.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class OptimumTest {
    @Test
    void theBestChoiceAndPlacementIsFound() {
        assertThat(Optimum.of(List.of(10), List.of(6, 5, 5))).isEqualTo(10);
        assertThat(Optimum.of(List.of(10), List.of(6, 6))).isEqualTo(6);
        assertThat(Optimum.of(List.of(10, 7), List.of(6, 4, 7, 2))).isEqualTo(17);
        assertThat(Optimum.of(List.of(3, 3), List.of(5))).isZero();
        assertThat(Optimum.of(List.of(4, 4), List.of(2, 2, 2))).isEqualTo(6);
        assertThatThrownBy(() -> Optimum.of(List.of(5000, 5000), List.of(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void inOrderWhoFitsIsServed() {
        assertThat(Optimum.inOrder(List.of(10), List.of(6, 5, 5))).isEqualTo(6);
        assertThat(Optimum.inOrder(List.of(10, 7), List.of(6, 4, 7, 3)))
                .as("6 and 4 on the first")
                .isEqualTo(17);
    }

    @Test
    void leasesNeverTakeMoreThanTheOptimum() throws InterruptedException {
        Packing packing = new Packing(new SplittableRandom(1));
        for (int i = 0; i < 20; i++) {
            for (Packing.Outcome outcome : List.of(packing.onSmallDevices(), packing.onLargeDevices())) {
                assertThat(outcome.taken())
                        .isLessThanOrEqualTo(outcome.inOrder())
                        .isPositive();
                assertThat(outcome.inOrder()).isLessThanOrEqualTo(outcome.optimum());
            }
        }
    }
}
