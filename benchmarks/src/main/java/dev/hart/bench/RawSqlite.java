package dev.hart.bench;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;

/**
 * The least that a durable step can cost on this disk: as many events, of the same size, as HART wrote for a step, and two
 * updates of tasks, written by hand with JDBC in one commit with the same settings of SQLite.
 */
record RawSqlite(double microsPerStep, int events, int payloadBytes) {
    private static final int WARM_UP_STEPS = 200;
    private static final int TASKS = 1_000;

    /**
     * Writes by hand what HART wrote.
     *
     * @param written the data directory of a runtime that ran chains of {@link StepRate#STEPS} steps
     * @param file a database to make
     */
    static RawSqlite measure(Path written, Path file, Duration time) {
        try {
            int events;
            int payloadBytes;
            try (Connection hart = DriverManager.getConnection("jdbc:sqlite:" + written.resolve("hart.db"));
                    Statement statement = hart.createStatement();
                    ResultSet row = statement.executeQuery(String.format(Locale.ROOT, """
                            SELECT round(1.0 * count(*) / count(DISTINCT ledger_id) / %d), round(avg(length(payload)))
                            FROM task_event""", StepRate.STEPS))) {
                events = row.getInt(1);
                payloadBytes = row.getInt(2);
            }
            try (Connection raw = DriverManager.getConnection("jdbc:sqlite:" + file)) {
                prepare(raw);
                Writer writer = new Writer(raw, events, "x".repeat(payloadBytes));
                writer.write(WARM_UP_STEPS, Long.MAX_VALUE);
                long start = System.nanoTime();
                int steps = writer.write(Integer.MAX_VALUE, start + time.toNanos());
                return new RawSqlite((System.nanoTime() - start) / 1_000.0 / steps, events, payloadBytes);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the comparison with plain SQLite failed: " + e.getMessage(), e);
        }
    }

    private static void prepare(Connection raw) throws SQLException {
        try (Statement statement = raw.createStatement()) {
            statement.execute("PRAGMA journal_mode = WAL");
            statement.execute("PRAGMA synchronous = FULL");
            statement.execute("PRAGMA wal_autocheckpoint = 1000");
            statement.execute("""
                    CREATE TABLE event (ledger TEXT, seq INTEGER, task TEXT, type TEXT, at INTEGER, payload TEXT, hash BLOB,
                                        PRIMARY KEY (ledger, seq)) WITHOUT ROWID""");
            statement.execute(
                    "CREATE TABLE task (id INTEGER PRIMARY KEY, status TEXT, result TEXT, updated_at INTEGER)");
        }
        raw.setAutoCommit(false);
        try (PreparedStatement insert = raw.prepareStatement("INSERT INTO task VALUES (?, 'pending', NULL, 0)")) {
            for (int id = 0; id < TASKS; id++) {
                insert.setInt(1, id);
                insert.executeUpdate();
            }
        }
        raw.commit();
    }

    /** Writes steps, each in a commit of its own. */
    private static final class Writer {
        private final Connection connection;
        private final PreparedStatement insert;
        private final PreparedStatement update;
        private final int events;
        private final String payload;
        private final byte[] hash = new byte[32];
        private long seq;

        Writer(Connection connection, int events, String payload) throws SQLException {
            this.connection = connection;
            this.insert = connection.prepareStatement("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)");
            this.update =
                    connection.prepareStatement("UPDATE task SET status = ?, result = ?, updated_at = ? WHERE id = ?");
            this.events = events;
            this.payload = payload;
        }

        int write(int most, long until) throws SQLException {
            int steps = 0;
            while (steps < most && System.nanoTime() < until) {
                long now = System.currentTimeMillis();
                for (int i = 0; i < events; i++) {
                    insert.setString(1, "run");
                    insert.setLong(2, ++seq);
                    insert.setString(3, "task");
                    insert.setString(4, "STEP_FINISHED");
                    insert.setLong(5, now);
                    insert.setString(6, payload);
                    insert.setBytes(7, hash);
                    insert.executeUpdate();
                }
                task(steps % TASKS, "completed", now);
                task((steps + 1) % TASKS, "in_progress", now);
                connection.commit();
                steps++;
            }
            return steps;
        }

        private void task(int id, String status, long now) throws SQLException {
            update.setString(1, status);
            update.setString(2, "10000");
            update.setLong(3, now);
            update.setInt(4, id);
            update.executeUpdate();
        }
    }
}
