package dev.hart.tools;

import static dev.hart.tools.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The tables of {@code examples/data}, against totals worked out without HART (see the README there). */
class ExampleDataTest {
    private final CsvTools csv = new CsvTools(new Workspace(repository(), Path.of("hart-data")));

    static Path repository() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(folder.resolve("examples/data"))) {
            folder = folder.getParent();
            assertThat(folder).as("run in the repository").isNotNull();
        }
        return folder;
    }

    private static Path data(String name) {
        return Path.of("examples/data", name);
    }

    @Test
    void theTotalsAreThoseOfTheReadme() {
        assertThat(csv.sum(data("sales.csv"), "amount")).isEqualTo(new BigDecimal("6417540.52"));
        assertThat(csv.sum(data("sales.csv"), "quantity")).isEqualTo(new BigDecimal("57433"));
        assertThat(csv.count(data("sales.csv"))).isEqualTo(3000);
        assertThat(csv.min(data("sales.csv"), "amount")).isEqualTo(new BigDecimal("-9960.00"));
        assertThat(csv.max(data("sales.csv"), "amount")).isEqualTo(new BigDecimal("9960.00"));
        assertThat(csv.sum(data("march.csv"), "amount")).isEqualTo(new BigDecimal("2742755.89"));
        assertThat(csv.sum(data("returns.csv"), "amount returned")).isEqualTo(new BigDecimal("344663.86"));
    }

    @Test
    void theRegionsAddUpToTheWhole() {
        assertThat(csv.groupSum(data("sales.csv"), "amount", "region"))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "East", new BigDecimal("1539896.97"),
                        "North", new BigDecimal("1621938.70"),
                        "South", new BigDecimal("1712013.25"),
                        "West", new BigDecimal("1543691.60")));
    }

    @Test
    void theEmptyAndTheBrokenTableAreRefused() {
        assertFails("EMPTY_FILE", () -> csv.sum(data("empty.csv"), "amount"));
        assertFails("NOT_A_NUMBER", () -> csv.sum(data("broken.csv"), "amount"))
                .startsWith("row 7 (line ")
                .contains("has 'to be confirmed' in column 'amount'");
        assertFails("COLUMN_NOT_FOUND", () -> csv.sum(data("returns.csv"), "amount"))
                .contains("did you mean 'amount returned'?");
    }
}
