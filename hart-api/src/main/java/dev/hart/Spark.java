package dev.hart;

import java.math.BigDecimal;

/**
 * An amount of money in HART's unit, exact: an integer of micro-Spark. 1 Spark = 1,000,000 micro-Spark; 100 Spark = 1 USD.
 */
public record Spark(long micro) implements Comparable<Spark> {
    public static final Spark ZERO = new Spark(0);

    /** The sum; an ArithmeticException on overflow. */
    public Spark plus(Spark other) {
        return new Spark(Math.addExact(micro, other.micro));
    }

    /** The difference; an ArithmeticException on overflow. */
    public Spark minus(Spark other) {
        return new Spark(Math.subtractExact(micro, other.micro));
    }

    @Override
    public int compareTo(Spark other) {
        return Long.compare(micro, other.micro);
    }

    /** The amount in Spark as plain decimal text without trailing zeros, such as {@code 0.6}. */
    @Override
    public String toString() {
        return micro == 0
                ? "0"
                : BigDecimal.valueOf(micro, 6).stripTrailingZeros().toPlainString();
    }
}
