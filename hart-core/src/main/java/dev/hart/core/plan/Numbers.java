package dev.hart.core.plan;

import java.math.BigDecimal;

/** Numbers as JSON values. */
final class Numbers {
    private static final int MAX_DIGITS = 18;

    private Numbers() {}

    /** A {@link Long} when the value is whole and fits one, else the shortest {@link BigDecimal}. */
    static Object plain(BigDecimal value) {
        BigDecimal shortest = value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros();
        if (shortest.scale() <= 0 && shortest.precision() - shortest.scale() <= MAX_DIGITS) {
            return shortest.longValueExact();
        }
        return shortest;
    }

    static BigDecimal decimal(Object value) {
        return value instanceof Long whole ? BigDecimal.valueOf(whole) : new BigDecimal(value.toString());
    }

    static boolean isWhole(Object value) {
        return value instanceof Long;
    }
}
