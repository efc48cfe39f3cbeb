package dev.hart.tools;

import dev.hart.tool.Effect;
import dev.hart.tool.Param;
import dev.hart.tool.Tool;
import dev.hart.tool.ToolFailure;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Tools for tables in CSV files. Cells without content are passed over; sums are exact. Thread-safe. */
public final class CsvTools {
    static final int MAX_ROWS_READ = 1000;
    static final int MAX_GROUPS = 10_000;
    static final int MAX_CHARACTERS_READ = 1 << 20;

    private final Workspace workspace;

    CsvTools(Workspace workspace) {
        this.workspace = workspace;
    }

    @Tool(
            name = "csv.sum",
            description = "Add up the numbers in a column of a CSV file.",
            effect = Effect.READ,
            reach = {})
    public BigDecimal sum(@Param("The CSV file to read") Path path, @Param("The column to add up") String column) {
        BigDecimal[] total = {BigDecimal.ZERO};
        numbers(path, column, number -> total[0] = total[0].add(number));
        return total[0];
    }

    @Tool(
            name = "csv.average",
            description = "Calculate the average of the numbers in a column of a CSV file.",
            effect = Effect.READ,
            reach = {})
    public BigDecimal average(@Param("The CSV file to read") Path path, @Param("The column to average") String column) {
        BigDecimal[] total = {BigDecimal.ZERO};
        long[] count = {0};
        numbers(path, column, number -> {
            total[0] = total[0].add(number);
            count[0]++;
        });
        if (count[0] == 0) {
            throw noNumbers(path, column);
        }
        return total[0].divide(BigDecimal.valueOf(count[0]), MathContext.DECIMAL128);
    }

    @Tool(
            name = "csv.min",
            description = "Find the smallest number in a column of a CSV file.",
            effect = Effect.READ,
            reach = {})
    public BigDecimal min(@Param("The CSV file to read") Path path, @Param("The column to search") String column) {
        @Nullable BigDecimal[] least = {null};
        numbers(path, column, number -> least[0] = least[0] == null ? number : least[0].min(number));
        if (least[0] == null) {
            throw noNumbers(path, column);
        }
        return least[0];
    }

    @Tool(
            name = "csv.max",
            description = "Find the largest number in a column of a CSV file.",
            effect = Effect.READ,
            reach = {})
    public BigDecimal max(@Param("The CSV file to read") Path path, @Param("The column to search") String column) {
        @Nullable BigDecimal[] most = {null};
        numbers(path, column, number -> most[0] = most[0] == null ? number : most[0].max(number));
        if (most[0] == null) {
            throw noNumbers(path, column);
        }
        return most[0];
    }

    @Tool(
            name = "csv.group_sum",
            description = "Add up the numbers in a column of a CSV file for each value of another column.",
            effect = Effect.READ,
            reach = {})
    public Map<String, BigDecimal> groupSum(
            @Param("The CSV file to read") Path path,
            @Param("The column to add up") String column,
            @Param("The column to group by") String by) {
        Map<String, BigDecimal> totals = new TreeMap<>();
        try (CsvFile file = CsvFile.open(workspace, path)) {
            int numbers = file.column(column);
            int groups = file.column(by);
            for (CsvFile.Row row = file.next(); row != null; row = file.next()) {
                BigDecimal number = number(file, row, numbers, path);
                if (number != null) {
                    totals.merge(row.fields().get(groups), number, BigDecimal::add);
                    if (totals.size() > MAX_GROUPS) {
                        throw new ToolFailure(
                                "TOO_MANY_GROUPS",
                                "column '%s' of '%s' has more than %d different values; group by another column"
                                        .formatted(by, path, MAX_GROUPS));
                    }
                }
            }
        }
        return totals;
    }

    @Tool(
            name = "csv.count",
            description = "Count the rows of a CSV file.",
            effect = Effect.READ,
            reach = {})
    public long count(@Param("The CSV file to read") Path path) {
        long rows = 0;
        try (CsvFile file = CsvFile.open(workspace, path)) {
            while (file.next() != null) {
                rows++;
            }
        }
        return rows;
    }

    @Tool(
            name = "csv.columns",
            description = "List the column names of a CSV file.",
            effect = Effect.READ,
            reach = {})
    public List<String> columns(@Param("The CSV file to read") Path path) {
        try (CsvFile file = CsvFile.open(workspace, path)) {
            return file.columns();
        }
    }

    @Tool(
            name = "csv.read",
            description = "Read the rows of a CSV file.",
            effect = Effect.READ,
            reach = {})
    public List<Map<String, String>> read(
            @Param("The CSV file to read") Path path,
            @Param(value = "How many rows to read, from the first; all unless given", optional = true) @Nullable
                    Integer limit) {
        if (limit != null && (limit < 1 || limit > MAX_ROWS_READ)) {
            throw new ToolFailure(
                    "LIMIT_INVALID", "limit must be from 1 to %d, was %d".formatted(MAX_ROWS_READ, limit));
        }
        try (CsvFile file = CsvFile.open(workspace, path)) {
            return rows(file, path, row -> true, limit == null ? Integer.MAX_VALUE : limit);
        }
    }

    @Tool(
            name = "csv.filter",
            description = "Select the rows of a CSV file where a column has a certain value.",
            effect = Effect.READ,
            reach = {})
    public List<Map<String, String>> filter(
            @Param("The CSV file to read") Path path,
            @Param("The column to compare") String column,
            @Param("The value that the column must have") String value) {
        try (CsvFile file = CsvFile.open(workspace, path)) {
            int compared = file.column(column);
            String wanted = value.strip();
            return rows(file, path, row -> row.fields().get(compared).strip().equals(wanted), Integer.MAX_VALUE);
        }
    }

    /** The first {@code limit} rows that are wanted; a failure, not a part, when there are more than can be answered. */
    private static List<Map<String, String>> rows(CsvFile file, Path path, Predicate<CsvFile.Row> wanted, int limit) {
        List<String> columns = file.columns();
        if (new HashSet<>(columns).size() < columns.size()) {
            throw new ToolFailure(
                    "COLUMN_AMBIGUOUS", "'%s' has two columns of one name; give each an own name".formatted(path));
        }
        List<Map<String, String>> rows = new ArrayList<>();
        long characters = 0;
        for (CsvFile.Row row = file.next(); row != null && rows.size() < limit; row = file.next()) {
            if (!wanted.test(row)) {
                continue;
            }
            Map<String, String> cells = new LinkedHashMap<>();
            for (int i = 0; i < columns.size(); i++) {
                cells.put(columns.get(i), row.fields().get(i));
                characters += columns.get(i).length() + row.fields().get(i).length();
            }
            rows.add(cells);
            if (rows.size() > MAX_ROWS_READ || characters > MAX_CHARACTERS_READ) {
                throw new ToolFailure(
                        "TOO_MANY_ROWS",
                        ("'%s' has more rows than can be answered at once (%d rows, %d characters); give a limit, or use"
                                        + " csv.filter, csv.sum or csv.group_sum")
                                .formatted(path, MAX_ROWS_READ, MAX_CHARACTERS_READ));
            }
        }
        return rows;
    }

    private void numbers(Path path, String column, Consumer<BigDecimal> use) {
        try (CsvFile file = CsvFile.open(workspace, path)) {
            int position = file.column(column);
            for (CsvFile.Row row = file.next(); row != null; row = file.next()) {
                BigDecimal number = number(file, row, position, path);
                if (number != null) {
                    use.accept(number);
                }
            }
        }
    }

    private static @Nullable BigDecimal number(CsvFile file, CsvFile.Row row, int column, Path path) {
        String cell = row.fields().get(column);
        if (NumberText.isBlank(cell)) {
            return null;
        }
        return NumberText.parse(cell, file.commaMayBeDecimal())
                .orElseThrow(() -> new ToolFailure(
                        "NOT_A_NUMBER",
                        "row %d (line %d) of '%s' has '%s' in column '%s', which is no number; write it like 1234.50, or leave it empty"
                                .formatted(
                                        row.number(),
                                        row.line(),
                                        path,
                                        Quoted.shorten(cell),
                                        file.columns().get(column))));
    }

    private static ToolFailure noNumbers(Path path, String column) {
        return new ToolFailure(
                "NO_NUMBERS",
                "column '%s' of '%s' holds no number; choose another column".formatted(Quoted.shorten(column), path));
    }
}
