package dev.hart.tools;

import static dev.hart.tools.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MathToolsTest {
    private final MathTools math = new MathTools();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0.1 + 0.2 | 0.3",
                "1+2*3 | 7",
                "(1+2)*3 | 9",
                "10-4-3 | 3",
                "100/8/5 | 2.5",
                "7 % 3 | 1",
                "-7 % 3 | -1",
                "2^10 | 1024",
                "2^3^2 | 512",
                "-2^2 | -4",
                "(-2)^2 | 4",
                "2^-2 | 0.25",
                "--3 | 3",
                "+3 | 3",
                "2*-3 | -6",
                "2 × 3 ÷ 4 − 1 | 0.5",
                "1.10 + 1.10 | 2.2",
                "100 | 100",
                ".5 | 0.5",
                "5. | 5",
                "0^0 | 1",
                "12345678901234567890 * 1.00 | 12345678901234567890",
                "1/3 | 0.3333333333333333333333333333333333"
            })
    void operatorsBindAsInSchool(String expression, String value) {
        assertThat(math.evaluate(expression).toPlainString()).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sqrt(2.25) | 1.5",
                "SQRT(16) | 4",
                "abs(-3) | 3",
                "min(3, 1, 2) | 1",
                "max(3, 1, 2) | 3",
                "min(5) | 5",
                "round(2.5) | 3",
                "round(-2.5) | -3",
                "round(1.005, 2) | 1.01",
                "round(7, 2) | 7",
                "floor(-1.5) | -2",
                "ceil(1.2) | 2",
                "max(1+1, sqrt(4)*3) | 6"
            })
    void functionsAreKnown(String expression, String value) {
        assertThat(math.evaluate(expression).toPlainString()).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({"1/0", "5 % (2-2)", "1/(0.0)", "0^-1"})
    void divisionByZeroIsAnErrorOfItsOwn(String expression) {
        assertFails("DIVISION_BY_ZERO", () -> math.evaluate(expression));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            delimiter = '|',
            value = {
                "\"\" | expected a number at the end, at position 1",
                "1 + | expected a number at the end, at position 4",
                "1 2 | did not expect '2', at position 3",
                "(1 | expected ')', at position 3",
                "1) | did not expect ')', at position 2",
                "* 2 | expected a number or '(' before '*', at position 1",
                "x + 1 | 'x' is no number; put the number in its place, at position 3",
                "sin(1) | there is no function 'sin'; there are sqrt, abs, min, max, round, floor, ceil, at position 7",
                "sqrt(-1) | there is no square root of a negative number, at position 9",
                "sqrt(1, 2) | sqrt takes one number, at position 11",
                "min() | expected a number or '(' before ')', at position 5",
                "2 ^ 0.5 | a power needs a whole number; for a square root write sqrt(x), at position 8",
                "round(1, 31) | round takes a number, and how many digits after the point to keep, 0 to 30, at position 13",
                "1,5 | did not expect ',', at position 2",
                ". | '.' alone is no number, at position 2",
                "1..2 | did not expect '.', at position 3",
                "١ | expected a number or '(' before '١', at position 1"
            })
    void aMistakeIsNamedWithItsPosition(String expression, String problem) {
        assertFails("EXPRESSION_INVALID", () -> math.evaluate(expression))
                .isEqualTo("cannot calculate '%s': %s; correct the expression", expression, problem);
    }

    @Test
    void anExpressionHasAtMost1000Characters() {
        String longest = "1" + "+1".repeat(499) + " ";

        assertThat(math.evaluate(longest)).isEqualTo(new BigDecimal("500"));
        assertFails("EXPRESSION_INVALID", () -> math.evaluate(longest + " "))
                .isEqualTo("the expression has 1001 characters, and at most 1000 are read; split it");
    }

    @Test
    void parenthesesAndSignsNestAtMost100Levels() {
        assertThat(math.evaluate("(".repeat(49) + "1" + ")".repeat(49))).isEqualTo(BigDecimal.ONE);
        assertFails("EXPRESSION_INVALID", () -> math.evaluate("(".repeat(50) + "1" + ")".repeat(50)))
                .contains("nested deeper than 100 levels");
        assertThat(math.evaluate("-".repeat(98) + "1")).isEqualTo(BigDecimal.ONE);
        assertFails("EXPRESSION_INVALID", () -> math.evaluate("-".repeat(99) + "1"));
    }

    @Test
    void aPowerIsAtMost9999AndResultsStayWithinReach() {
        assertThat(math.evaluate("1^9999")).isEqualTo(BigDecimal.ONE);
        assertFails("EXPRESSION_INVALID", () -> math.evaluate("1^10000")).contains("a power is at most 9999");
        assertFails("EXPRESSION_INVALID", () -> math.evaluate("(10^9999)^9999"))
                .contains("larger, or nearer to zero, than can be calculated with");
        assertFails("EXPRESSION_INVALID", () -> math.evaluate("(10^-9999)^9999"));
    }
}
