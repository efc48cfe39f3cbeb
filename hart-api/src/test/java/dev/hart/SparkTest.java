package dev.hart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SparkTest {
    @Test
    void anAmountIsWrittenInSparkWithoutTrailingZeros() {
        assertThat(new Spark(600_000)).hasToString("0.6");
        assertThat(new Spark(100_000_000)).hasToString("100");
        assertThat(new Spark(-1)).hasToString("-0.000001");
        assertThat(Spark.ZERO).hasToString("0");
    }

    @Test
    void sumsAreExactOrRefused() {
        assertThat(new Spark(5).plus(new Spark(-7)).minus(new Spark(1))).isEqualTo(new Spark(-3));
        assertThatThrownBy(() -> new Spark(Long.MAX_VALUE).plus(new Spark(1))).isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> new Spark(Long.MIN_VALUE).minus(new Spark(1))).isInstanceOf(ArithmeticException.class);
        assertThat(new Spark(1)).isGreaterThan(Spark.ZERO);
    }
}
