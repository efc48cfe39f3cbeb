package dev.hart.tools;

import static dev.hart.tools.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Writer;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvToolsTest {
    private static final Path TABLE = Path.of("table.csv");

    @TempDir
    Path root;

    CsvTools csv;

    @BeforeEach
    void inAnEmptyWorkspace() {
        csv = new CsvTools(new Workspace(root, root.resolve("hart-data")));
    }

    private void table(String content) throws IOException {
        Files.writeString(root.resolve(TABLE), content);
    }

    @Test
    void numbersOfAColumnAreAddedUpExactly() throws IOException {
        table("name,amount\na,0.1\nb,0.2\nc,12345678901234567890.01\n");

        assertThat(csv.sum(TABLE, "amount")).isEqualTo(new BigDecimal("12345678901234567890.31"));
    }

    @Test
    void numbersAreReadAsPeopleWriteThem() throws IOException {
        table("amount\n1234.50\n\"1,234.50\"\n 12 \n-5\n(5)\n12€\n$12\n€ 1\n");

        assertThat(csv.sum(TABLE, "amount")).isEqualByComparingTo("2496.00");
    }

    @Test
    void quotedFieldsMayHoldSeparatorsQuotesAndLineEnds() throws IOException {
        table("name,amount\n\"a, \"\"b\"\"\nc\",1\nd,2\n");

        assertThat(csv.sum(TABLE, "amount")).isEqualByComparingTo("3");
        assertThat(csv.read(TABLE, null))
                .containsExactly(Map.of("name", "a, \"b\"\nc", "amount", "1"), Map.of("name", "d", "amount", "2"));
    }

    @Test
    void averageSmallestAndLargestPassOverEmptyCells() throws IOException {
        table("name,amount\na,1\nb,\nc,  \nd,2.5\n");

        assertThat(csv.average(TABLE, "amount")).isEqualByComparingTo("1.75");
        assertThat(csv.min(TABLE, "amount")).isEqualByComparingTo("1");
        assertThat(csv.max(TABLE, "amount")).isEqualByComparingTo("2.5");
        assertThat(csv.sum(TABLE, "amount")).isEqualByComparingTo("3.5");
        assertThat(csv.count(TABLE)).isEqualTo(4);
    }

    @Test
    void anAverageThatNeverEndsHas34Digits() throws IOException {
        table("amount\n1\n0\n0\n");

        assertThat(csv.average(TABLE, "amount")).isEqualTo(new BigDecimal("0." + "3".repeat(34)));
    }

    @Test
    void aColumnWithoutNumbersHasASumButNoAverage() throws IOException {
        table("name,amount\na,\n");

        assertThat(csv.sum(TABLE, "amount")).isEqualByComparingTo("0");
        assertFails("NO_NUMBERS", () -> csv.average(TABLE, "amount"))
                .isEqualTo("column 'amount' of 'table.csv' holds no number; choose another column");
        assertFails("NO_NUMBERS", () -> csv.min(TABLE, "amount"));
        assertFails("NO_NUMBERS", () -> csv.max(TABLE, "amount"));
    }

    @Test
    void groupsAreAddedUpEachAndSorted() throws IOException {
        table("region,amount\nSouth,1\nNorth,2\nSouth,3.5\nEast,\n");

        assertThat(csv.groupSum(TABLE, "amount", "region"))
                .containsExactly(Map.entry("North", new BigDecimal("2")), Map.entry("South", new BigDecimal("4.5")));
    }

    @Test
    void thereAreAtMost10000Groups() throws IOException {
        StringBuilder rows = new StringBuilder("key,amount\n");
        for (int i = 0; i < 10_000; i++) {
            rows.append("k").append(i).append(",1\n");
        }
        table(rows.toString());
        assertThat(csv.groupSum(TABLE, "amount", "key")).hasSize(10_000);

        table(rows.append("one more,1\n").toString());
        assertFails("TOO_MANY_GROUPS", () -> csv.groupSum(TABLE, "amount", "key"))
                .isEqualTo("column 'key' of 'table.csv' has more than 10000 different values; group by another column");
    }

    @ParameterizedTest
    @CsvSource({"','", "';'", "'\t'", "'|'"})
    void theSeparatorIsFoundOut(String separator) throws IOException {
        table("name?amount\n\"x,;|\ty\"?1\nb?2\n".replace("?", separator));

        assertThat(csv.columns(TABLE)).containsExactly("name", "amount");
        assertThat(csv.sum(TABLE, "amount")).isEqualByComparingTo("3");
    }

    @Test
    void aSeparatorIsOneThatStandsEquallyOftenInEachRow() throws IOException {
        table("name, first;amount\nx;1\ny, z, w;2\n");

        assertThat(csv.columns(TABLE)).containsExactly("name, first", "amount");
    }

    @Test
    void byteOrderMarkWindowsLineEndsAndEmptyLinesAreNoContent() throws IOException {
        table("\uFEFF\r\namount,name\r\n1,a\r\n\r\n2,b\r\n\r\n");

        assertThat(csv.columns(TABLE)).containsExactly("amount", "name");
        assertThat(csv.sum(TABLE, "amount")).isEqualByComparingTo("3");
        assertThat(csv.count(TABLE)).isEqualTo(2);
    }

    @Test
    void aCellThatIsNoNumberIsNamedWithItsRowAndLine() throws IOException {
        table("name,amount\n\"a\nb\",1\nc,n/a\n");

        assertFails("NOT_A_NUMBER", () -> csv.sum(TABLE, "amount"))
                .isEqualTo(
                        "row 2 (line 4) of 'table.csv' has 'n/a' in column 'amount', which is no number; write it like"
                                + " 1234.50, or leave it empty");
    }

    @Test
    void aCommaThatMayBeADecimalCommaIsNeverGuessedAt() throws IOException {
        table("name;amount\na;1,234\n");
        assertFails("NOT_A_NUMBER", () -> csv.sum(TABLE, "amount"));

        table("name;amount\na;1,234.50\n");
        assertThat(csv.sum(TABLE, "amount")).isEqualByComparingTo("1234.5");
    }

    @Test
    void aMissingColumnIsAnsweredWithTheColumnsThereAre() throws IOException {
        table("date,amount,customer name\n2026-01-01,1,x\n");

        assertFails("COLUMN_NOT_FOUND", () -> csv.sum(TABLE, "amuont"))
                .isEqualTo("'table.csv' has no column 'amuont'; did you mean 'amount'? its columns are: date, amount,"
                        + " customer name");
        assertFails("COLUMN_NOT_FOUND", () -> csv.groupSum(TABLE, "amount", "customer"))
                .contains("did you mean 'customer name'?");
        assertFails("COLUMN_NOT_FOUND", () -> csv.sum(TABLE, "temperature"))
                .isEqualTo("'table.csv' has no column 'temperature'; its columns are: date, amount, customer name");
    }

    @Test
    void aColumnIsFoundInOtherCaseWhenOnlyOneCanBeMeant() throws IOException {
        table("Amount,name\n1,a\n");
        assertThat(csv.sum(TABLE, " amount")).isEqualByComparingTo("1");

        table("Amount,amount\n1,2\n");
        assertThat(csv.sum(TABLE, "amount")).isEqualByComparingTo("2");
        assertFails("COLUMN_AMBIGUOUS", () -> csv.sum(TABLE, "AMOUNT"))
                .isEqualTo("'table.csv' has 2 columns named 'AMOUNT'; give each an own name");
    }

    @Test
    void twoColumnsOfOneNameCannotBecomeAMap() throws IOException {
        table("a,a\n1,2\n");

        assertFails("COLUMN_AMBIGUOUS", () -> csv.read(TABLE, null))
                .isEqualTo("'table.csv' has two columns of one name; give each an own name");
        assertFails("COLUMN_AMBIGUOUS", () -> csv.sum(TABLE, "a"));
    }

    @Test
    void anEmptyFileIsRefusedByEveryTool() throws IOException {
        for (String nothing : new String[] {"", "\uFEFF", "\n\r\n"}) {
            table(nothing);
            assertFails("EMPTY_FILE", () -> csv.sum(TABLE, "amount"))
                    .isEqualTo("'table.csv' is empty; it needs a first line with the names of its columns");
            assertFails("EMPTY_FILE", () -> csv.count(TABLE));
            assertFails("EMPTY_FILE", () -> csv.columns(TABLE));
            assertFails("EMPTY_FILE", () -> csv.read(TABLE, null));
        }
    }

    @Test
    void aRowWithMoreOrFewerFieldsThanTheHeaderIsRefused() throws IOException {
        table("name,amount\na,1\nb, c,2\n");
        assertFails("CSV_INVALID", () -> csv.sum(TABLE, "amount"))
                .isEqualTo(
                        "row 2 (line 3) of 'table.csv' has 3 fields where the header has 2; correct it, or quote what"
                                + " holds a separator");

        table("name,amount\na\n");
        assertFails("CSV_INVALID", () -> csv.count(TABLE)).contains("has 1 fields where the header has 2");
    }

    @Test
    void aQuoteLeftOpenIsRefused() throws IOException {
        table("name,amount\na,1\n\"b,2\n");

        assertFails("CSV_INVALID", () -> csv.sum(TABLE, "amount")).contains("after row 1");
    }

    @Test
    void aFileThatIsNotUtf8IsRefused() throws IOException {
        Files.write(root.resolve(TABLE), "name,amount\nGrüße,1\n".getBytes(StandardCharsets.ISO_8859_1));
        assertFails("NOT_TEXT", () -> csv.sum(TABLE, "amount"));

        String longStart = "name,amount\n" + "a,1\n".repeat(20_000);
        Files.write(root.resolve(TABLE), (longStart + "ü,1\n").getBytes(StandardCharsets.ISO_8859_1));
        assertFails("NOT_TEXT", () -> csv.sum(TABLE, "amount"))
                .isEqualTo("'table.csv' is not UTF-8 text; save it as UTF-8, or give a text file");
    }

    @Test
    void aMissingFileIsNamed() {
        assertFails("FILE_NOT_FOUND", () -> csv.sum(Path.of("no.csv"), "amount"))
                .isEqualTo("there is no file 'no.csv' in the workspace; check the path");
    }

    @Test
    void atMost1000ColumnsAreRead() throws IOException {
        String columns = "c,".repeat(999) + "last";
        table(columns + "\n");
        assertThat(csv.columns(TABLE)).hasSize(1000);

        table(columns + ",more\n");
        assertFails("CSV_INVALID", () -> csv.columns(TABLE));
    }

    @Test
    void aFieldHasAtMost100000Characters() throws IOException {
        table("name,amount\n" + "x".repeat(100_000) + ",1\n");
        assertThat(csv.sum(TABLE, "amount")).isEqualByComparingTo("1");

        table("name,amount\n" + "x".repeat(100_001) + ",1\n");
        assertFails("CSV_INVALID", () -> csv.sum(TABLE, "amount"));
    }

    @Test
    void atMostAMillionRowsAreRead() throws IOException {
        try (Writer out = Files.newBufferedWriter(root.resolve(TABLE))) {
            out.write("n\n");
            for (int i = 0; i < 1_000_000; i++) {
                out.write("1\n");
            }
        }
        assertThat(csv.sum(TABLE, "n")).isEqualByComparingTo("1000000");

        Files.writeString(root.resolve(TABLE), "1\n", StandardOpenOption.APPEND);
        assertFails("FILE_TOO_LARGE", () -> csv.sum(TABLE, "n"))
                .isEqualTo("'table.csv' has more than 1000000 rows; split it");
    }

    @Test
    void rowsAreReadUpToALimitOrWholeNeverInPart() throws IOException {
        table("n\n" + "7\n".repeat(1000));
        assertThat(csv.read(TABLE, null)).hasSize(1000);
        assertThat(csv.read(TABLE, 2)).containsExactly(Map.of("n", "7"), Map.of("n", "7"));

        table("n\n" + "7\n".repeat(1001));
        assertThat(csv.read(TABLE, 1000)).hasSize(1000);
        assertFails("TOO_MANY_ROWS", () -> csv.read(TABLE, null))
                .isEqualTo(
                        "'table.csv' has more rows than can be answered at once (1000 rows, 1048576 characters); give a"
                                + " limit, or use csv.filter, csv.sum or csv.group_sum");
    }

    @Test
    void aLimitIsFrom1To1000() throws IOException {
        table("n\n7\n");

        assertFails("LIMIT_INVALID", () -> csv.read(TABLE, 0)).isEqualTo("limit must be from 1 to 1000, was 0");
        assertThat(csv.read(TABLE, 1)).hasSize(1);
        assertFails("LIMIT_INVALID", () -> csv.read(TABLE, 1001));
    }

    @Test
    void rowsTogetherHaveAtMostAMebiOfCharacters() throws IOException {
        String row = "x".repeat(65_535) + "\n";
        table("n\n" + row.repeat(16));
        assertThat(csv.read(TABLE, null)).hasSize(16);

        table("n\n" + row.repeat(16) + "\"\"\n");
        assertFails("TOO_MANY_ROWS", () -> csv.read(TABLE, null));
    }

    @Test
    void rowsAreSelectedByTheValueOfAColumn() throws IOException {
        table("region,amount\nNorth,1\nSouth,2\n north ,3\nNorth ,4\n");

        assertThat(csv.filter(TABLE, "region", "North"))
                .containsExactly(Map.of("region", "North", "amount", "1"), Map.of("region", "North ", "amount", "4"));
        assertThat(csv.filter(TABLE, "region", "East")).isEmpty();
    }
}
