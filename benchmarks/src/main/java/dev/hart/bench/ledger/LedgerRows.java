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
    private static final long LEASE_MILLIS = 90_000;
    private static final byte[] HASH = new byte[32];

    private final Connection connection;
    private final RowsOfTask model;
    private final TableWrite insertTask;
    private final TableWrite claimTask;
    private final TableWrite completeTask;
    private final TableWrite insertEvent;
    private final TableWrite moveHead;
    private long seq;

    /**
     * Begins a stripe.
     *
     * @param model from the same database, whose ledger has the stripe
     * @param connection closed with this
     * @param stripe from 0
     */
    LedgerRows(RowsOfTask model, Connection connection, int stripe) throws SQLException {
        this.connection = connection;
        this.model = model;
        connection.setAutoCommit(false);
        insertTask = TableWrite.insert(connection, "task", model.created());
        claimTask = TableWrite.update(connection, "task", model.claimed(), Map.of("created_no", 0L));
        completeTask = TableWrite.update(connection, "task", model.completed(), Map.of("created_no", 0L));
        Map<String, @Nullable Object> event = new LinkedHashMap<>(model.events().get(0));
        event.put("stripe", (long) stripe);
        insertEvent = TableWrite.insert(connection, "task_event", event);
        Map<String, @Nullable Object> head = new LinkedHashMap<>();
        head.put("ledger_id", event.get("ledger_id"));
        head.put("stripe", (long) stripe);
        moveHead = TableWrite.update(connection, "ledger_head", Map.of("seq", 0L, "hash", HASH), head);
    }

    /** @param number unlike that of every other task of the database */
    void create(long number) throws SQLException {
        long now = System.currentTimeMillis();
        insertTask.set("created_no", number).set("task_id", LedgerTasks.id(number));
        insertTask.set("created_at", now).set("updated_at", now);
        insertTask.set("last_event_seq", event(number, 0, now));
        insertTask.add();
    }

    void claim(long number) throws SQLException {
        long now = System.currentTimeMillis();
        claimTask.set("created_no", number).set("updated_at", now).set("started_at", now);
        claimTask.set("running_since", now).set("heartbeat_at", now);
        claimTask.set("lease_until", now + LEASE_MILLIS).set("due_at", now + LEASE_MILLIS);
        claimTask.set("last_event_seq", event(number, 1, now));
        claimTask.add();
    }

    void complete(long number) throws SQLException {
        long now = System.currentTimeMillis();
        completeTask.set("created_no", number).set("updated_at", now).set("completed_at", now);
        completeTask.set("last_event_seq", event(number, 2, now));
        completeTask.add();
    }

    private long event(long number, int command, long at) throws SQLException {
        Map<String, @Nullable Object> event = model.events().get(command);
        insertEvent.set("previous_seq", command == 0 ? 0L : seq);
        insertEvent.set("seq", ++seq).set("task_id", LedgerTasks.id(number)).set("at", at);
        insertEvent.set("type", event.get("type")).set("payload", event.get("payload"));
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
