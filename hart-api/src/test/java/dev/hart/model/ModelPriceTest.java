package dev.hart.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Spark;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

class ModelPriceTest {
    @Test
    void twelveHundredTokensInAndThreeHundredOutCostSixTenthsOfASpark() {
        ModelPrice price = new ModelPrice(new BigDecimal("0.0025"), new BigDecimal("0.01"));
        assertThat(price.costOf(new TokenCount(1_200, 300))).isEqualTo(new Spark(600_000));
    }

    @Test
    void aFractionOfAMicroSparkIsRoundedUp() {
        assertThat(new ModelPrice(new BigDecimal("0.0000001"), BigDecimal.ZERO).costOf(new TokenCount(1, 0)))
                .isEqualTo(new Spark(1));
        assertThat(ModelPrice.FREE.costOf(new TokenCount(9, 9))).isEqualTo(Spark.ZERO);
    }

    @Test
    void pricesAndCountsAreNotNegative() {
        assertThatThrownBy(() -> new ModelPrice(BigDecimal.ONE.negate(), BigDecimal.ZERO))
                .hasMessageContaining("not negative");
        assertThatThrownBy(() -> new TokenCount(-1, 0)).hasMessageContaining("not negative");
    }
}
