package dev.hart.ledger;

import dev.hart.store.Transaction;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The tasks as rows. */
final class TaskRows {
    private static final String SELECT = """
            SELECT t.ledger_id, t.task_id, t.parent_task_id, t.description, t.status, t.container, t.context_json,
                   t.result_json, t.blocked_reason, t.failure_reason, t.reason, t.retry_count, t.max_retries, t.not_before,
                   t.supersedes, t.owner_node, t.owner_incarnation, t.version, t.created_at, t.updated_at, t.started_at,
                   t.completed_at, l.agent_id, l.session_id
            FROM task t JOIN ledger l ON l.ledger_id = t.ledger_id
            """;

    private TaskRows() {}

    static @Nullable Task find(Transaction tx, LedgerId id, String taskId) throws SQLException {
        PreparedStatement select = tx.prepare(SELECT + "WHERE t.ledger_id = ? AND t.task_id = ?");
        select.setString(1, id.key());
        select.setString(2, taskId);
        List<Task> found = read(select);
        return found.isEmpty() ? null : found.get(0);
    }

    static List<Task> all(Transaction tx, LedgerId id) throws SQLException {
        PreparedStatement select = tx.prepare(SELECT + "WHERE t.ledger_id = ? ORDER BY t.created_no");
        select.setString(1, id.key());
        return read(select);
    }

    static List<Task> runs(Transaction tx, int limit) throws SQLException {
        PreparedStatement select = tx.prepare(SELECT + "WHERE t.task_id = 'run' ORDER BY t.created_no DESC LIMIT ?");
        select.setInt(1, limit);
        return read(select);
    }

    static List<Task> openRuns(Transaction tx) throws SQLException {
        return read(
                tx.prepare(
                        SELECT
                                + "WHERE t.task_id = 'run' AND t.status IN ('pending', 'in_progress', 'paused') ORDER BY t.created_no"));
    }

    private static List<Task> read(PreparedStatement select) throws SQLException {
        List<Task> tasks = new ArrayList<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                tasks.add(task(row));
            }
        }
        return tasks;
    }

    @SuppressWarnings("unchecked")
    private static Task task(ResultSet row) throws SQLException {
        String result = row.getString(8);
        return new Task(
                new LedgerId(row.getString(23), row.getString(24)),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                TaskStatus.ofWireName(row.getString(5)),
                row.getInt(6) == 1,
                (Map<String, @Nullable Object>) Objects.requireNonNull(CanonicalJson.read(row.getString(7))),
                result == null ? null : CanonicalJson.read(result),
                row.getString(9),
                row.getString(10),
                row.getString(11),
                row.getInt(12),
                row.getInt(13),
                instant(row, 14),
                row.getString(15),
                row.getString(16),
                row.getString(17),
                row.getLong(18),
                Instant.ofEpochMilli(row.getLong(19)),
                Instant.ofEpochMilli(row.getLong(20)),
                instant(row, 21),
                instant(row, 22));
    }

    private static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : Instant.ofEpochMilli(millis);
    }

    static void insert(Transaction tx, Task task, int unmetEdges) throws SQLException {
        PreparedStatement insert = tx.prepare("""
                INSERT INTO task (ledger_id, task_id, parent_task_id, description, status, container, context_json,
                    retry_count, max_retries, supersedes, unmet_edges, version, created_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?)""");
        insert.setString(1, task.ledgerId().key());
        insert.setString(2, task.taskId());
        insert.setString(3, task.parentTaskId());
        insert.setString(4, task.description());
        insert.setString(5, task.status().wireName());
        insert.setInt(6, task.container() ? 1 : 0);
        insert.setString(7, CanonicalJson.write(task.context()));
        insert.setInt(8, task.maxRetries());
        insert.setString(9, task.supersedes());
        insert.setInt(10, unmetEdges);
        insert.setLong(11, task.version());
        insert.setLong(12, task.createdAt().toEpochMilli());
        insert.setLong(13, task.updatedAt().toEpochMilli());
        insert.executeUpdate();
    }

    /** Writes what commands change. */
    static void update(Transaction tx, Task task) throws SQLException {
        PreparedStatement update = tx.prepare("""
                UPDATE task SET status = ?, result_json = ?, blocked_reason = ?, failure_reason = ?, reason = ?,
                    retry_count = ?, not_before = ?, owner_node = ?, owner_incarnation = ?, version = ?, updated_at = ?,
                    started_at = ?, completed_at = ?
                WHERE ledger_id = ? AND task_id = ?""");
        update.setString(1, task.status().wireName());
        update.setString(2, task.result() == null ? null : CanonicalJson.write(task.result()));
        update.setString(3, task.blockedReason());
        update.setString(4, task.failureReason());
        update.setString(5, task.reason());
        update.setInt(6, task.retryCount());
        setInstant(update, 7, task.notBefore());
        update.setString(8, task.ownerNode());
        update.setString(9, task.ownerIncarnation());
        update.setLong(10, task.version());
        update.setLong(11, task.updatedAt().toEpochMilli());
        setInstant(update, 12, task.startedAt());
        setInstant(update, 13, task.completedAt());
        update.setString(14, task.ledgerId().key());
        update.setString(15, task.taskId());
        update.executeUpdate();
    }

    private static void setInstant(PreparedStatement statement, int index, @Nullable Instant instant)
            throws SQLException {
        if (instant == null) {
            statement.setNull(index, java.sql.Types.INTEGER);
        } else {
            statement.setLong(index, instant.toEpochMilli());
        }
    }
}
