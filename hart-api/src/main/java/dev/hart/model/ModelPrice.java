package dev.hart.model;

import dev.hart.Spark;
import java.math.BigDecimal;
import java.math.RoundingMode;

/** US dollars per 1,000 tokens read and written. */
public record ModelPrice(BigDecimal usdPer1000In, BigDecimal usdPer1000Out) {
    public static final ModelPrice FREE = new ModelPrice(BigDecimal.ZERO, BigDecimal.ZERO);

    /** 100 Spark per USD, in micro-Spark, over 1,000 tokens. */
    private static final BigDecimal MICRO_SPARK_PER_USD_PER_1000 = BigDecimal.valueOf(100_000);

    public ModelPrice {
        if (usdPer1000In.signum() < 0 || usdPer1000Out.signum() < 0) {
            throw new IllegalArgumentException("prices are not negative");
        }
    }

    /** Exact, then rounded up to a whole micro-Spark: 1,200 in and 300 out at 0.0025 and 0.01 cost 600,000. */
    public Spark costOf(TokenCount tokens) {
        BigDecimal usd1000 = usdPer1000In
                .multiply(BigDecimal.valueOf(tokens.in()))
                .add(usdPer1000Out.multiply(BigDecimal.valueOf(tokens.out())));
        return new Spark(usd1000.multiply(MICRO_SPARK_PER_USD_PER_1000)
                .setScale(0, RoundingMode.CEILING)
                .longValueExact());
    }
}
