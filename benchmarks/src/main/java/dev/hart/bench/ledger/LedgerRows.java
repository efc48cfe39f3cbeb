package dev.hart.bench.ledger;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The rows that a ledger's commands come to, written by hand: a task is inserted and updated twice, each time with one event,
 * and every commit moves the head of the stripe once. Nothing is read, checked or hashed. Used by one thread at a time.
 */
final class LedgerRows implements AutoCloseable {
    private static final String LEDGER = "ledger_bench_tasks";
    private static final String ACTOR = "bench";
    private static final long LEASE_MILLIS = 90_000;
    private static final byte[] HASH = new byte[32];
    private static final String RESULT = "{\"ok\":true}";
    private static final String CONTEXT = "{\"body\":\"" + SmallTask.BODY + "\"}";
    private static final String CREATED =
            "{\"context\":" + CONTEXT + ",\"created_no\":100000,\"description\":\"a task\","
                    + "\"execution_mode\":\"sequential\",\"max_retries\":3,\"pending_reason\":\"ready\",\"priority\":50,"
                    + "\"task_type\":\"pre_assigned\"}";
    private static final String CLAIMED = "{\"attempt\":1,\"from\":\"pending\",\"incarnation\":\"0\",\"lease_token\":1,"
            + "\"lease_until\":\"2026-01-01T00:00:00.000Z\",\"owner_node_id\":\"bench\",\"to\":\"in_progress\"}";
    private static final String COMPLETED = "{\"from\":\"in_progress\",\"result\":" + RESULT + ",\"to\":\"completed\"}";

    private final Connection connection;
    private final TableWrite insertTask;
    private final TableWrite claimTask;
    private final TableWrite completeTask;
    private final TableWrite insertEvent;
    private final TableWrite moveHead;
    private long seq;

    /**
     * Begins a stripe; the first also makes the ledger's own row.
     *
     * @param connection whose tables are there; closed with this
     * @param stripe from 0
     */
    LedgerRows(Connection connection, int stripe) throws SQLException {
        this.connection = connection;
        connection.setAutoCommit(false);
        begin(stripe);
        insertTask = TableWrite.insert(connection, "task", newTask());
        claimTask = TableWrite.update(connection, "task", claimed(), taskKey());
        completeTask = TableWrite.update(connection, "task", completed(), taskKey());
        insertEvent = TableWrite.insert(connection, "task_event", event(stripe));
        moveHead = TableWrite.update(
                connection,
                "ledger_head",
                Map.of("seq", 0L, "hash", HASH),
                Map.of("ledger_id", LEDGER, "stripe", stripe));
    }

    private void begin(int stripe) throws SQLException {
        if (stripe == 0) {
            try (TableWrite ledger = TableWrite.insert(
                    connection,
                    "ledger",
                    Map.of("ledger_id", LEDGER, "agent_id", "bench", "session_id", "tasks", "created_at", 0L))) {
                ledger.add();
                ledger.send();
            }
        }
        try (TableWrite head = TableWrite.insert(
                connection, "ledger_head", Map.of("ledger_id", LEDGER, "stripe", stripe, "seq", 0L, "hash", HASH))) {
            head.add();
            head.send();
        }
        connection.commit();
    }

    private static Map<String, @Nullable Object> newTask() {
        Map<String, @Nullable Object> task = new LinkedHashMap<>();
        task.put("created_no", 0L);
        task.put("ledger_id", LEDGER);
        task.put("task_id", "");
        task.put("description", "a task");
        task.put("task_type", "pre_assigned");
        task.put("execution_mode", "sequential");
        task.put("priority", 50L);
        task.put("context_json", CONTEXT);
        task.put("max_retries", 3L);
        task.put("created_at", 0L);
        task.put("updated_at", 0L);
        task.put("status", "pending");
        task.put("pending_reason", "ready");
        task.put("claimable", true);
        task.put("version", 1L);
        task.put("last_event_seq", 0L);
        return task;
    }

    private static Map<String, @Nullable Object> claimed() {
        Map<String, @Nullable Object> task = new LinkedHashMap<>();
        task.put("status", "in_progress");
        task.put("pending_reason", null);
        task.put("claimable", false);
        task.put("updated_at", 0L);
        task.put("started_at", 0L);
        task.put("attempt", 1L);
        task.put("version", 2L);
        task.put("owner_node_id", "bench");
        task.put("incarnation", "0");
        task.put("lease_token", 1L);
        task.put("lease_until", 0L);
        task.put("last_event_seq", 0L);
        return task;
    }

    private static Map<String, @Nullable Object> completed() {
        Map<String, @Nullable Object> task = new LinkedHashMap<>();
        task.put("status", "completed");
        task.put("updated_at", 0L);
        task.put("completed_at", 0L);
        task.put("result_json", RESULT);
        task.put("result_hash", "0".repeat(64));
        task.put("version", 3L);
        task.put("owner_node_id", null);
        task.put("incarnation", null);
        task.put("lease_until", null);
        task.put("last_event_seq", 0L);
        return task;
    }

    private static Map<String, Object> taskKey() {
        Map<String, Object> key = new LinkedHashMap<>();
        key.put("ledger_id", LEDGER);
        key.put("task_id", "");
        return key;
    }

    private static Map<String, Object> event(int stripe) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("ledger_id", LEDGER);
        event.put("stripe", stripe);
        event.put("seq", 0L);
        event.put("task_id", "");
        event.put("type", "");
        event.put("at", 0L);
        event.put("actor", ACTOR);
        event.put("payload", "");
        event.put("prev_hash", HASH);
        event.put("hash", HASH);
        return event;
    }

    /** @param number unlike that of every other task of the database */
    void create(long number) throws SQLException {
        long now = System.currentTimeMillis();
        insertTask.set("created_no", number).set("task_id", id(number));
        insertTask.set("created_at", now).set("updated_at", now);
        insertTask.set("last_event_seq", event(number, "TASK_CREATED", now, CREATED));
        insertTask.add();
    }

    void claim(long number) throws SQLException {
        long now = System.currentTimeMillis();
        claimTask.set("task_id", id(number)).set("updated_at", now).set("started_at", now);
        claimTask.set("lease_until", now + LEASE_MILLIS);
        claimTask.set("last_event_seq", event(number, "TASK_CLAIMED", now, CLAIMED));
        claimTask.add();
    }

    void complete(long number) throws SQLException {
        long now = System.currentTimeMillis();
        completeTask.set("task_id", id(number)).set("updated_at", now).set("completed_at", now);
        completeTask.set("last_event_seq", event(number, "TASK_TRANSITIONED", now, COMPLETED));
        completeTask.add();
    }

    private static String id(long number) {
        return "task-" + number;
    }

    private long event(long number, String type, long at, String payload) throws SQLException {
        insertEvent.set("seq", ++seq).set("task_id", id(number)).set("type", type);
        insertEvent.set("at", at).set("payload", payload);
        insertEvent.add();
        return seq;
    }

    /** Returns when everything since the last commit is durable. */
    void commit() throws SQLException {
        insertTask.send();
        claimTask.send();
        completeTask.send();
        insertEvent.send();
        moveHead.set("seq", seq).add();
        moveHead.send();
        connection.commit();
    }

    /**
     * The whole life of so many tasks: creates them in one commit, claims them in the next and completes them in a third.
     *
     * @param lastNumber counts the tasks of the database
     */
    int live(AtomicLong lastNumber, int tasks) throws SQLException {
        long last = lastNumber.addAndGet(tasks);
        long first = last - tasks + 1;
        for (long number = first; number <= last; number++) {
            create(number);
        }
        commit();
        for (long number = first; number <= last; number++) {
            claim(number);
        }
        commit();
        for (long number = first; number <= last; number++) {
            complete(number);
        }
        commit();
        return tasks;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
