package dev.hart.tools;

import dev.hart.tool.ToolFailure;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Evaluates an arithmetic expression by recursive descent, in decimal with 34 digits ({@link MathContext#DECIMAL128}): what
 * fits in them is exact.
 *
 * <pre>
 * sum     = product { ("+" | "-") product }
 * product = sign { ("*" | "/" | "%") sign }
 * sign    = ("+" | "-") sign | power
 * power   = atom [ "^" sign ]                      2^3^2 = 2^(3^2), -2^2 = -(2^2)
 * atom    = number | "(" sum ")" | name "(" sum { "," sum } ")"
 * </pre>
 */
final class Expression {
    static final int MAX_LENGTH = 1000;
    static final int MAX_DEPTH = 100;
    static final int MAX_POWER = 9999;
    private static final int MAX_DIGITS_ROUNDED = 30;
    private static final int MAX_EXPONENT = 1_000_000;
    private static final MathContext CONTEXT = MathContext.DECIMAL128;

    private final String text;
    private int at;
    private int depth;

    private Expression(String text) {
        this.text = text;
    }

    /** @throws ToolFailure {@code EXPRESSION_INVALID} with the position, or {@code DIVISION_BY_ZERO} */
    static BigDecimal evaluate(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new ToolFailure(
                    "EXPRESSION_INVALID",
                    "the expression has %d characters, and at most %d are read; split it"
                            .formatted(text.length(), MAX_LENGTH));
        }
        Expression expression = new Expression(text);
        BigDecimal value = expression.sum();
        expression.skipBlanks();
        if (expression.at < text.length()) {
            throw expression.invalid("did not expect '" + text.charAt(expression.at) + "'");
        }
        return tidy(value);
    }

    private BigDecimal sum() {
        enter();
        BigDecimal value = product();
        while (true) {
            if (take('+')) {
                value = bounded(value.add(product(), CONTEXT));
            } else if (take('-') || take('−')) {
                value = bounded(value.subtract(product(), CONTEXT));
            } else {
                depth--;
                return value;
            }
        }
    }

    private BigDecimal product() {
        BigDecimal value = sign();
        while (true) {
            if (take('*') || take('×')) {
                value = bounded(value.multiply(sign(), CONTEXT));
            } else if (take('/') || take('÷')) {
                value = bounded(value.divide(divisor(), CONTEXT));
            } else if (take('%')) {
                value = remainder(value, divisor());
            } else {
                return value;
            }
        }
    }

    private BigDecimal divisor() {
        BigDecimal divisor = sign();
        if (divisor.signum() == 0) {
            throw new ToolFailure(
                    "DIVISION_BY_ZERO",
                    "'%s' divides by zero; give a divisor other than zero".formatted(Quoted.shorten(text)));
        }
        return divisor;
    }

    private BigDecimal remainder(BigDecimal value, BigDecimal divisor) {
        try {
            return value.remainder(divisor, CONTEXT);
        } catch (ArithmeticException e) {
            throw invalid("the quotient before % has more than 34 digits");
        }
    }

    private BigDecimal sign() {
        enter();
        BigDecimal value;
        if (take('-') || take('−')) {
            value = sign().negate();
        } else if (take('+')) {
            value = sign();
        } else {
            value = power();
        }
        depth--;
        return value;
    }

    private BigDecimal power() {
        BigDecimal base = atom();
        if (!take('^')) {
            return base;
        }
        BigDecimal exponent = sign();
        int n;
        try {
            n = exponent.intValueExact();
        } catch (ArithmeticException e) {
            throw invalid("a power needs a whole number; for a square root write sqrt(x)");
        }
        if (Math.abs((long) n) > MAX_POWER) {
            throw invalid("a power is at most " + MAX_POWER);
        }
        if (base.signum() == 0 && n < 0) {
            throw new ToolFailure(
                    "DIVISION_BY_ZERO",
                    "'%s' takes a negative power of zero, which divides by zero".formatted(Quoted.shorten(text)));
        }
        return bounded(base.pow(n, CONTEXT));
    }

    private BigDecimal atom() {
        skipBlanks();
        if (take('(')) {
            BigDecimal value = sum();
            expect(')');
            return value;
        }
        if (at < text.length() && (isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
            return number();
        }
        if (at < text.length() && Character.isLetter(text.charAt(at))) {
            return function();
        }
        throw invalid(
                at < text.length()
                        ? "expected a number or '(' before '" + text.charAt(at) + "'"
                        : "expected a number at the end");
    }

    private BigDecimal number() {
        int start = at;
        while (at < text.length() && isDigit(text.charAt(at))) {
            at++;
        }
        if (at < text.length() && text.charAt(at) == '.') {
            at++;
            while (at < text.length() && isDigit(text.charAt(at))) {
                at++;
            }
        }
        String digits = text.substring(start, at);
        if (digits.equals(".")) {
            throw invalid("'.' alone is no number");
        }
        return new BigDecimal(digits).round(CONTEXT);
    }

    private BigDecimal function() {
        int start = at;
        while (at < text.length() && Character.isLetterOrDigit(text.charAt(at))) {
            at++;
        }
        String name = text.substring(start, at).toLowerCase(Locale.ROOT);
        if (!take('(')) {
            throw invalid("'%s' is no number; put the number in its place".formatted(Quoted.shorten(name)));
        }
        List<BigDecimal> arguments = new ArrayList<>();
        do {
            arguments.add(sum());
        } while (take(','));
        expect(')');
        return apply(name, arguments);
    }

    private BigDecimal apply(String name, List<BigDecimal> arguments) {
        switch (name) {
            case "min":
                return arguments.stream().reduce(arguments.get(0), BigDecimal::min);
            case "max":
                return arguments.stream().reduce(arguments.get(0), BigDecimal::max);
            case "round":
                return round(arguments);
            case "sqrt":
                BigDecimal square = only(name, arguments);
                if (square.signum() < 0) {
                    throw invalid("there is no square root of a negative number");
                }
                return square.sqrt(CONTEXT);
            case "abs":
                return only(name, arguments).abs();
            case "floor":
                return whole(only(name, arguments), RoundingMode.FLOOR);
            case "ceil":
                return whole(only(name, arguments), RoundingMode.CEILING);
            default:
                throw invalid("there is no function '%s'; there are sqrt, abs, min, max, round, floor, ceil"
                        .formatted(Quoted.shorten(name)));
        }
    }

    private BigDecimal only(String name, List<BigDecimal> arguments) {
        if (arguments.size() != 1) {
            throw invalid(name + " takes one number");
        }
        return arguments.get(0);
    }

    private BigDecimal round(List<BigDecimal> arguments) {
        if (arguments.size() == 1) {
            return whole(arguments.get(0), RoundingMode.HALF_UP);
        }
        int digits;
        try {
            digits = arguments.size() == 2 ? arguments.get(1).intValueExact() : -1;
        } catch (ArithmeticException e) {
            digits = -1;
        }
        if (digits < 0 || digits > MAX_DIGITS_ROUNDED) {
            throw invalid("round takes a number, and how many digits after the point to keep, 0 to 30");
        }
        BigDecimal value = arguments.get(0);
        return value.scale() <= digits ? value : value.setScale(digits, RoundingMode.HALF_UP);
    }

    private static BigDecimal whole(BigDecimal value, RoundingMode mode) {
        return value.scale() <= 0 ? value : value.setScale(0, mode);
    }

    private void enter() {
        if (++depth > MAX_DEPTH) {
            throw invalid("nested deeper than " + MAX_DEPTH + " levels");
        }
    }

    private BigDecimal bounded(BigDecimal value) {
        long exponent = (long) value.precision() - value.scale();
        if (value.signum() != 0 && Math.abs(exponent) > MAX_EXPONENT) {
            throw invalid("a number on the way is larger, or nearer to zero, than can be calculated with");
        }
        return value;
    }

    private static BigDecimal tidy(BigDecimal value) {
        BigDecimal shortest = value.stripTrailingZeros();
        return shortest.scale() < 0 && shortest.scale() > -CONTEXT.getPrecision() ? shortest.setScale(0) : shortest;
    }

    private boolean take(char wanted) {
        skipBlanks();
        if (at < text.length() && text.charAt(at) == wanted) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(char wanted) {
        if (!take(wanted)) {
            throw invalid("expected '" + wanted + "'");
        }
    }

    private void skipBlanks() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private ToolFailure invalid(String problem) {
        return new ToolFailure(
                "EXPRESSION_INVALID",
                "cannot calculate '%s': %s, at position %d; correct the expression"
                        .formatted(Quoted.shorten(text), problem, Math.min(at, text.length()) + 1));
    }
}
