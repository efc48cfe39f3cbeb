package dev.hart.ledger;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Writes a double as ECMAScript's Number::toString does: the shortest digits that read back as the same double, the nearest
 * of them if there are several. Java 17's {@link Double#toString(double)} does not always find them (JDK-4511638).
 */
final class Es6Number {
    private static final int ALWAYS_EXACT_DIGITS = 15;
    private static final int MAX_DIGITS = 17;

    private Es6Number() {}

    /** Writes a number with all its digits, in ECMAScript's layout; one that is a double's shortest form stays that. */
    static void append(BigDecimal number, StringBuilder out) {
        layOut(number, out);
    }

    static void append(double number, StringBuilder out) {
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            throw new IllegalArgumentException(number + " is not a JSON number; a number must fit a double");
        }
        if (number == 0) {
            out.append('0');
        } else {
            layOut(shortest(number), out);
        }
    }

    private static BigDecimal shortest(double number) {
        BigDecimal exact = new BigDecimal(number);
        // The first candidates fail for most doubles: 15 digits are tried first, and fewer only by dropping zeros.
        int least = Math.abs(number) >= Double.MIN_NORMAL ? ALWAYS_EXACT_DIGITS : 1;
        for (int digits = least; digits < MAX_DIGITS; digits++) {
            BigDecimal down = exact.round(new MathContext(digits, RoundingMode.DOWN));
            BigDecimal up = exact.round(new MathContext(digits, RoundingMode.UP));
            boolean downReads = down.doubleValue() == number;
            boolean upReads = up.doubleValue() == number;
            if (downReads && upReads) {
                int nearer =
                        exact.subtract(down).abs().compareTo(up.subtract(exact).abs());
                return nearer == 0
                        ? exact.round(new MathContext(digits, RoundingMode.HALF_EVEN))
                        : nearer < 0 ? down : up;
            }
            if (downReads || upReads) {
                return downReads ? down : up;
            }
        }
        return exact.round(new MathContext(MAX_DIGITS, RoundingMode.HALF_EVEN));
    }

    /** ECMAScript's choice between plain and exponent form. */
    private static void layOut(BigDecimal number, StringBuilder out) {
        BigDecimal stripped = number.stripTrailingZeros();
        if (stripped.signum() == 0) {
            out.append('0');
            return;
        }
        if (stripped.signum() < 0) {
            out.append('-');
        }
        String digits = stripped.unscaledValue().abs().toString();
        int k = digits.length();
        int n = k - stripped.scale(); // the number is 0.digits times 10^n
        if (k <= n && n <= 21) {
            out.append(digits).append("0".repeat(n - k));
        } else if (0 < n && n <= 21) {
            out.append(digits, 0, n).append('.').append(digits, n, k);
        } else if (-6 < n && n <= 0) {
            out.append("0.").append("0".repeat(-n)).append(digits);
        } else {
            out.append(digits.charAt(0));
            if (k > 1) {
                out.append('.').append(digits, 1, k);
            }
            out.append('e').append(n > 0 ? "+" : "-").append(Math.abs(n - 1));
        }
    }
}
