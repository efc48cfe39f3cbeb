package dev.hart.bench.ledger;

import dev.hart.ledger.Lease;
import dev.hart.ledger.Ledgers;
import dev.hart.store.Store;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What HART's ledger writes during the life of a task, read from its own tables, so that what is written by hand has the
 * columns, the texts and the sizes that the ledger has today.
 *
 * @param created the row of the task when it was added
 * @param claimed the columns that the claim changed
 * @param completed the columns that the completion changed
 * @param events the rows of the three events
 */
record RowsOfTask(
        Map<String, @Nullable Object> created,
        Map<String, @Nullable Object> claimed,
        Map<String, @Nullable Object> completed,
        List<Map<String, @Nullable Object>> events) {
    private static final long FIRST_MILLIS = 1_700_000_000_000L;

    @FunctionalInterface
    interface Connections {
        Connection open() throws SQLException;
    }

    /**
     * Makes the tables and the ledger, and lets a task live in it, of which nothing is left then.
     *
     * @param store an empty database; closed
     * @param connections to the same database
     */
    static RowsOfTask learn(Store store, int stripes, Connections connections) throws SQLException {
        AtomicLong millis = new AtomicLong(FIRST_MILLIS);
        try (Connection connection = connections.open()) {
            Map<String, @Nullable Object> created;
            Map<String, @Nullable Object> claimed;
            try (store;
                    Ledgers ledgers = Ledgers.in(store)
                            .actor("bench")
                            .clock(() -> Instant.ofEpochMilli(millis.incrementAndGet()))
                            .withoutBackgroundThread()
                            .open()) {
                LedgerTasks tasks = new LedgerTasks(ledgers, stripes);
                tasks.add();
                created = onlyRow(connection);
                Lease lease = tasks.claim(0);
                claimed = onlyRow(connection);
                tasks.complete(lease);
            }
            Map<String, @Nullable Object> completed = onlyRow(connection);
            List<Map<String, @Nullable Object>> events = rows(connection, "SELECT * FROM task_event ORDER BY seq");
            clear(connection);
            return new RowsOfTask(created, changed(created, claimed), changed(claimed, completed), events);
        }
    }

    private static Map<String, @Nullable Object> onlyRow(Connection connection) throws SQLException {
        List<Map<String, @Nullable Object>> rows = rows(connection, "SELECT * FROM task");
        if (rows.size() != 1) {
            throw new SQLException("there are " + rows.size() + " tasks, not one");
        }
        return rows.get(0);
    }

    private static List<Map<String, @Nullable Object>> rows(Connection connection, String query) throws SQLException {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            ResultSetMetaData columns = row.getMetaData();
            while (row.next()) {
                Map<String, @Nullable Object> values = new LinkedHashMap<>();
                for (int i = 1; i <= columns.getColumnCount(); i++) {
                    values.put(columns.getColumnName(i), row.getObject(i));
                }
                rows.add(values);
            }
        }
        return rows;
    }

    private static Map<String, @Nullable Object> changed(
            Map<String, @Nullable Object> before, Map<String, @Nullable Object> after) {
        Map<String, @Nullable Object> changed = new LinkedHashMap<>();
        after.forEach((column, value) -> {
            if (!Objects.equals(value, before.get(column))) {
                changed.put(column, value);
            }
        });
        return changed;
    }

    private static void clear(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("DELETE FROM task");
            statement.executeUpdate("DELETE FROM task_event");
            statement.executeUpdate("UPDATE ledger_head SET seq = 0");
        }
    }
}
