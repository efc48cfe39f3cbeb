package dev.hart.bench.ledger;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows for one table, sent as one batch. It writes those of the given values whose columns the table has, and something empty
 * into any other column that must have a value, so that it goes on working when columns come and go.
 */
final class TableWrite implements AutoCloseable {
    private record Column(String name, boolean mustHaveValue, int type) {}

    private final PreparedStatement statement;
    private final Map<String, Integer> positions = new HashMap<>();
    private final @Nullable Object[] values;
    private int rows;

    private TableWrite(Connection connection, String sql, Map<String, @Nullable Object> parameters)
            throws SQLException {
        this.statement = connection.prepareStatement(sql);
        this.values = new @Nullable Object[parameters.size()];
        int position = 0;
        for (Map.Entry<String, @Nullable Object> parameter : parameters.entrySet()) {
            positions.put(parameter.getKey(), position);
            values[position++] = parameter.getValue();
        }
    }

    /** @param values by column: what every row has unless {@link #set} says otherwise */
    static TableWrite insert(Connection connection, String table, Map<String, ? extends @Nullable Object> values)
            throws SQLException {
        Map<String, @Nullable Object> parameters = new LinkedHashMap<>();
        for (Column column : columns(connection, table)) {
            if (values.containsKey(column.name)) {
                parameters.put(column.name, values.get(column.name));
            } else if (column.mustHaveValue) {
                parameters.put(column.name, empty(column.type));
            }
        }
        String sql = "INSERT INTO " + table + " (" + String.join(", ", parameters.keySet()) + ") VALUES ("
                + String.join(", ", Collections.nCopies(parameters.size(), "?")) + ")";
        return new TableWrite(connection, sql, parameters);
    }

    /**
     * @param values by column, as for {@link #insert}
     * @param keys by column: which row; each may be set, too
     */
    static TableWrite update(
            Connection connection,
            String table,
            Map<String, ? extends @Nullable Object> values,
            Map<String, Object> keys)
            throws SQLException {
        Map<String, @Nullable Object> parameters = new LinkedHashMap<>();
        List<String> assignments = new ArrayList<>();
        for (Column column : columns(connection, table)) {
            if (values.containsKey(column.name)) {
                parameters.put(column.name, values.get(column.name));
                assignments.add(column.name + " = ?");
            }
        }
        parameters.putAll(keys);
        String sql = "UPDATE " + table + " SET " + String.join(", ", assignments) + " WHERE "
                + String.join(" = ? AND ", keys.keySet()) + " = ?";
        return new TableWrite(connection, sql, parameters);
    }

    private static List<Column> columns(Connection connection, String table) throws SQLException {
        List<Column> columns = new ArrayList<>();
        try (ResultSet row = connection.getMetaData().getColumns(null, connection.getSchema(), table, null)) {
            while (row.next()) {
                boolean mustHaveValue =
                        row.getInt("NULLABLE") == DatabaseMetaData.columnNoNulls && row.getString("COLUMN_DEF") == null;
                columns.add(new Column(row.getString("COLUMN_NAME"), mustHaveValue, row.getInt("DATA_TYPE")));
            }
        }
        if (columns.isEmpty()) {
            throw new SQLException("there is no table " + table);
        }
        return columns;
    }

    private static Object empty(int type) {
        return switch (type) {
            case Types.INTEGER, Types.BIGINT, Types.SMALLINT, Types.NUMERIC -> 0L;
            case Types.BIT, Types.BOOLEAN -> false;
            case Types.BLOB, Types.BINARY, Types.VARBINARY -> new byte[0];
            default -> "";
        };
    }

    /** The value of the next rows; nothing happens if the table lacks the column. */
    TableWrite set(String column, @Nullable Object value) {
        Integer position = positions.get(column);
        if (position != null) {
            values[position] = value;
        }
        return this;
    }

    /** Adds a row to the batch. */
    void add() throws SQLException {
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
        statement.addBatch();
        rows++;
    }

    /** Sends the batch, if there is one. */
    void send() throws SQLException {
        if (rows > 0) {
            rows = 0;
            for (int changed : statement.executeBatch()) {
                if (changed != 1 && changed != Statement.SUCCESS_NO_INFO) {
                    throw new SQLException("a statement changed " + changed + " rows, not one: " + statement);
                }
            }
        }
    }

    @Override
    public void close() throws SQLException {
        statement.close();
    }
}
