package dev.hart.ledger;

import dev.hart.error.LedgerException;
import dev.hart.store.Transaction;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The SQL of one ledger inside one transaction. */
final class LedgerTables {
    private static final String TASK_COLUMNS = TaskRow.DEFINITION_COLUMNS + ", " + TaskRow.STATE_COLUMNS;
    private static final String INSERT_TASK = "INSERT INTO task (" + TASK_COLUMNS + ") VALUES ("
            + "?, ".repeat(TaskRow.DEFINITION_SIZE + TaskRow.STATE_SIZE - 1) + "?)";
    private static final String UPDATE_TASK = "UPDATE task SET (" + TaskRow.STATE_COLUMNS + ") = ("
            + "?, ".repeat(TaskRow.STATE_SIZE - 1) + "?) WHERE created_no = ?";
    private static final String OPEN = "status NOT IN ('completed', 'failed', 'cancelled', 'terminated', 'skipped',"
            + " 'not_applicable', 'rolled_back')";
    private static final String ACROSS_LEDGERS = "SELECT " + TASK_COLUMNS
            + ", (SELECT agent_id FROM ledger l WHERE l.ledger_id = task.ledger_id)"
            + ", (SELECT session_id FROM ledger l WHERE l.ledger_id = task.ledger_id)"
            + " FROM task WHERE task_id = ? AND ";
    private static final int MAX_NAMED = 100; // ids in one error message

    /** The newest event of a chain. */
    record Head(long seq, byte[] hash) {}

    /** A row of {@code task_event}. */
    record EventRow(
            long seq,
            String taskId,
            String type,
            long at,
            String actor,
            String payload,
            byte[] prevHash,
            byte[] hash) {}

    private final Transaction tx;
    private final LedgerId ledger;
    private final String key;

    LedgerTables(Transaction tx, LedgerId ledger) {
        this.tx = tx;
        this.ledger = ledger;
        this.key = ledger.key();
    }

    @FunctionalInterface
    private interface Statement<T extends @Nullable Object> {
        T run(PreparedStatement statement) throws SQLException;
    }

    private <T extends @Nullable Object> T sql(String sql, Statement<T> use) {
        try {
            return use.run(tx.prepare(sql));
        } catch (SQLException e) {
            throw tx.unavailable(e);
        }
    }

    /** The ledger's head; null if there is no such ledger. Refuses a key whose parts are another ledger's. */
    @Nullable
    Head head() {
        Optional<Head> found = sql("""
                SELECT l.agent_id, l.session_id, h.seq, h.hash FROM ledger l
                JOIN ledger_head h ON h.ledger_id = l.ledger_id AND h.stripe = 0
                WHERE l.ledger_id = ?""", select -> {
            select.setString(1, key);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                LedgerId stored = new LedgerId(row.getString(1), row.getString(2));
                if (!stored.equals(ledger)) {
                    throw new LedgerException(
                            "LEDGER_ID_CLASH",
                            "%s is the ledger of agent '%s', session '%s', not of agent '%s', session '%s': choose other ids"
                                    .formatted(
                                            key,
                                            stored.agentId(),
                                            stored.sessionId(),
                                            ledger.agentId(),
                                            ledger.sessionId()));
                }
                return Optional.of(new Head(row.getLong(3), row.getBytes(4)));
            }
        });
        return found.orElse(null);
    }

    void insertLedger(long at) {
        sql("INSERT INTO ledger (ledger_id, agent_id, session_id, created_at) VALUES (?, ?, ?, ?)", insert -> {
            insert.setString(1, key);
            insert.setString(2, ledger.agentId());
            insert.setString(3, ledger.sessionId());
            insert.setLong(4, at);
            return insert.executeUpdate();
        });
        sql("INSERT INTO ledger_head (ledger_id, stripe, seq, hash) VALUES (?, 0, 0, ?)", insert -> {
            insert.setString(1, key);
            insert.setBytes(2, EventChain.START);
            return insert.executeUpdate();
        });
    }

    void moveHead(long from, Head to) {
        int moved = sql(
                "UPDATE ledger_head SET seq = ?, hash = ? WHERE ledger_id = ? AND stripe = 0 AND seq = ?", update -> {
                    update.setLong(1, to.seq());
                    update.setBytes(2, to.hash());
                    update.setString(3, key);
                    update.setLong(4, from);
                    return update.executeUpdate();
                });
        if (moved != 1) {
            throw new IllegalStateException(
                    key + " was written inside another write to it: use the LedgerTransaction that is open");
        }
    }

    void insertEvents(Collection<EventRow> events) {
        sql("""
                INSERT INTO task_event (ledger_id, stripe, seq, task_id, type, at, actor, payload, prev_hash, hash)
                VALUES (?, 0, ?, ?, ?, ?, ?, ?, ?, ?)""", insert -> {
            for (EventRow event : events) {
                insert.setString(1, key);
                insert.setLong(2, event.seq());
                insert.setString(3, event.taskId());
                insert.setString(4, event.type());
                insert.setLong(5, event.at());
                insert.setString(6, event.actor());
                insert.setString(7, event.payload());
                insert.setBytes(8, event.prevHash());
                insert.setBytes(9, event.hash());
                insert.executeUpdate(); // as fast as a batch: the driver sends each row by itself either way
            }
            return events.size();
        });
    }

    List<EventRow> events(long afterSeq, int limit) {
        return sql("""
                SELECT seq, task_id, type, at, actor, payload, prev_hash, hash FROM task_event
                WHERE ledger_id = ? AND stripe = 0 AND seq > ? ORDER BY seq LIMIT ?""", select -> {
            select.setString(1, key);
            select.setLong(2, afterSeq);
            select.setInt(3, limit);
            List<EventRow> events = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    events.add(new EventRow(
                            rows.getLong(1),
                            rows.getString(2),
                            rows.getString(3),
                            rows.getLong(4),
                            rows.getString(5),
                            rows.getString(6),
                            rows.getBytes(7),
                            rows.getBytes(8)));
                }
            }
            return events;
        });
    }

    @Nullable
    TaskRow task(String taskId) {
        Optional<TaskRow> found =
                sql("SELECT " + TASK_COLUMNS + " FROM task WHERE ledger_id = ? AND task_id = ?", select -> {
                    select.setString(1, key);
                    select.setString(2, taskId);
                    try (ResultSet row = select.executeQuery()) {
                        return row.next() ? Optional.of(new TaskRow(ledger, row)) : Optional.empty();
                    }
                });
        return found.orElse(null);
    }

    List<TaskRow> tasks() {
        return sql("SELECT " + TASK_COLUMNS + " FROM task WHERE ledger_id = ? ORDER BY created_no", select -> {
            select.setString(1, key);
            List<TaskRow> tasks = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    tasks.add(new TaskRow(ledger, rows));
                }
            }
            return tasks;
        });
    }

    /** Tasks of one name in all ledgers, newest first. */
    static List<Task> tasksNamed(Transaction tx, String taskId, int limit, long beforeCreatedNo) throws SQLException {
        PreparedStatement select = tx.prepare(ACROSS_LEDGERS + "created_no < ? ORDER BY created_no DESC LIMIT ?");
        select.setString(1, taskId);
        select.setLong(2, beforeCreatedNo);
        select.setInt(3, limit);
        return acrossLedgers(select);
    }

    static List<Task> openTasksNamed(Transaction tx, String taskId) throws SQLException {
        PreparedStatement select = tx.prepare(ACROSS_LEDGERS + OPEN + " ORDER BY created_no");
        select.setString(1, taskId);
        return acrossLedgers(select);
    }

    private static List<Task> acrossLedgers(PreparedStatement select) throws SQLException {
        List<Task> tasks = new ArrayList<>();
        int agent = TaskRow.DEFINITION_SIZE + TaskRow.STATE_SIZE + 1;
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                tasks.add(new TaskRow(new LedgerId(rows.getString(agent), rows.getString(agent + 1)), rows).task());
            }
        }
        return tasks;
    }

    long lastCreatedNo() {
        return sql("SELECT coalesce(max(created_no), 0) FROM task", select -> {
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    void insertTask(TaskRow task) {
        sql(INSERT_TASK, insert -> {
            task.bindDefinition(insert);
            task.bindState(insert, TaskRow.DEFINITION_SIZE);
            return insert.executeUpdate();
        });
    }

    void updateTask(TaskRow task) {
        int changed = sql(UPDATE_TASK, update -> {
            task.bindState(update, 0);
            update.setLong(TaskRow.STATE_SIZE + 1, task.createdNo);
            return update.executeUpdate();
        });
        if (changed != 1) {
            throw new IllegalStateException("the row of task " + key + "/" + task.taskId + " is gone");
        }
    }

    void insertEdge(String to, String from, boolean satisfied) {
        sql("INSERT INTO task_edge (ledger_id, to_task, from_task, satisfied) VALUES (?, ?, ?, ?)", insert -> {
            insert.setString(1, key);
            insert.setString(2, to);
            insert.setString(3, from);
            insert.setBoolean(4, satisfied);
            return insert.executeUpdate();
        });
    }

    void moveEdge(String to, String oldFrom, String newFrom) {
        sql("UPDATE task_edge SET from_task = ? WHERE ledger_id = ? AND to_task = ? AND from_task = ?", update -> {
            update.setString(1, newFrom);
            update.setString(2, key);
            update.setString(3, to);
            update.setString(4, oldFrom);
            return update.executeUpdate();
        });
    }

    void satisfyEdgesFrom(String from) {
        sql("UPDATE task_edge SET satisfied = 1 WHERE ledger_id = ? AND from_task = ?", update -> {
            update.setString(1, key);
            update.setString(2, from);
            return update.executeUpdate();
        });
    }

    List<String> prerequisites(String taskId) {
        return ids("SELECT from_task FROM task_edge WHERE ledger_id = ? AND to_task = ?", taskId);
    }

    List<String> unmetPrerequisites(String taskId) {
        return ids("SELECT from_task FROM task_edge WHERE ledger_id = ? AND to_task = ? AND satisfied = 0", taskId);
    }

    /** The tasks that still wait for {@code taskId}. */
    List<String> waitingFor(String taskId) {
        return ids("SELECT to_task FROM task_edge WHERE ledger_id = ? AND from_task = ? AND satisfied = 0", taskId);
    }

    List<String> openChildren(String taskId) {
        return ids(
                "SELECT task_id FROM task WHERE ledger_id = ? AND parent_task_id = ? AND " + OPEN + " LIMIT "
                        + MAX_NAMED,
                taskId);
    }

    private List<String> ids(String query, String taskId) {
        return sql(query, select -> {
            select.setString(1, key);
            select.setString(2, taskId);
            List<String> ids = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    ids.add(rows.getString(1));
                }
            }
            return ids;
        });
    }

    /** Whether {@code waiter} cannot end before {@code taskId}: by prerequisites and children, over any number of steps. */
    boolean waitsOn(String waiter, String taskId) {
        return sql("""
                WITH RECURSIVE waited (id) AS (
                    VALUES (?1)
                    UNION SELECT e.from_task FROM task_edge e JOIN waited w ON e.ledger_id = ?2 AND e.to_task = w.id
                    UNION SELECT t.task_id FROM task t JOIN waited w ON t.ledger_id = ?2 AND t.parent_task_id = w.id
                ) SELECT 1 FROM waited WHERE id = ?3""", select -> {
            select.setString(1, waiter);
            select.setString(2, key);
            select.setString(3, taskId);
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        });
    }

    /** Every edge as {@code {to, from, satisfied}}. */
    List<Replay.Edge> edges() {
        return sql("SELECT to_task, from_task, satisfied FROM task_edge WHERE ledger_id = ?", select -> {
            select.setString(1, key);
            List<Replay.Edge> edges = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    edges.add(new Replay.Edge(rows.getString(1), rows.getString(2), rows.getBoolean(3)));
                }
            }
            return edges;
        });
    }
}
