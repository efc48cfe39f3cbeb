package dev.hart.ledger;

import dev.hart.store.Dialect;
import dev.hart.store.Transaction;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The SQL of one ledger inside one transaction. */
final class LedgerTables {
    private static final String ENDED =
            "('completed', 'failed', 'cancelled', 'terminated', 'skipped', 'not_applicable', 'rolled_back')";
    private static final String OPEN = "status NOT IN " + ENDED;
    private static final String INSERT_TASK = "INSERT INTO task (" + TaskRow.COLUMNS + ") VALUES ("
            + "?, ".repeat(TaskRow.SIZE - 1) + "?) ON CONFLICT DO NOTHING";
    private static final String UPDATE_TASK = "UPDATE task SET (" + TaskRow.STATE_COLUMNS + ") = ("
            + "?, ".repeat(TaskRow.STATE_SIZE - 1) + "?) WHERE created_no = ?";
    private static final String SELECT_TASK = "SELECT " + TaskRow.COLUMNS + " FROM task ";
    private static final String ACROSS_LEDGERS = "SELECT " + TaskRow.COLUMNS
            + ", (SELECT agent_id FROM ledger l WHERE l.ledger_id = task.ledger_id)"
            + ", (SELECT session_id FROM ledger l WHERE l.ledger_id = task.ledger_id)"
            + " FROM task WHERE task_id = ? AND ";
    private static final int MAX_NAMED = 100; // ids in one error message

    /** The newest event of a chain. */
    record Head(long seq, byte[] hash) {}

    /** The row of a ledger. */
    record Info(LedgerOptions options, String status) {}

    /** A row of {@code task_event}; {@code previousSeq} is the event before it that changed the same task, 0 for none. */
    record EventRow(
            int stripe,
            long seq,
            String taskId,
            String type,
            long at,
            String actor,
            String payload,
            byte[] prevHash,
            byte[] hash,
            long previousSeq) {}

    private final Transaction tx;
    private final LedgerId ledger;
    private final String key;
    private final String forUpdate;

    LedgerTables(Transaction tx, LedgerId ledger, boolean writes) {
        this.tx = tx;
        this.ledger = ledger;
        this.key = ledger.key();
        this.forUpdate = writes && tx.dialect() == Dialect.POSTGRESQL ? " FOR UPDATE" : "";
    }

    Transaction transaction() {
        return tx;
    }

    private boolean isPostgresql() {
        return tx.dialect() == Dialect.POSTGRESQL;
    }

    @FunctionalInterface
    interface Statement<T extends @Nullable Object> {
        T run(PreparedStatement statement) throws SQLException;
    }

    /** Runs one statement whose first parameter, where there is one, is bound by {@code use}. */
    <T extends @Nullable Object> T sql(String sql, Statement<T> use) {
        try {
            return use.run(tx.prepare(sql));
        } catch (SQLException e) {
            throw tx.unavailable(e);
        }
    }

    /** The ledger's row; null if there is no such ledger. Refuses a key whose parts are another ledger's. */
    @Nullable
    Info info() {
        Optional<Info> found =
                sql("SELECT agent_id, session_id, options_json, status FROM ledger WHERE ledger_id = ?", select -> {
                    select.setString(1, key);
                    try (ResultSet row = select.executeQuery()) {
                        if (!row.next()) {
                            return Optional.<Info>empty();
                        }
                        requireSame(new LedgerId(row.getString(1), row.getString(2)));
                        String options = row.getString(3);
                        return Optional.of(new Info(
                                options == null ? LedgerOptions.of(ledger) : LedgerOptions.parse(options),
                                row.getString(4)));
                    }
                });
        return found.orElse(null);
    }

    private void requireSame(LedgerId stored) {
        if (!stored.equals(ledger)) {
            throw Refusals.idClash(key, stored, ledger);
        }
    }

    void insertLedger(LedgerOptions options, long at) {
        sql("""
                INSERT INTO ledger (ledger_id, agent_id, session_id, created_at, options_json, status, projection)
                VALUES (?, ?, ?, ?, ?, 'open', ?) ON CONFLICT DO NOTHING""", insert -> {
            insert.setString(1, key);
            insert.setString(2, ledger.agentId());
            insert.setString(3, ledger.sessionId());
            insert.setLong(4, at);
            insert.setString(5, options.equals(LedgerOptions.of(ledger)) ? null : options.json());
            insert.setInt(6, Rebuild.PROJECTION);
            return insert.executeUpdate();
        });
        for (int stripe = 0; stripe < options.stripes(); stripe++) {
            int number = stripe;
            sql(
                    "INSERT INTO ledger_head (ledger_id, stripe, seq, hash) VALUES (?, ?, 0, ?) ON CONFLICT DO NOTHING",
                    insert -> {
                        insert.setString(1, key);
                        insert.setInt(2, number);
                        insert.setBytes(3, EventChain.START);
                        return insert.executeUpdate();
                    });
        }
    }

    void setStatus(String status) {
        sql("UPDATE ledger SET status = ? WHERE ledger_id = ?", update -> {
            update.setString(1, status);
            update.setString(2, key);
            return update.executeUpdate();
        });
    }

    void setProjection(int version) {
        sql("UPDATE ledger SET projection = ? WHERE ledger_id = ?", update -> {
            update.setInt(1, version);
            update.setString(2, key);
            return update.executeUpdate();
        });
    }

    /** Keeps other changes of the graph away until the end of the transaction. */
    void lockGraph() {
        if (isPostgresql()) {
            sql("SELECT 1 FROM ledger WHERE ledger_id = ? FOR UPDATE", select -> {
                select.setString(1, key);
                select.executeQuery().close();
                return true;
            });
        }
    }

    /** The newest event of a stripe; in a write nobody else can add one before the transaction ends. */
    @Nullable
    Head head(int stripe) {
        Optional<Head> found =
                sql("SELECT seq, hash FROM ledger_head WHERE ledger_id = ? AND stripe = ?" + forUpdate, select -> {
                    select.setString(1, key);
                    select.setInt(2, stripe);
                    try (ResultSet row = select.executeQuery()) {
                        return row.next()
                                ? Optional.of(new Head(row.getLong(1), row.getBytes(2)))
                                : Optional.<Head>empty();
                    }
                });
        return found.orElse(null);
    }

    void moveHead(int stripe, Head to) {
        sql("UPDATE ledger_head SET seq = ?, hash = ? WHERE ledger_id = ? AND stripe = ?", update -> {
            update.setLong(1, to.seq());
            update.setBytes(2, to.hash());
            update.setString(3, key);
            update.setInt(4, stripe);
            return update.executeUpdate();
        });
    }

    void insertEvents(Collection<EventRow> events) {
        sql("""
                INSERT INTO task_event
                    (ledger_id, stripe, seq, task_id, type, at, actor, payload, prev_hash, hash, previous_seq)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""", insert -> {
            for (EventRow event : events) {
                insert.setString(1, key);
                insert.setInt(2, event.stripe());
                insert.setLong(3, event.seq());
                insert.setString(4, event.taskId());
                insert.setString(5, event.type());
                insert.setLong(6, event.at());
                insert.setString(7, event.actor());
                insert.setString(8, event.payload());
                insert.setBytes(9, event.prevHash());
                insert.setBytes(10, event.hash());
                insert.setLong(11, event.previousSeq());
                sendRow(insert, events.size());
            }
            return sendAll(insert, events.size());
        });
    }

    /** PostgreSQL takes several rows in one message; SQLite's driver sends each by itself either way. */
    private void sendRow(PreparedStatement statement, int rows) throws SQLException {
        if (rows == 1 || !isPostgresql()) {
            statement.executeUpdate();
        } else {
            statement.addBatch();
        }
    }

    private boolean sendAll(PreparedStatement statement, int rows) throws SQLException {
        if (rows > 1 && isPostgresql()) {
            statement.executeBatch();
        }
        return true;
    }

    private static final String SELECT_EVENT =
            "SELECT stripe, seq, task_id, type, at, actor, payload, prev_hash, hash, previous_seq FROM task_event ";

    /** Events of a stripe in order. */
    List<EventRow> events(int stripe, long afterSeq, int limit) {
        return sql(SELECT_EVENT + "WHERE ledger_id = ? AND stripe = ? AND seq > ? ORDER BY seq LIMIT ?", select -> {
            select.setString(1, key);
            select.setInt(2, stripe);
            select.setLong(3, afterSeq);
            select.setInt(4, limit);
            List<EventRow> events = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    events.add(eventRow(rows));
                }
            }
            return events;
        });
    }

    /** Tells all events, stripe by stripe, each in order, read page by page. */
    void eachEvent(int stripes, Consumer<EventRow> told) {
        for (int stripe = 0; stripe < stripes; stripe++) {
            long seq = 0;
            List<EventRow> page;
            do {
                page = events(stripe, seq, Limits.MAX_EVENTS_PER_PAGE);
                for (EventRow event : page) {
                    told.accept(event);
                    seq = event.seq();
                }
            } while (page.size() == Limits.MAX_EVENTS_PER_PAGE);
        }
    }

    @Nullable
    EventRow event(int stripe, long seq) {
        List<EventRow> found = events(stripe, seq - 1, 1);
        return found.isEmpty() || found.get(0).seq() != seq ? null : found.get(0);
    }

    /** Tells an event which one before it changed the same task; that is no part of what is hashed. */
    void link(EventRow event, long previousSeq) {
        sql("UPDATE task_event SET previous_seq = ? WHERE ledger_id = ? AND stripe = ? AND seq = ?", update -> {
            update.setLong(1, previousSeq);
            update.setString(2, key);
            update.setInt(3, event.stripe());
            update.setLong(4, event.seq());
            return update.executeUpdate();
        });
    }

    /** The events that changed a task, from the newest given one back to its creation, oldest first. */
    List<EventRow> history(int stripe, long newestSeq) {
        List<EventRow> history = new ArrayList<>();
        for (long at = newestSeq; at != 0; ) {
            EventRow event = event(stripe, at);
            if (event == null || event.previousSeq() >= at) {
                throw Refusals.corrupt(key, "event " + at + " is missing");
            }
            history.add(event);
            at = event.previousSeq();
        }
        Collections.reverse(history);
        return history;
    }

    private static EventRow eventRow(ResultSet row) throws SQLException {
        return new EventRow(
                row.getInt(1),
                row.getLong(2),
                row.getString(3),
                row.getString(4),
                row.getLong(5),
                row.getString(6),
                row.getString(7),
                row.getBytes(8),
                row.getBytes(9),
                row.getLong(10));
    }

    @Nullable
    TaskRow task(String taskId) {
        List<TaskRow> found = tasks("WHERE ledger_id = ? AND task_id = ?" + forUpdate, taskId);
        return found.isEmpty() ? null : found.get(0);
    }

    /** Rows by a condition whose first parameter is the ledger and the others the given ones. */
    List<TaskRow> tasks(String condition, Object... parameters) {
        return sql(SELECT_TASK + condition, select -> {
            select.setString(1, key);
            for (int i = 0; i < parameters.length; i++) {
                if (parameters[i] instanceof String text) {
                    select.setString(i + 2, text);
                } else {
                    select.setLong(i + 2, ((Number) parameters[i]).longValue());
                }
            }
            List<TaskRow> tasks = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    tasks.add(TaskRow.read(rows));
                }
            }
            return tasks;
        });
    }

    List<TaskRow> tasks() {
        return tasks("WHERE ledger_id = ? ORDER BY created_no");
    }

    /** A page of claimable tasks in their order, after one of that priority and number; locked, those locked by others left out. */
    List<TaskRow> claimable(int priority, long createdNo, int limit) {
        return tasks(
                "WHERE ledger_id = ? AND claimable AND (priority < ? OR priority = ? AND created_no > ?)"
                        + " ORDER BY priority DESC, created_no LIMIT ?"
                        + (forUpdate.isEmpty() ? "" : " FOR UPDATE SKIP LOCKED"),
                priority,
                priority,
                createdNo,
                limit);
    }

    /** The first claimable tasks of the highest priority below {@code priority}. */
    List<TaskRow> claimableBelow(int priority, int limit) {
        return tasks(
                "WHERE ledger_id = ? AND claimable AND priority = (SELECT max(priority) FROM task WHERE ledger_id = ?"
                        + " AND claimable AND priority < ?) ORDER BY created_no LIMIT ?"
                        + (forUpdate.isEmpty() ? "" : " FOR UPDATE SKIP LOCKED"),
                key,
                priority,
                limit);
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
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                LedgerId ledger = new LedgerId(rows.getString(TaskRow.SIZE + 1), rows.getString(TaskRow.SIZE + 2));
                tasks.add(new Task(ledger, TaskRow.read(rows)));
            }
        }
        return tasks;
    }

    /** Numbers for new tasks, larger than all before; on PostgreSQL some may be left out. */
    long nextCreatedNo() {
        return sql(
                isPostgresql()
                        ? "SELECT nextval('task_created_no')"
                        : "SELECT coalesce(max(created_no), 0) + 1 FROM task",
                select -> {
                    try (ResultSet row = select.executeQuery()) {
                        row.next();
                        return row.getLong(1);
                    }
                });
    }

    void insertTasks(Collection<TaskRow> tasks) {
        for (TaskRow task : tasks) {
            int inserted = sql(INSERT_TASK, insert -> {
                task.bindAll(insert);
                return insert.executeUpdate();
            });
            if (inserted == 0) {
                throw Refusals.taskExists(key + "/" + task.taskId);
            }
        }
    }

    void updateTasks(Collection<TaskRow> tasks) {
        sql(UPDATE_TASK, update -> {
            for (TaskRow task : tasks) {
                task.bindState(update);
                update.setLong(TaskRow.STATE_SIZE + 1, task.createdNo);
                sendRow(update, tasks.size());
            }
            return sendAll(update, tasks.size());
        });
    }

    void insertEdge(Edge edge) {
        sql("""
                INSERT INTO task_edge (ledger_id, to_task, from_task, kind, outcome, strict)
                VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""", insert -> {
            insert.setString(1, key);
            insert.setString(2, edge.to());
            insert.setString(3, edge.from());
            insert.setString(4, edge.kind().wireName());
            insert.setString(5, edge.condition().wireName());
            insert.setBoolean(6, edge.strict());
            return insert.executeUpdate();
        });
    }

    void deleteEdge(Edge edge) {
        sql("DELETE FROM task_edge WHERE ledger_id = ? AND to_task = ? AND from_task = ? AND kind = ?", delete -> {
            delete.setString(1, key);
            delete.setString(2, edge.to());
            delete.setString(3, edge.from());
            delete.setString(4, edge.kind().wireName());
            return delete.executeUpdate();
        });
    }

    private static final String SELECT_EDGE =
            "SELECT from_task, to_task, kind, outcome, strict FROM task_edge WHERE ledger_id = ? ";

    /** What {@code taskId} waits for. */
    List<Edge> edgesTo(String taskId) {
        return edges("AND to_task = ? ORDER BY from_task", taskId);
    }

    /** What waits for {@code taskId}. */
    List<Edge> edgesFrom(String taskId) {
        return edges("AND from_task = ? ORDER BY to_task", taskId);
    }

    List<Edge> edges() {
        return edges("ORDER BY to_task, from_task, kind");
    }

    private List<Edge> edges(String condition, String... taskIds) {
        return sql(SELECT_EDGE + condition, select -> {
            select.setString(1, key);
            for (int i = 0; i < taskIds.length; i++) {
                select.setString(i + 2, taskIds[i]);
            }
            List<Edge> edges = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    edges.add(new Edge(
                            rows.getString(1),
                            rows.getString(2),
                            WireNames.parse(Edge.Kind.class, rows.getString(3)),
                            WireNames.parse(Outcome.class, rows.getString(4)),
                            rows.getBoolean(5)));
                }
            }
            return edges;
        });
    }

    List<String> children(String taskId) {
        return ids("SELECT task_id FROM task WHERE ledger_id = ? AND parent_task_id = ? ORDER BY created_no", taskId);
    }

    /** Ids of all tasks that have children. */
    Set<String> parents() {
        return sql(
                "SELECT DISTINCT parent_task_id FROM task WHERE ledger_id = ? AND parent_task_id IS NOT NULL",
                select -> {
                    select.setString(1, key);
                    Set<String> ids = new HashSet<>();
                    try (ResultSet rows = select.executeQuery()) {
                        while (rows.next()) {
                            ids.add(rows.getString(1));
                        }
                    }
                    return ids;
                });
    }

    /** At most 100 children that have not ended. */
    List<String> openChildren(String taskId) {
        return ids(
                "SELECT task_id FROM task WHERE ledger_id = ? AND parent_task_id = ? AND " + OPEN
                        + " ORDER BY created_no LIMIT " + MAX_NAMED,
                taskId);
    }

    boolean hasOpenChild(String taskId) {
        return !ids(
                        "SELECT task_id FROM task WHERE ledger_id = ? AND parent_task_id = ? AND " + OPEN + " LIMIT 1",
                        taskId)
                .isEmpty();
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

    /** Empties what {@link Rebuild} makes anew. */
    void deleteProjection() {
        for (String table : List.of("task", "task_edge", "task_message", "task_verification")) {
            sql("DELETE FROM " + table + " WHERE ledger_id = ?", delete -> {
                delete.setString(1, key);
                return delete.executeUpdate();
            });
        }
    }

    void insertMessage(TaskMessage message) {
        sql("""
                INSERT INTO task_message (ledger_id, to_task, from_task, attempt, message_type, data_json, at)
                VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""", insert -> {
            insert.setString(1, key);
            insert.setString(2, message.toTaskId());
            insert.setString(3, message.fromTaskId());
            insert.setInt(4, message.attempt());
            insert.setString(5, message.type().wireName());
            insert.setString(6, message.dataJson());
            insert.setLong(7, message.at().toEpochMilli());
            return insert.executeUpdate();
        });
    }

    List<TaskMessage> messages(@Nullable String toTask, @Nullable String fromTask) {
        String condition = (toTask == null ? "" : " AND to_task = ?") + (fromTask == null ? "" : " AND from_task = ?");
        return sql(
                "SELECT to_task, from_task, attempt, message_type, data_json, at FROM task_message WHERE ledger_id = ?"
                        + condition + " ORDER BY at, from_task, message_type DESC",
                select -> {
                    int next = 1;
                    select.setString(next++, key);
                    for (String task : new @Nullable String[] {toTask, fromTask}) {
                        if (task != null) {
                            select.setString(next++, task);
                        }
                    }
                    List<TaskMessage> messages = new ArrayList<>();
                    try (ResultSet rows = select.executeQuery()) {
                        while (rows.next()) {
                            messages.add(TaskMessage.read(rows));
                        }
                    }
                    return messages;
                });
    }

    void insertVote(Vote vote) {
        sql("""
                INSERT INTO task_verification
                    (ledger_id, task_id, attempt, verifier_id, result_hash, verdict, evidence_json, at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""", insert -> {
            insert.setString(1, key);
            insert.setString(2, vote.taskId());
            insert.setInt(3, vote.attempt());
            insert.setString(4, vote.verifier());
            insert.setString(5, vote.resultHash());
            insert.setBoolean(6, vote.verdict());
            insert.setString(7, CanonicalJson.write(vote.evidence()));
            insert.setLong(8, vote.at().toEpochMilli());
            return insert.executeUpdate();
        });
    }

    List<Vote> votes(@Nullable String taskId) {
        return sql(
                "SELECT task_id, attempt, verifier_id, result_hash, verdict, evidence_json, at FROM task_verification"
                        + " WHERE ledger_id = ?" + (taskId == null ? "" : " AND task_id = ?")
                        + " ORDER BY task_id, attempt, at, verifier_id",
                select -> {
                    select.setString(1, key);
                    if (taskId != null) {
                        select.setString(2, taskId);
                    }
                    List<Vote> votes = new ArrayList<>();
                    try (ResultSet rows = select.executeQuery()) {
                        while (rows.next()) {
                            votes.add(Vote.read(rows));
                        }
                    }
                    return votes;
                });
    }
}
