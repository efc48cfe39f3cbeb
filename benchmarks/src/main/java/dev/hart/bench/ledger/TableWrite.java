package dev.hart.bench.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rows for one table, sent as one batch. */
final class TableWrite implements AutoCloseable {
    private final PreparedStatement statement;
    private final Map<String, Integer> positions = new HashMap<>();
    private final @Nullable Object[] values;
    private int rows;

    private TableWrite(Connection connection, String sql, Map<String, ? extends @Nullable Object> parameters)
            throws SQLException {
        this.statement = connection.prepareStatement(sql);
        this.values = new @Nullable Object[parameters.size()];
        int position = 0;
        for (Map.Entry<String, ? extends @Nullable Object> parameter : parameters.entrySet()) {
            positions.put(parameter.getKey(), position);
            values[position++] = parameter.getValue();
        }
    }

    /** @param values by column: what every row has unless {@link #set} says otherwise */
    static TableWrite insert(Connection connection, String table, Map<String, ? extends @Nullable Object> values)
            throws SQLException {
        String sql = "INSERT INTO " + table + " (" + String.join(", ", values.keySet()) + ") VALUES ("
                + String.join(", ", Collections.nCopies(values.size(), "?")) + ")";
        return new TableWrite(connection, sql, values);
    }

    /**
     * @param values by column, as for {@link #insert}
     * @param keys by column: which row; each may be set, too
     */
    static TableWrite update(
            Connection connection,
            String table,
            Map<String, ? extends @Nullable Object> values,
            Map<String, ? extends @Nullable Object> keys)
            throws SQLException {
        Map<String, @Nullable Object> parameters = new LinkedHashMap<>(values);
        parameters.putAll(keys);
        String sql = "UPDATE " + table + " SET " + String.join(" = ?, ", values.keySet()) + " = ? WHERE "
                + String.join(" = ? AND ", keys.keySet()) + " = ?";
        return new TableWrite(connection, sql, parameters);
    }

    /** The value of the next rows. */
    TableWrite set(String column, @Nullable Object value) {
        Integer position = positions.get(column);
        if (position == null) {
            throw new IllegalArgumentException("the column " + column + " is not written: " + statement);
        }
        values[position] = value;
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
