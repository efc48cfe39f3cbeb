package dev.hart.tools;

import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.CsvRecordHandler;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import dev.hart.tool.ToolFailure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One pass over a CSV file (RFC 4180, UTF-8) whose first record names the columns. Fields are parted by comma, semicolon,
 * tab or bar, whichever the file uses; a byte order mark and empty lines are passed over. Rows stream: memory does not grow
 * with the file. Not thread-safe.
 */
final class CsvFile implements AutoCloseable {
    static final int MAX_COLUMNS = 1000;
    static final int MAX_ROWS = 1_000_000;
    static final int MAX_FIELD_CHARACTERS = 100_000;
    private static final int MAX_RECORD_CHARACTERS = 1_000_000;
    private static final int SAMPLE_CHARACTERS = 32 << 10;
    private static final int MAX_COLUMNS_SHOWN = 30;

    private final String name;
    private final CsvReader<CsvRecord> reader;
    private final CloseableIterator<CsvRecord> records;
    private final char separator;
    private final List<String> columns;
    private int rows;

    private CsvFile(String name, CsvReader<CsvRecord> reader, char separator) {
        this.name = name;
        this.reader = reader;
        this.separator = separator;
        this.records = reader.iterator();
        CsvRecord header = read();
        if (header == null) {
            throw emptyFile(name);
        }
        this.columns = header.getFields().stream().map(String::strip).toList();
    }

    /**
     * A row of the file.
     *
     * @param number from 1, the header not counted
     * @param line the line of the file that it starts on, from 1
     */
    record Row(int number, long line, List<String> fields) {}

    /** @throws ToolFailure {@code EMPTY_FILE}, or what {@link Workspace#existingFile} throws */
    static CsvFile open(Workspace workspace, Path path) {
        String name = path.toString();
        Path file = workspace.existingFile(path);
        try {
            Reader text = new BufferedReader(
                    new InputStreamReader(
                            Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS), StandardCharsets.UTF_8.newDecoder()),
                    SAMPLE_CHARACTERS);
            try {
                char separator = CsvSeparator.of(sample(text));
                return new CsvFile(name, reader(text, separator), separator);
            } catch (IOException | RuntimeException e) {
                text.close();
                throw e;
            }
        } catch (CharacterCodingException e) {
            throw Workspace.notText(name, e);
        } catch (IOException e) {
            throw Workspace.failure("read", name, e, true);
        }
    }

    List<String> columns() {
        return columns;
    }

    /** Whether a comma may be a decimal comma here: people who write one part their fields with semicolons. */
    boolean commaMayBeDecimal() {
        return separator == ';';
    }

    /**
     * The position of a column: the one of exactly that name, else the only one of that name in other case.
     *
     * @throws ToolFailure {@code COLUMN_NOT_FOUND} naming the columns there are, or {@code COLUMN_AMBIGUOUS}
     */
    int column(String wanted) {
        List<Integer> found = positions(wanted.strip()::equals);
        if (found.isEmpty()) {
            String folded = fold(wanted);
            found = positions(column -> fold(column).equals(folded));
        }
        if (found.size() > 1) {
            throw new ToolFailure(
                    "COLUMN_AMBIGUOUS",
                    "'%s' has %d columns named '%s'; give each an own name"
                            .formatted(name, found.size(), Quoted.shorten(wanted)));
        }
        if (found.isEmpty()) {
            String hint = NearestName.of(wanted, columns)
                    .map(near -> "did you mean '%s'? ".formatted(Quoted.shorten(near)))
                    .orElse("");
            throw new ToolFailure(
                    "COLUMN_NOT_FOUND",
                    "'%s' has no column '%s'; %sits columns are: %s"
                            .formatted(name, Quoted.shorten(wanted), hint, Quoted.list(columns, MAX_COLUMNS_SHOWN)));
        }
        return found.get(0);
    }

    /**
     * The next row, or null at the end.
     *
     * @throws ToolFailure {@code CSV_INVALID} for a row with more or fewer fields than the header, a quote left open, or
     *     too large a row; {@code NOT_TEXT}; {@code FILE_TOO_LARGE} after {@link #MAX_ROWS}
     */
    @Nullable
    Row next() {
        CsvRecord record = read();
        if (record == null) {
            return null;
        }
        if (++rows > MAX_ROWS) {
            throw new ToolFailure("FILE_TOO_LARGE", "'%s' has more than %d rows; split it".formatted(name, MAX_ROWS));
        }
        if (record.getFieldCount() != columns.size()) {
            throw new ToolFailure(
                    "CSV_INVALID",
                    "row %d (line %d) of '%s' has %d fields where the header has %d; correct it, or quote what holds a separator"
                            .formatted(
                                    rows,
                                    record.getStartingLineNumber(),
                                    name,
                                    record.getFieldCount(),
                                    columns.size()));
        }
        return new Row(rows, record.getStartingLineNumber(), record.getFields());
    }

    @Override
    public void close() {
        try {
            reader.close();
        } catch (IOException e) {
            throw Workspace.failure("close", name, e, true);
        }
    }

    private @Nullable CsvRecord read() {
        try {
            return records.hasNext() ? records.next() : null;
        } catch (CsvParseException | UncheckedIOException e) {
            throw unreadable(e);
        }
    }

    private ToolFailure unreadable(RuntimeException problem) {
        Throwable cause = problem.getCause();
        if (cause instanceof CharacterCodingException coding) {
            return Workspace.notText(name, coding);
        }
        if (cause instanceof IOException io) {
            return Workspace.failure("read", name, io, true);
        }
        Throwable reason = cause == null ? problem : cause;
        return new ToolFailure(
                "CSV_INVALID",
                "'%s' is not a CSV file that can be read, after row %d: %s; correct it"
                        .formatted(name, rows, reason.getMessage()),
                false,
                problem);
    }

    private List<Integer> positions(Predicate<String> wanted) {
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            if (wanted.test(columns.get(i))) {
                found.add(i);
            }
        }
        return found;
    }

    private static String fold(String column) {
        return column.strip().toLowerCase(Locale.ROOT);
    }

    /** The beginning of the text; the reader stands after the byte order mark, if any, when this returns. */
    private static CharSequence sample(Reader text) throws IOException {
        text.mark(1);
        if (text.read() != '\uFEFF') {
            text.reset();
        }
        text.mark(SAMPLE_CHARACTERS);
        char[] sample = new char[SAMPLE_CHARACTERS];
        int length = 0;
        for (int read = 0; read >= 0 && length < sample.length; length += Math.max(read, 0)) {
            read = text.read(sample, length, sample.length - length);
        }
        text.reset();
        return new String(sample, 0, length);
    }

    private static CsvReader<CsvRecord> reader(Reader text, char separator) {
        return CsvReader.builder()
                .fieldSeparator(separator)
                .skipEmptyLines(true)
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .allowUnclosedQuote(false)
                .allowExtraCharsAfterClosingQuote(false)
                .maxBufferSize(MAX_RECORD_CHARACTERS)
                .build(
                        CsvRecordHandler.builder()
                                .maxFields(MAX_COLUMNS)
                                .maxFieldSize(MAX_FIELD_CHARACTERS)
                                .maxRecordSize(MAX_RECORD_CHARACTERS)
                                .build(),
                        text);
    }

    private static ToolFailure emptyFile(String name) {
        return new ToolFailure(
                "EMPTY_FILE", "'%s' is empty; it needs a first line with the names of its columns".formatted(name));
    }
}
