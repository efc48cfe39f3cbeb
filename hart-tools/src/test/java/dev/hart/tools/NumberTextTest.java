package dev.hart.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumberTextTest {
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '^',
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "1234.50|1234.50",
                "1,234.50|1234.50",
                "1,234,567|1234567",
                " 12 |12",
                "\u00A012\u202F|12",
                "-5|-5",
                "+5|5",
                "−5|-5",
                "(5)|-5",
                "(1,234.50)|-1234.50",
                "€12|12",
                "12€|12",
                "$12|12",
                "12 $|12",
                "-$5|-5",
                "$-5|-5",
                "($5)|-5",
                ".5|0.5",
                "5.|5",
                "007|7",
                "1.5E3|1.5E+3",
                "1e-2|0.01",
                "0|0",
                "-0|0"
            })
    void isReadAsPeopleMeanIt(String text, BigDecimal value) {
        assertThat(NumberText.parse(text, false)).hasValue(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "()",
                "(",
                "(-5)",
                "--5",
                "-$-5",
                "5-",
                "n/a",
                "12,34",
                "1,23",
                "1234,567",
                "1,2345",
                "1.234,50",
                "1.2.3",
                "12%",
                "0x10",
                "1 234",
                "1e1000",
                "1,234e5",
                "NaN",
                "Infinity",
                "٣",
                "1_000",
                "$",
                "."
            })
    void anythingElseIsNoNumber(String text) {
        assertThat(NumberText.parse(text, false)).isEmpty();
    }

    @Test
    void aCommaAloneIsRefusedWhereItMayBeADecimalComma() {
        assertThat(NumberText.parse("1,234", false)).hasValue(new BigDecimal("1234"));
        assertThat(NumberText.parse("1,234", true)).isEmpty();
        assertThat(NumberText.parse("1,234.0", true)).hasValue(new BigDecimal("1234.0"));
        assertThat(NumberText.parse("12.34", true)).hasValue(new BigDecimal("12.34"));
    }

    @Test
    void aNumberHasAtMost100Characters() {
        assertThat(NumberText.parse("9".repeat(100), false)).isPresent();
        assertThat(NumberText.parse("9".repeat(101), false)).isEmpty();
    }
}
