package dev.hart.ledger;

import dev.hart.error.LedgerException;
import dev.hart.store.Transaction;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one transaction does to one ledger: events chained in memory, and the rows they change. Everything is sent to the
 * database by {@link #flush}, each changed row once; rows also before a query that has to see them.
 */
final class LedgerJournal {
    private final LedgerId ledger;
    private final String key;
    private final LedgerTables tables;
    private final EventChain chain;
    private final String actor;
    private final long now;
    private final LedgerTables.@Nullable Head stored;

    private final Map<String, @Nullable TaskRow> rows = new HashMap<>();
    private final Set<TaskRow> added = new LinkedHashSet<>();
    /** Tasks made in this transaction that have neither prerequisites nor children, so that nobody need look for them. */
    private final Set<String> loneNewcomers = new HashSet<>();

    private final Set<TaskRow> changed = new LinkedHashSet<>();
    private final List<LedgerTables.EventRow> events = new ArrayList<>();
    private LedgerTables.Head head;
    private long lastCreatedNo;
    private boolean over;

    LedgerJournal(Transaction tx, LedgerId ledger, InstantSource clock, String actor) {
        this.ledger = ledger;
        this.key = ledger.key();
        this.tables = new LedgerTables(tx, ledger);
        this.chain = new EventChain(key);
        this.actor = actor;
        this.now = clock.millis();
        this.stored = tables.head();
        this.head = stored == null ? new LedgerTables.Head(0, EventChain.START) : stored;
    }

    /** Milliseconds since 1970; one instant for the whole transaction. */
    long now() {
        return now;
    }

    LedgerTables tables() {
        flushRows();
        return tables;
    }

    String name(String taskId) {
        return key + "/" + taskId;
    }

    @Nullable
    TaskRow find(String taskId) {
        requireOpen();
        if (!rows.containsKey(taskId)) {
            rows.put(taskId, stored == null ? null : tables.task(taskId));
        }
        return rows.get(taskId);
    }

    TaskRow require(String taskId) {
        TaskRow row = find(taskId);
        if (row == null) {
            throw new LedgerException("TASK_NOT_FOUND", "there is no task " + name(taskId));
        }
        return row;
    }

    List<String> unmetPrerequisites(String taskId) {
        return loneNewcomers.contains(taskId) ? List.of() : tables().unmetPrerequisites(taskId);
    }

    List<String> waitingFor(String taskId) {
        return tables().waitingFor(taskId);
    }

    List<String> openChildren(String taskId) {
        return loneNewcomers.contains(taskId) ? List.of() : tables().openChildren(taskId);
    }

    TaskRow create(NewTask task, PendingReason pending, @Nullable String supersedes) {
        if (lastCreatedNo == 0) {
            lastCreatedNo = tables.lastCreatedNo();
        }
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put("description", task.description());
        payload.put("task_type", task.type().wireName());
        payload.put("execution_mode", task.executionMode().wireName());
        payload.put("priority", (long) task.priority());
        payload.put("context", redacted(task.context()));
        payload.put("max_retries", (long) task.maxRetries());
        payload.put("created_no", lastCreatedNo + 1);
        payload.put("pending_reason", pending.wireName());
        if (task.container()) {
            payload.put("container", true);
        }
        if (task.parentTaskId() != null) {
            payload.put("parent_task_id", task.parentTaskId());
        }
        if (!task.prerequisites().isEmpty()) {
            payload.put("prerequisites", task.prerequisites());
        }
        if (supersedes != null) {
            payload.put("supersedes", supersedes);
        }
        long seq = append(task.taskId(), Projection.CREATED, payload);
        TaskRow row = Projection.create(ledger, seq, task.taskId(), now, payload);
        lastCreatedNo = row.createdNo;
        rows.put(row.taskId, row);
        added.add(row);
        if (task.prerequisites().isEmpty()) {
            loneNewcomers.add(row.taskId);
        }
        if (task.parentTaskId() != null) {
            loneNewcomers.remove(task.parentTaskId());
        }
        for (String prerequisite : task.prerequisites()) {
            tables.insertEdge(
                    row.taskId, prerequisite, require(prerequisite).status.isResolved());
        }
        return row;
    }

    /** Appends an event of {@code row}'s task and changes the row as the event says. */
    TaskRow change(TaskRow row, String type, Map<String, ? extends @Nullable Object> payload) {
        long seq = append(row.taskId, type, payload);
        Projection.apply(row, seq, type, now, payload);
        if (!added.contains(row)) {
            changed.add(row);
        }
        return row;
    }

    /** Lets a task wait for {@code newFrom} where it waited for {@code oldFrom}. */
    void repoint(TaskRow row, String oldFrom, String newFrom) {
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put("prerequisite", Map.of("from", oldFrom, "to", newFrom));
        payload.put("failure_reason", null);
        tables.moveEdge(row.taskId, oldFrom, newFrom);
        change(row, Projection.UPDATED, payload);
    }

    long append(String taskId, String type, Map<String, ? extends @Nullable Object> payload) {
        requireOpen();
        String text = redacted(payload).text();
        long seq = head.seq() + 1;
        byte[] hash = chain.hash(head.hash(), chain.envelope(seq, taskId, type, now, actor, text));
        events.add(new LedgerTables.EventRow(seq, taskId, type, now, actor, text, head.hash(), hash));
        head = new LedgerTables.Head(seq, hash);
        return seq;
    }

    /** Canonical JSON without secrets, within the limit. */
    CanonicalJson.Raw redacted(Object value) {
        String text;
        try {
            text = CanonicalJson.writeRedacted(value);
        } catch (IllegalArgumentException e) {
            throw new LedgerException("INVALID_ARGUMENT", key + ": " + e.getMessage(), e);
        }
        // A char is at most three bytes of UTF-8, so most texts need not be counted.
        if (text.length() > Limits.MAX_PAYLOAD_BYTES / 3
                && text.getBytes(StandardCharsets.UTF_8).length > Limits.MAX_PAYLOAD_BYTES) {
            throw new LedgerException(
                    "PAYLOAD_TOO_LARGE",
                    "%s: %d characters of JSON are more than 2 MiB: keep the data in a file and its path in the ledger"
                            .formatted(key, text.length()));
        }
        return new CanonicalJson.Raw(text);
    }

    private void flushRows() {
        added.forEach(tables::insertTask);
        added.clear();
        changed.forEach(tables::updateTask);
        changed.clear();
    }

    /** Writes what is not yet written; the journal is of no use afterwards. */
    void flush() {
        if (!events.isEmpty()) {
            if (stored == null) {
                tables.insertLedger(now);
            }
            tables.moveHead(stored == null ? 0 : stored.seq(), head);
            tables.insertEvents(events);
            flushRows();
        }
        over = true;
    }

    private void requireOpen() {
        if (over) {
            throw new IllegalStateException("the ledger's transaction is over: use it only inside the lambda");
        }
    }
}
