package dev.hart.tools;

import dev.hart.tool.Effect;
import dev.hart.tool.Param;
import dev.hart.tool.Tool;
import dev.hart.tool.ToolContext;
import dev.hart.tool.ToolFailure;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteOpenMode;

/**
 * The tool for SQLite files. SQLite itself keeps them unchanged: the file is opened for reading only, nothing can be
 * attached to it, and extensions stay off. Thread-safe.
 */
public final class SqlTools {
    static final int MAX_ROWS = 1000;
    static final int MAX_CHARACTERS = 1 << 20;
    static final int MAX_SQL_CHARACTERS = 10_000;
    static final int MAX_PARAMETERS = 100;
    private static final int BUSY_TIMEOUT_MILLIS = 2000;
    private static final int OPERATIONS_BETWEEN_CHECKS = 10_000;

    private final Workspace workspace;
    private final InstantSource clock;

    SqlTools(Workspace workspace, InstantSource clock) {
        this.workspace = workspace;
        this.clock = clock;
    }

    @Tool(
            name = "sql.query",
            description = "Query a SQLite database file with SQL.",
            effect = Effect.READ,
            reach = {})
    public List<Map<String, @Nullable Object>> query(
            @Param("The SQLite file to query") Path path,
            @Param("The SQL query, one SELECT statement") String sql,
            @Param(value = "The values for the ? marks in the query, in order", optional = true) @Nullable
                    List<@Nullable Object> params,
            ToolContext context) {
        List<@Nullable Object> values = params == null ? List.of() : params;
        if (sql.length() > MAX_SQL_CHARACTERS || values.size() > MAX_PARAMETERS) {
            throw new ToolFailure(
                    "SQL_NOT_ALLOWED",
                    "a query has at most %d characters and %d params; shorten it"
                            .formatted(MAX_SQL_CHARACTERS, MAX_PARAMETERS));
        }
        SqlText.requireOneQuery(sql);
        Path file = workspace.existingFile(path);
        if (file.toString().indexOf('?') >= 0) {
            throw new ToolFailure(
                    "PATH_INVALID", "the path of a database cannot hold '?', was '%s'; rename it".formatted(path));
        }
        try (Connection connection = open(file, context);
                PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, values);
            if (!statement.execute()) {
                throw new ToolFailure("SQL_NOT_ALLOWED", "the statement answers no rows; write a query");
            }
            try (ResultSet result = statement.getResultSet()) {
                return rows(result);
            }
        } catch (SQLException e) {
            throw failure(e, path);
        }
    }

    Connection open(Path file, ToolContext context) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        config.resetOpenMode(SQLiteOpenMode.READWRITE);
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        config.setOpenMode(SQLiteOpenMode.READONLY);
        config.enableLoadExtension(false);
        config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        config.setPragma(SQLiteConfig.Pragma.LIMIT_ATTACHED, "0");
        config.setPragma(SQLiteConfig.Pragma.LIMIT_LENGTH, Integer.toString(MAX_CHARACTERS));
        Connection connection = config.createConnection("jdbc:sqlite:" + file);
        try (Statement statement = connection.createStatement()) {
            ProgressHandler.setHandler(connection, OPERATIONS_BETWEEN_CHECKS, new ProgressHandler() {
                @Override
                protected int progress() {
                    boolean late = clock.instant().isAfter(context.deadline());
                    return late || Thread.currentThread().isInterrupted() ? 1 : 0;
                }
            });
            statement.execute("PRAGMA query_only = ON");
            statement.execute("PRAGMA trusted_schema = OFF");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static void bind(PreparedStatement statement, List<@Nullable Object> values) throws SQLException {
        int marks = statement.getParameterMetaData().getParameterCount();
        if (marks != values.size()) {
            throw new ToolFailure(
                    "PARAMS_MISMATCH",
                    "the query has %d ? marks, and params has %d values; give one value for each"
                            .formatted(marks, values.size()));
        }
        for (int i = 0; i < values.size(); i++) {
            Object value = values.get(i);
            if (value instanceof BigDecimal number) {
                statement.setDouble(i + 1, number.doubleValue());
            } else if (value == null
                    || value instanceof String
                    || value instanceof Boolean
                    || value instanceof Number) {
                statement.setObject(i + 1, value);
            } else {
                throw new ToolFailure(
                        "PARAMS_MISMATCH",
                        "value %d of params is a list or an object; give texts, numbers, true, false or null"
                                .formatted(i + 1));
            }
        }
    }

    private static List<Map<String, @Nullable Object>> rows(ResultSet result) throws SQLException {
        List<String> columns = columns(result.getMetaData());
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        long characters = 0;
        while (result.next()) {
            Map<String, @Nullable Object> row = new LinkedHashMap<>();
            for (int i = 0; i < columns.size(); i++) {
                Object value = value(result.getObject(i + 1), columns.get(i));
                row.put(columns.get(i), value);
                characters += columns.get(i).length() + String.valueOf(value).length();
            }
            rows.add(row);
            if (rows.size() > MAX_ROWS || characters > MAX_CHARACTERS) {
                throw new ToolFailure(
                        "TOO_MANY_ROWS",
                        "the query answers more than %d rows or %d characters; add LIMIT, or select less"
                                .formatted(MAX_ROWS, MAX_CHARACTERS));
            }
        }
        return rows;
    }

    private static List<String> columns(ResultSetMetaData head) throws SQLException {
        List<String> columns = new ArrayList<>();
        for (int i = 1; i <= head.getColumnCount(); i++) {
            String column = head.getColumnLabel(i);
            if (columns.contains(column)) {
                throw new ToolFailure(
                        "COLUMN_AMBIGUOUS",
                        "the query answers two columns named '%s'; give each an own name with AS"
                                .formatted(Quoted.shorten(column)));
            }
            columns.add(column);
        }
        return columns;
    }

    private static @Nullable Object value(@Nullable Object value, String column) {
        if (value instanceof Integer number) {
            return number.longValue();
        }
        if (value instanceof Double number) {
            if (number.isInfinite() || number.isNaN()) {
                throw new ToolFailure(
                        "VALUE_UNSUPPORTED", "column '%s' holds an infinite number; leave it out".formatted(column));
            }
            return BigDecimal.valueOf(number);
        }
        if (value instanceof byte[]) {
            throw new ToolFailure(
                    "VALUE_UNSUPPORTED",
                    "column '%s' holds binary data; select hex(…) of it, or leave it out"
                            .formatted(Quoted.shorten(column)));
        }
        return value;
    }

    private static ToolFailure failure(SQLException problem, Path path) {
        SQLiteErrorCode code = problem instanceof SQLiteException sqlite
                ? sqlite.getResultCode()
                : SQLiteErrorCode.getErrorCode(problem.getErrorCode());
        switch (code) {
            case SQLITE_INTERRUPT:
                return new ToolFailure(
                        "TIMEOUT", "the query of '%s' took too long; select less".formatted(path), true, problem);
            case SQLITE_NOTADB:
            case SQLITE_CORRUPT:
                return new ToolFailure(
                        "NOT_A_DATABASE",
                        "'%s' is not a sound SQLite database; give another file".formatted(path),
                        false,
                        problem);
            case SQLITE_BUSY:
            case SQLITE_LOCKED:
                return new ToolFailure(
                        "DATABASE_BUSY",
                        "'%s' is being written by another program; try again later".formatted(path),
                        true,
                        problem);
            case SQLITE_READONLY:
                return new ToolFailure(
                        "SQL_NOT_ALLOWED",
                        "'%s' is opened for reading only; write a query".formatted(path),
                        false,
                        problem);
            default:
                return new ToolFailure(
                        "SQL_INVALID",
                        "SQLite could not run the query on '%s': %s; correct it"
                                .formatted(path, Quoted.shorten(String.valueOf(problem.getMessage()))),
                        false,
                        problem);
        }
    }
}
