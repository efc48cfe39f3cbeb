package dev.hart;

import java.math.BigDecimal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The receipt of a REUSE run: what it did not spend, compared with the CREATE run that taught its recipe. Negative where
 * it spent more.
 *
 * @param speedUp {@code 1 - reuse time / create time}, four decimals, rounded HALF_UP; null when the CREATE run took no
 *     measurable time
 */
public record Savings(
        int modelCalls,
        long tokens,
        Spark cost,
        Duration time,
        @Nullable BigDecimal speedUp) {}
