package dev.hart.ledger;

import dev.hart.store.Dialect;
import dev.hart.store.Transaction;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The SQL of one ledger inside one transaction. */
final class LedgerTables {
    private static final String ENDED =
            "('completed', 'failed', 'cancelled', 'terminated', 'skipped', 'not_applicable', 'rolled_back')";
    private static final String OPEN = "status NOT IN " + ENDED;
    /** Not by VALUES: PostgreSQL's driver would make one statement of several rows and not tell which was there already. */
    private static final String INSERT_TASK = "INSERT INTO task (" + TaskRow.COLUMNS + ") SELECT "
            + "?, ".repeat(TaskRow.SIZE - 1) + "? WHERE true ON CONFLICT DO NOTHING";

    private static final String SELECT_TASK = "SELECT " + TaskRow.COLUMNS + " FROM task ";
    private static final String ACROSS_LEDGERS = "SELECT " + TaskRow.COLUMNS
            + ", (SELECT agent_id FROM ledger l WHERE l.ledger_id = task.ledger_id)"
            + ", (SELECT session_id FROM ledger l WHERE l.ledger_id = task.ledger_id)"
            + " FROM task WHERE container AND task_id = ? AND ";
    /** What follows from the events. */
    private static final List<String> PROJECTION = List.of("task", "task_edge", "task_message", "task_verification");

    private static final List<String> HISTORY = List.of(
            "task_request",
            "ledger_snapshot",
            "ledger_checkpoint",
            "subscription",
            "task_event",
            "ledger_head",
            "ledger");

    private static final String OPEN_CHILDREN =
            "SELECT task_id FROM task WHERE ledger_id = ? AND parent_task_id = ? AND " + OPEN;
    private static final int MAX_NAMED = 100; // ids in one error message

    /** The newest event of a chain. */
    record Head(long seq, byte[] hash) {
        boolean isSameAs(@Nullable Head other) {
            return other != null && seq == other.seq && Arrays.equals(hash, other.hash);
        }
    }

    /** Where a ledger stands. */
    record Standing(String status, @Nullable Head head) {}

    /** The row of a ledger. */
    record Info(LedgerOptions options, String status) {}

    /** A row of {@code task_event}; {@code previousSeq} is the event before it that changed the same task, 0 for none. */
    record EventRow(
            String ledgerKey,
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

    /** False if another transaction has just made it. */
    boolean insertLedger(LedgerOptions options, long at) {
        int inserted = sql("""
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
        if (inserted == 0) {
            return false;
        }
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
        return true;
    }

    /** What makes PostgreSQL's store run the transaction again: it went by what is no longer so. */
    RuntimeException anew(String why) {
        return tx.unavailable(new SQLException(why, "40001"));
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

    /** Keeps other requests with that key away until the end of the transaction. */
    void lockRequest(String idempotencyKey) {
        if (isPostgresql()) {
            sql("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", select -> {
                select.setString(1, key + "/" + idempotencyKey);
                select.executeQuery().close();
                return true;
            });
        }
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

    /** Locks and reads the heads that ledgers need, in one message; PostgreSQL only. */
    void lockHeads(Collection<LedgerChanges> ledgers) {
        List<String> keys = new ArrayList<>();
        List<Integer> stripes = new ArrayList<>();
        Map<String, LedgerChanges> byKey = new HashMap<>();
        for (LedgerChanges ledger : ledgers) {
            byKey.put(ledger.id.key(), ledger);
            for (int stripe : ledger.missingHeads()) {
                keys.add(ledger.id.key());
                stripes.add(stripe);
            }
        }
        if (keys.isEmpty()) {
            return;
        }
        int found = sql("""
                SELECT h.ledger_id, h.stripe, h.seq, h.hash, l.status FROM ledger_head h
                JOIN unnest(?::text[], ?::bigint[]) AS wanted (ledger_id, stripe)
                    ON h.ledger_id = wanted.ledger_id AND h.stripe = wanted.stripe
                JOIN ledger l ON l.ledger_id = h.ledger_id
                ORDER BY h.ledger_id, h.stripe FOR UPDATE OF h""", select -> {
            select.setArray(1, select.getConnection().createArrayOf("text", keys.toArray()));
            select.setArray(2, select.getConnection().createArrayOf("bigint", stripes.toArray()));
            int rows = 0;
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    Objects.requireNonNull(byKey.get(row.getString(1)))
                            .locked(row.getInt(2), new Head(row.getLong(3), row.getBytes(4)), row.getString(5));
                    rows++;
                }
            }
            return rows;
        });
        if (found != keys.size()) {
            throw new IllegalStateException("a head of one of the ledgers " + byKey.keySet() + " is gone");
        }
    }

    /** The ledger's status, and the head of its chain if it has only one; null if there is no such ledger. Locks nothing. */
    @Nullable
    Standing standing(boolean oneChain) {
        String query = oneChain
                ? "SELECT l.status, h.seq, h.hash FROM ledger l JOIN ledger_head h ON h.ledger_id = l.ledger_id"
                        + " WHERE l.ledger_id = ? AND h.stripe = 0"
                : "SELECT status FROM ledger WHERE ledger_id = ?";
        Optional<Standing> found = sql(query, select -> {
            select.setString(1, key);
            try (ResultSet row = select.executeQuery()) {
                return row.next()
                        ? Optional.of(new Standing(
                                row.getString(1), oneChain ? new Head(row.getLong(2), row.getBytes(3)) : null))
                        : Optional.<Standing>empty();
            }
        });
        return found.orElse(null);
    }

    void moveHeads(Collection<LedgerChanges> ledgers) {
        int heads = ledgers.stream().mapToInt(one -> one.movedHeads().size()).sum();
        sql("UPDATE ledger_head SET seq = ?, hash = ? WHERE ledger_id = ? AND stripe = ?", update -> {
            for (LedgerChanges ledger : ledgers) {
                for (Map.Entry<Integer, Head> head : ledger.movedHeads().entrySet()) {
                    update.setLong(1, head.getValue().seq());
                    update.setBytes(2, head.getValue().hash());
                    update.setString(3, ledger.id.key());
                    update.setInt(4, head.getKey());
                    sendRow(update, heads);
                }
            }
            return sendAll(update, heads);
        });
    }

    void insertEvents(Collection<EventRow> events) {
        sql("""
                INSERT INTO task_event
                    (ledger_id, stripe, seq, task_id, type, at, actor, payload, prev_hash, hash, previous_seq)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""", insert -> {
            for (EventRow event : events) {
                insert.setString(1, event.ledgerKey());
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
            if (statement.executeUpdate() != 1) {
                throw new IllegalStateException("a row of " + key + " is gone");
            }
        } else {
            statement.addBatch();
        }
    }

    private boolean sendAll(PreparedStatement statement, int rows) throws SQLException {
        if (rows > 1 && isPostgresql()) {
            for (int changed : statement.executeBatch()) {
                if (changed == 0) {
                    throw new IllegalStateException("a row of " + key + " is gone");
                }
            }
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
        return history(stripe, newestSeq, Integer.MAX_VALUE);
    }

    /** The same, but only the newest ones of a history longer than {@code most}, one more than that. */
    List<EventRow> history(int stripe, long newestSeq, int most) {
        List<EventRow> history = new ArrayList<>();
        for (long at = newestSeq; at != 0 && history.size() <= most; ) {
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

    private EventRow eventRow(ResultSet row) throws SQLException {
        return new EventRow(
                key,
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

    boolean hasTask(String taskId) {
        return sql("SELECT 1 FROM task WHERE ledger_id = ? AND task_id = ?", select -> {
            select.setString(1, key);
            select.setString(2, taskId);
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        });
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
                    tasks.add(readable(rows));
                }
            }
            return tasks;
        });
    }

    private TaskRow readable(ResultSet rows) throws SQLException {
        try {
            return TaskRow.read(rows);
        } catch (RuntimeException e) {
            throw Refusals.corrupt(
                    key, "the row of task %s cannot be read: %s".formatted(rows.getString("task_id"), e.getMessage()));
        }
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

    /** The highest priority below {@code priority} that a claimable task has; -1 if none has. */
    int highestClaimable(int priority) {
        return sql("SELECT max(priority) FROM task WHERE ledger_id = ? AND claimable AND priority < ?", select -> {
            select.setString(1, key);
            select.setInt(2, priority);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                int highest = row.getInt(1);
                return row.wasNull() ? -1 : highest;
            }
        });
    }

    /** The oldest claimable tasks of one priority, locked as {@link #claimable} does. */
    List<TaskRow> claimableOf(int priority, int limit) {
        return tasks(
                "WHERE ledger_id = ? AND claimable AND priority = ? ORDER BY created_no LIMIT ?"
                        + (forUpdate.isEmpty() ? "" : " FOR UPDATE SKIP LOCKED"),
                priority,
                limit);
    }

    /** Tasks of one name in all ledgers, newest first. */
    static List<Task> containersNamed(Transaction tx, String taskId, int limit, long beforeCreatedNo)
            throws SQLException {
        PreparedStatement select = tx.prepare(ACROSS_LEDGERS + "created_no < ? ORDER BY created_no DESC LIMIT ?");
        select.setString(1, taskId);
        select.setLong(2, beforeCreatedNo);
        select.setInt(3, limit);
        return acrossLedgers(select);
    }

    static List<Task> openContainersNamed(Transaction tx, String taskId) throws SQLException {
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

    /** The largest number of a task; SQLite only, where nobody else can write meanwhile. */
    long lastCreatedNo() {
        return sql("SELECT coalesce(max(created_no), 0) FROM task", select -> {
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    /** Fresh numbers for new tasks, ascending; PostgreSQL only. */
    List<Long> createdNumbers(int count) {
        return sql("SELECT nextval('task_created_no') FROM generate_series(1, ?)", select -> {
            select.setInt(1, count);
            List<Long> numbers = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    numbers.add(rows.getLong(1));
                }
            }
            return numbers;
        });
    }

    void insertTasks(Collection<TaskRow> tasks) {
        if (isPostgresql() && tasks.size() > 1) {
            int[] inserted = sql(INSERT_TASK, insert -> {
                for (TaskRow task : tasks) {
                    task.bindAll(insert);
                    insert.addBatch();
                }
                return insert.executeBatch();
            });
            int place = 0;
            for (TaskRow task : tasks) {
                requireInserted(task, inserted[place++]);
            }
        } else {
            for (TaskRow task : tasks) {
                requireInserted(task, sql(INSERT_TASK, insert -> {
                    task.bindAll(insert);
                    return insert.executeUpdate();
                }));
            }
        }
    }

    private void requireInserted(TaskRow task, int count) {
        if (count == 0) {
            throw Refusals.taskExists(task.ledgerKey + "/" + task.taskId);
        }
        task.isStored();
    }

    void updateTasks(Collection<TaskRow> tasks) {
        Map<Long, List<TaskRow>> byChanges = new LinkedHashMap<>();
        for (TaskRow task : tasks) {
            long changes = task.changes();
            if (changes != 0) {
                byChanges.computeIfAbsent(changes, bits -> new ArrayList<>()).add(task);
            }
        }
        byChanges.forEach((changes, alike) -> {
            sql(TaskRow.update(changes), update -> {
                for (TaskRow task : alike) {
                    task.bindUpdate(update, changes);
                    sendRow(update, alike.size());
                }
                return sendAll(update, alike.size());
            });
            alike.forEach(TaskRow::isStored);
        });
    }

    void insertEdges(Collection<Edge> edges) {
        sql("""
                INSERT INTO task_edge (ledger_id, to_task, from_task, kind, outcome, strict)
                VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""", insert -> {
            for (Edge edge : edges) {
                insert.setString(1, key);
                insert.setString(2, edge.to());
                insert.setString(3, edge.from());
                insert.setString(4, edge.kind().wireName());
                insert.setString(5, edge.condition().wireName());
                insert.setBoolean(6, edge.strict());
                insert.addBatch();
            }
            return insert.executeBatch();
        });
    }

    void deleteEdges(Collection<Edge> edges) {
        sql("DELETE FROM task_edge WHERE ledger_id = ? AND to_task = ? AND from_task = ? AND kind = ?", delete -> {
            for (Edge edge : edges) {
                delete.setString(1, key);
                delete.setString(2, edge.to());
                delete.setString(3, edge.from());
                delete.setString(4, edge.kind().wireName());
                delete.addBatch();
            }
            return delete.executeBatch();
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
        return ids(OPEN_CHILDREN + " ORDER BY created_no LIMIT " + MAX_NAMED, taskId);
    }

    /** At most {@code limit} children that have not ended, in no order. */
    List<String> openChildren(String taskId, int limit) {
        return ids(OPEN_CHILDREN + " LIMIT " + limit, taskId);
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
        deleteFrom(PROJECTION);
    }

    /** Deletes everything of a ledger in which no task is open; false if there is none. */
    boolean deleteLedger() {
        Info info = info();
        if (info == null) {
            return false;
        }
        for (int stripe = 0; stripe < info.options().stripes(); stripe++) {
            head(stripe); // nobody appends in the meantime
        }
        List<String> open = sql("SELECT task_id FROM task WHERE ledger_id = ? AND " + OPEN + " LIMIT 1", select -> {
            select.setString(1, key);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? List.of(row.getString(1)) : List.of();
            }
        });
        if (!open.isEmpty()) {
            throw Refusals.ledgerOpen(key, open.get(0));
        }
        deleteFrom(PROJECTION);
        deleteFrom(HISTORY);
        return true;
    }

    private void deleteFrom(List<String> tables) {
        for (String table : tables) {
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
