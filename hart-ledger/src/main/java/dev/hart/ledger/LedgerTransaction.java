package dev.hart.ledger;

import dev.hart.error.IllegalTransitionException;
import dev.hart.error.LedgerException;
import dev.hart.json.Json;
import dev.hart.store.Transaction;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Commands on one ledger inside a transaction. A command that is refused throws and changes nothing, neither task nor
 * history. Only valid inside the {@link Ledger.Work} it was handed to.
 */
public final class LedgerTransaction {
    private static final int STRIPE = 0;
    private static final int MAX_PAYLOAD_CHARS = 2 * 1024 * 1024;
    private static final Duration BACKOFF = Duration.ofSeconds(1);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(300);

    private final Transaction tx;
    private final LedgerId id;
    private final long now;
    private final String actor;
    private final EventChain chain = new EventChain();
    private final Map<String, Task> tasks = new HashMap<>();
    private final boolean headIsNew;
    private final long firstSeq;
    private long seq;
    private byte[] hash;
    private @Nullable PreparedStatement inserts;

    private LedgerTransaction(Transaction tx, LedgerId id, long now, String actor, @Nullable Head head) {
        this.tx = tx;
        this.id = id;
        this.now = now;
        this.actor = actor;
        this.headIsNew = head == null;
        this.seq = head == null ? 0 : head.seq();
        this.hash = head == null ? EventChain.start() : head.hash();
        this.firstSeq = seq;
    }

    /** The newest entry of a ledger's history. */
    record Head(long seq, byte[] hash) {
        static @Nullable Head find(Transaction tx, LedgerId id) throws SQLException {
            PreparedStatement select =
                    tx.prepare("SELECT seq, hash FROM ledger_head WHERE ledger_id = ? AND stripe = " + STRIPE);
            select.setString(1, id.key());
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? new Head(row.getLong(1), row.getBytes(2)) : null;
            }
        }
    }

    static LedgerTransaction open(Transaction tx, LedgerId id, long now, String actor) throws SQLException {
        Head head = Head.find(tx, id);
        if (head == null) {
            create(tx, id, now);
        }
        return new LedgerTransaction(tx, id, now, actor, head);
    }

    private static void create(Transaction tx, LedgerId id, long now) throws SQLException {
        PreparedStatement select = tx.prepare("SELECT agent_id, session_id FROM ledger WHERE ledger_id = ?");
        select.setString(1, id.key());
        try (ResultSet row = select.executeQuery()) {
            if (row.next()) {
                if (!row.getString(1).equals(id.agentId()) || !row.getString(2).equals(id.sessionId())) {
                    throw new LedgerException(
                            "LEDGER_ID_CLASH",
                            "%s is the ledger of agent '%s', session '%s', not of agent '%s', session '%s'"
                                    .formatted(
                                            id.key(),
                                            row.getString(1),
                                            row.getString(2),
                                            id.agentId(),
                                            id.sessionId()));
                }
                return;
            }
        }
        PreparedStatement insert =
                tx.prepare("INSERT INTO ledger (ledger_id, agent_id, session_id, created_at) VALUES (?, ?, ?, ?)");
        insert.setString(1, id.key());
        insert.setString(2, id.agentId());
        insert.setString(3, id.sessionId());
        insert.setLong(4, now);
        insert.executeUpdate();
    }

    /** Writes the collected history and the new head; the end of every work. */
    void flush() throws SQLException {
        if (inserts != null) {
            inserts.executeBatch();
        }
        if (seq == firstSeq) {
            return;
        }
        PreparedStatement head = headIsNew
                ? tx.prepare("INSERT INTO ledger_head (seq, hash, ledger_id, stripe) VALUES (?, ?, ?, " + STRIPE + ")")
                : tx.prepare("UPDATE ledger_head SET seq = ?, hash = ? WHERE ledger_id = ? AND stripe = " + STRIPE);
        head.setLong(1, seq);
        head.setBytes(2, hash);
        head.setString(3, id.key());
        head.executeUpdate();
    }

    /**
     * Adds an entry to the history; values of secret keys are left out.
     *
     * @return its place, from 1
     */
    public long append(String taskId, String type, Map<String, ? extends @Nullable Object> payload)
            throws SQLException {
        String text = CanonicalJson.write(Redaction.ofObject(payload));
        if (text.length() > MAX_PAYLOAD_CHARS) {
            throw new LedgerException(
                    "PAYLOAD_TOO_LARGE",
                    "%s of %s has %d characters, at most %d are kept: store large data in a file, and its path here"
                            .formatted(type, taskId, text.length(), MAX_PAYLOAD_CHARS));
        }
        seq++;
        hash = chain.next(hash, EventChain.canonical(id.key(), STRIPE, seq, taskId, type, now, actor, text));
        PreparedStatement insert = inserts;
        if (insert == null) {
            insert = tx.prepare("""
                    INSERT INTO task_event (ledger_id, stripe, seq, task_id, type, at, actor, payload, hash)
                    VALUES (?, 0, ?, ?, ?, ?, ?, ?, ?)""");
            insert.clearBatch();
            inserts = insert;
        }
        insert.setString(1, id.key());
        insert.setLong(2, seq);
        insert.setString(3, taskId);
        insert.setString(4, type);
        insert.setLong(5, now);
        insert.setString(6, actor);
        insert.setString(7, text);
        insert.setBytes(8, hash);
        insert.addBatch();
        return seq;
    }

    /**
     * The task as this transaction sees it.
     *
     * @throws LedgerException {@code TASK_NOT_FOUND}
     */
    public Task task(String taskId) throws SQLException {
        Task known = find(taskId);
        if (known == null) {
            throw new LedgerException("TASK_NOT_FOUND", "there is no task " + taskId + " in " + id);
        }
        return known;
    }

    private @Nullable Task find(String taskId) throws SQLException {
        Task known = tasks.get(taskId);
        if (known == null && !headIsNew) {
            known = TaskRows.find(tx, id, taskId);
            if (known != null) {
                tasks.put(taskId, known);
            }
        }
        return known;
    }

    /**
     * Adds a task. Its prerequisites and parent must be there already, so no cycle can come about.
     *
     * @throws LedgerException {@code TASK_EXISTS} or {@code UNKNOWN_DEPENDENCY}
     */
    public Task add(NewTask added) throws SQLException {
        return add(added, null);
    }

    private Task add(NewTask added, @Nullable String supersedes) throws SQLException {
        if (find(added.taskId()) != null) {
            throw new LedgerException("TASK_EXISTS", "there is already a task " + added.taskId() + " in " + id);
        }
        int unmet = 0;
        for (String prerequisite : added.prerequisites()) {
            Task from = find(prerequisite);
            if (from == null) {
                throw unknownDependency(added.taskId(), prerequisite);
            }
            unmet += from.status().isResolved() ? 0 : 1;
        }
        if (added.parentTaskId() != null && find(added.parentTaskId()) == null) {
            throw unknownDependency(added.taskId(), added.parentTaskId());
        }
        Instant at = Instant.ofEpochMilli(now);
        Task task = new Task(
                id,
                added.taskId(),
                added.parentTaskId(),
                added.description(),
                TaskStatus.PENDING,
                added.container(),
                Redaction.ofObject(added.context()),
                null,
                null,
                null,
                null,
                0,
                added.maxRetries(),
                null,
                supersedes,
                null,
                null,
                1,
                at,
                at,
                null,
                null);
        TaskRows.insert(tx, task, unmet);
        for (String prerequisite : added.prerequisites()) {
            PreparedStatement edge = tx.prepare(
                    "INSERT OR IGNORE INTO task_edge (ledger_id, to_task, from_task, satisfied) VALUES (?, ?, ?, ?)");
            edge.setString(1, id.key());
            edge.setString(2, added.taskId());
            edge.setString(3, prerequisite);
            edge.setInt(4, task(prerequisite).status().isResolved() ? 1 : 0);
            edge.executeUpdate();
        }
        tasks.put(task.taskId(), task);
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put("description", task.description());
        payload.put("to", TaskStatus.PENDING.wireName());
        payload.put("parent_task_id", task.parentTaskId());
        payload.put("prerequisites", added.prerequisites());
        payload.put("container", task.container());
        payload.put("context", task.context());
        payload.put("max_retries", (long) task.maxRetries());
        payload.put("supersedes", supersedes);
        append(task.taskId(), "TASK_CREATED", payload);
        return task;
    }

    private LedgerException unknownDependency(String task, String other) {
        return new LedgerException(
                "UNKNOWN_DEPENDENCY",
                "task " + task + " names " + other + ", which is not in " + id + "; add that one first");
    }

    /** The status that an event leaves its task in, if it changes it. */
    static Optional<String> statusAfter(LedgerEvent event) {
        return event.type().startsWith("TASK_") && event.payload().get("to") instanceof String to
                ? Optional.of(to)
                : Optional.empty();
    }

    /**
     * Pending, deferred, delegated: to in progress.
     *
     * @throws LedgerException {@code NOT_READY} with the tasks it waits for
     */
    public Task start(String taskId) throws SQLException {
        Task task = task(taskId);
        requireLegal(task, TaskStatus.IN_PROGRESS);
        List<String> waitsFor = unresolved(taskId);
        if (!waitsFor.isEmpty()) {
            throw new LedgerException("NOT_READY", "task " + taskId + " waits for " + String.join(", ", waitsFor));
        }
        TaskEdit edit = new TaskEdit(task);
        edit.status = TaskStatus.IN_PROGRESS;
        edit.startedAt = task.startedAt() == null ? Instant.ofEpochMilli(now) : task.startedAt();
        edit.notBefore = null;
        edit.reason = null;
        return write(task, edit, "TASK_TRANSITIONED", Map.of());
    }

    /** In progress or delegated: to completed. Whoever waits for it is free. */
    public Task complete(String taskId, @Nullable Object result) throws SQLException {
        Task task = task(taskId);
        requireLegal(task, TaskStatus.COMPLETED);
        TaskEdit edit = ended(task, TaskStatus.COMPLETED, null);
        edit.result = Redaction.of(Json.valueOf(result));
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put("result", edit.result);
        Task completed = write(task, edit, "TASK_TRANSITIONED", payload);
        satisfy(taskId);
        return completed;
    }

    /** To failed, whatever retries are left. */
    public Task fail(String taskId, String error, FailureReason why) throws SQLException {
        Task task = task(taskId);
        requireLegal(task, TaskStatus.FAILED);
        return fail(task, error, why);
    }

    private Task fail(Task task, String error, FailureReason why) throws SQLException {
        TaskEdit edit = ended(task, TaskStatus.FAILED, why.wireName() + ": " + error);
        edit.failureReason = why.wireName();
        return write(task, edit, "TASK_TRANSITIONED", Map.of("failure_reason", why.wireName()));
    }

    /**
     * A failed attempt: back to pending after 1, 2, 4… seconds, at most 300, while retries are left, else to failed. What
     * was refused for good (validation, permission) fails at once.
     */
    public Task failAttempt(String taskId, String error, FailureReason why) throws SQLException {
        Task task = task(taskId);
        if (task.status() != TaskStatus.IN_PROGRESS && task.status() != TaskStatus.BLOCKED) {
            throw illegal(task, TaskStatus.PENDING);
        }
        if (why == FailureReason.VALIDATION_FAILED || why == FailureReason.PERMISSION_DENIED) {
            return fail(task, error, why);
        }
        if (task.retryCount() >= task.maxRetries()) {
            return fail(task, error, FailureReason.MAX_RETRIES_EXCEEDED);
        }
        TaskEdit edit = new TaskEdit(task);
        edit.status = TaskStatus.PENDING;
        edit.retryCount++;
        edit.reason = why.wireName() + ": " + error;
        edit.blockedReason = null;
        edit.notBefore = Instant.ofEpochMilli(now).plus(backoff(edit.retryCount));
        return write(task, edit, "TASK_RETRIED", Map.of("retry_count", (long) edit.retryCount));
    }

    private static Duration backoff(int retry) {
        long seconds = 1L << Math.min(retry - 1, 30);
        Duration delay = BACKOFF.multipliedBy(seconds);
        return delay.compareTo(LONGEST_BACKOFF) > 0 ? LONGEST_BACKOFF : delay;
    }

    /** Pending, in progress, delegated: to blocked. */
    public Task block(String taskId, BlockedReason why, String detail) throws SQLException {
        Task task = task(taskId);
        requireLegal(task, TaskStatus.BLOCKED);
        TaskEdit edit = new TaskEdit(task);
        edit.status = TaskStatus.BLOCKED;
        edit.blockedReason = why.wireName();
        edit.reason = detail;
        return write(task, edit, "TASK_TRANSITIONED", Map.of("blocked_reason", why.wireName()));
    }

    /** Pending or in progress: to paused. */
    public Task pause(String taskId, String reason) throws SQLException {
        Task task = task(taskId);
        requireLegal(task, TaskStatus.PAUSED);
        TaskEdit edit = new TaskEdit(task);
        edit.status = TaskStatus.PAUSED;
        edit.reason = reason;
        return write(task, edit, "TASK_TRANSITIONED", Map.of());
    }

    /** Paused, stopped, blocked: on to in progress, or to pending when it had never started. */
    public Task resume(String taskId) throws SQLException {
        Task task = task(taskId);
        requireLegal(task, TaskStatus.RESUMING);
        TaskEdit edit = new TaskEdit(task);
        edit.blockedReason = null;
        edit.reason = null;
        if (task.startedAt() == null) {
            edit.status = TaskStatus.PENDING;
            return write(task, edit, "TASK_REQUEUED", Map.of());
        }
        append(taskId, "TASK_TRANSITIONED", change(task.status(), TaskStatus.RESUMING, null));
        append(taskId, "TASK_TRANSITIONED", change(TaskStatus.RESUMING, TaskStatus.IN_PROGRESS, null));
        edit.status = TaskStatus.IN_PROGRESS;
        return store(edit);
    }

    /** Not for what is running: that is terminated. */
    public Task cancel(String taskId, String reason) throws SQLException {
        return end(taskId, TaskStatus.CANCELLED, reason);
    }

    /** In progress, paused, stopped: to terminated. */
    public Task terminate(String taskId, String reason) throws SQLException {
        return end(taskId, TaskStatus.TERMINATED, reason);
    }

    /** Pending, deferred, paused, stopped: to skipped, which lets those go on that wait for it. */
    public Task skip(String taskId, String reason) throws SQLException {
        Task skipped = end(taskId, TaskStatus.SKIPPED, reason);
        satisfy(taskId);
        return skipped;
    }

    private Task end(String taskId, TaskStatus to, String reason) throws SQLException {
        Task task = task(taskId);
        requireLegal(task, to);
        return write(task, ended(task, to, reason), "TASK_TRANSITIONED", Map.of());
    }

    /**
     * A new task {@code id~1}, {@code id~2}… that does what an ended one did; who waits for that one waits for it.
     */
    public Task retryAsNew(String taskId) throws SQLException {
        Task task = task(taskId);
        if (!task.status().isTerminal()) {
            throw new LedgerException(
                    "NOT_TERMINAL",
                    "task " + taskId + " is " + task.status().wireName() + "; only what has ended is tried anew");
        }
        int tilde = taskId.indexOf('~');
        String original = tilde < 0 ? taskId : taskId.substring(0, tilde);
        int n = 1;
        while (find(original + "~" + n) != null) {
            n++;
        }
        NewTask again = new NewTask(
                original + "~" + n,
                task.description(),
                task.parentTaskId(),
                task.container(),
                task.context(),
                prerequisites(taskId),
                task.maxRetries());
        Task added = add(again, taskId);
        PreparedStatement repoint = tx.prepare(
                "UPDATE task_edge SET from_task = ? WHERE ledger_id = ? AND from_task = ? AND satisfied = 0");
        repoint.setString(1, again.taskId());
        repoint.setString(2, id.key());
        repoint.setString(3, taskId);
        repoint.executeUpdate();
        return added;
    }

    /** Says which process works on a task. */
    public Task setOwner(String taskId, String node, String incarnation) throws SQLException {
        TaskEdit edit = new TaskEdit(task(taskId));
        edit.ownerNode = node;
        edit.ownerIncarnation = incarnation;
        append(taskId, "TASK_CLAIMED", Map.of("node", node, "incarnation", incarnation));
        return store(edit);
    }

    /**
     * Makes another process the owner, if nobody was faster.
     *
     * @param from who owns it as far as the caller knows
     * @return false, and nothing changed, when somebody else does
     */
    public boolean takeOver(String taskId, @Nullable String from, String to) throws SQLException {
        Task task = task(taskId);
        if (!java.util.Objects.equals(task.ownerIncarnation(), from)) {
            return false;
        }
        setOwner(taskId, task.ownerNode() == null ? "local" : task.ownerNode(), to);
        return true;
    }

    private List<String> unresolved(String taskId) throws SQLException {
        return edges("SELECT from_task FROM task_edge WHERE ledger_id = ? AND to_task = ? AND satisfied = 0", taskId);
    }

    private List<String> prerequisites(String taskId) throws SQLException {
        return edges("SELECT from_task FROM task_edge WHERE ledger_id = ? AND to_task = ?", taskId);
    }

    private List<String> edges(String sql, String taskId) throws SQLException {
        PreparedStatement select = tx.prepare(sql);
        select.setString(1, id.key());
        select.setString(2, taskId);
        List<String> ids = new ArrayList<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                ids.add(rows.getString(1));
            }
        }
        return ids;
    }

    private void satisfy(String taskId) throws SQLException {
        List<String> waiting =
                edges("SELECT to_task FROM task_edge WHERE ledger_id = ? AND from_task = ? AND satisfied = 0", taskId);
        if (waiting.isEmpty()) {
            return;
        }
        PreparedStatement satisfied =
                tx.prepare("UPDATE task_edge SET satisfied = 1 WHERE ledger_id = ? AND from_task = ?");
        satisfied.setString(1, id.key());
        satisfied.setString(2, taskId);
        satisfied.executeUpdate();
        for (String waiter : waiting) {
            PreparedStatement unmet =
                    tx.prepare("UPDATE task SET unmet_edges = unmet_edges - 1 WHERE ledger_id = ? AND task_id = ?");
            unmet.setString(1, id.key());
            unmet.setString(2, waiter);
            unmet.executeUpdate();
            if (unresolved(waiter).isEmpty()) {
                append(waiter, "TASK_READY", Map.of());
            }
        }
    }

    private TaskEdit ended(Task task, TaskStatus to, @Nullable String reason) {
        TaskEdit edit = new TaskEdit(task);
        edit.status = to;
        edit.reason = reason;
        edit.blockedReason = null;
        edit.notBefore = null;
        edit.ownerNode = null;
        edit.ownerIncarnation = null;
        edit.completedAt = Instant.ofEpochMilli(now);
        return edit;
    }

    private void requireLegal(Task task, TaskStatus to) {
        if (task.status() == to) {
            throw new LedgerException("NO_CHANGE", "task " + task.taskId() + " is already " + to.wireName());
        }
        if (!task.status().next().contains(to)) {
            throw illegal(task, to);
        }
    }

    private IllegalTransitionException illegal(Task task, TaskStatus to) {
        return new IllegalTransitionException(
                "task",
                id.key() + "/" + task.taskId(),
                task.status().wireName(),
                to.wireName(),
                task.status().next().stream().map(TaskStatus::wireName).toList());
    }

    private Task write(Task before, TaskEdit edit, String type, Map<String, ? extends @Nullable Object> more)
            throws SQLException {
        Map<String, @Nullable Object> payload = change(before.status(), edit.status, edit.reason);
        payload.putAll(more);
        append(before.taskId(), type, payload);
        return store(edit);
    }

    private static Map<String, @Nullable Object> change(TaskStatus from, TaskStatus to, @Nullable String reason) {
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put("from", from.wireName());
        payload.put("to", to.wireName());
        if (reason != null) {
            payload.put("reason", reason);
        }
        return payload;
    }

    private Task store(TaskEdit edit) throws SQLException {
        Task after = edit.after(Instant.ofEpochMilli(now));
        TaskRows.update(tx, after);
        tasks.put(after.taskId(), after);
        return after;
    }
}
