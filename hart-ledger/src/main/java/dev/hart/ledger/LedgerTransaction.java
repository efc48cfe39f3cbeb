package dev.hart.ledger;

import dev.hart.error.IllegalTransitionException;
import dev.hart.error.LedgerException;
import dev.hart.store.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The commands on one ledger, inside a transaction; lent by {@link Ledger#write} and {@link Ledger#in}, used by one thread
 * and not kept. Each command is refused with an exception and changes nothing, or appends its events and changes the
 * tasks. Rows and events are written when the lambda ends.
 *
 * <p>Commands throw {@link LedgerException} TASK_NOT_FOUND for an unknown task, {@link IllegalTransitionException} for a
 * change that {@link TaskStatus#next} does not know, and {@link LedgerException} NO_CHANGE where the task already is in
 * the status asked for.
 */
public final class LedgerTransaction {
    private static final Duration RETRY_BASE = Duration.ofSeconds(1);
    private static final Duration RETRY_CAP = Duration.ofSeconds(300);

    private final LedgerJournal journal;

    LedgerTransaction(Transaction tx, LedgerId ledger, InstantSource clock, String actor) {
        this.journal = new LedgerJournal(tx, ledger, clock, actor);
    }

    void flush() {
        journal.flush();
    }

    /** The task as this transaction sees it. */
    public Task task(String taskId) {
        return journal.require(taskId).task();
    }

    /** The same, or empty if there is none. */
    public Optional<Task> find(String taskId) {
        return Optional.ofNullable(journal.find(taskId)).map(TaskRow::task);
    }

    /**
     * Appends an event that changes no task, such as STEP_FINISHED. Values of keys that name secrets are replaced.
     *
     * @param taskId the task it is about; it need not exist
     * @param type upper case; not one of the ledger's own, such as TASK_CREATED
     * @param payload {@code dev.hart.json} values
     * @return the event's number
     * @throws LedgerException INVALID_ARGUMENT, or PAYLOAD_TOO_LARGE beyond 2 MiB of JSON
     */
    public long append(String taskId, String type, Map<String, ? extends @Nullable Object> payload) {
        Limits.requireId("task id", taskId);
        Limits.requireEventType(type);
        if (Projection.concerns(type)) {
            throw Limits.invalid(type + " is written by the ledger's commands only");
        }
        return journal.append(taskId, type, payload);
    }

    /**
     * Adds a pending task.
     *
     * @throws LedgerException TASK_EXISTS; UNKNOWN_DEPENDENCY for a parent or prerequisite that is not in the ledger; CYCLE
     *     if a prerequisite waits for the parent
     */
    public Task add(NewTask task) {
        return add(task, null).task();
    }

    private TaskRow add(NewTask task, @Nullable String supersedes) {
        String id = task.taskId();
        if (journal.find(id) != null) {
            throw new LedgerException("TASK_EXISTS", "task %s is already there: choose another id".formatted(name(id)));
        }
        if (task.parentTaskId() != null) {
            requireKnown(id, "parent", task.parentTaskId());
        }
        boolean ready = true;
        boolean dead = false;
        for (String prerequisite : task.prerequisites()) {
            TaskStatus status = requireKnown(id, "prerequisite", prerequisite).status;
            ready &= status.isResolved();
            dead |= isDead(status);
            if (task.parentTaskId() != null && journal.tables().waitsOn(prerequisite, task.parentTaskId())) {
                throw new LedgerException(
                        "CYCLE",
                        "task %s would wait for %s, which waits for its parent %s: leave out the prerequisite or the parent"
                                .formatted(name(id), prerequisite, task.parentTaskId()));
            }
        }
        TaskRow row =
                journal.create(task, ready ? PendingReason.READY : PendingReason.AWAITING_PREREQUISITES, supersedes);
        if (dead) {
            journal.change(row, Projection.DEPENDENCY_FAILED, new LinkedHashMap<>());
        }
        return row;
    }

    private TaskRow requireKnown(String taskId, String role, String other) {
        TaskRow row = journal.find(other);
        if (row == null) {
            throw new LedgerException(
                    "UNKNOWN_DEPENDENCY",
                    "task %s names the %s '%s', which is not in the ledger: add that first"
                            .formatted(name(taskId), role, other));
        }
        return row;
    }

    /**
     * Begins work on a task.
     *
     * @throws LedgerException NOT_READY while a prerequisite is unmet or a child is open; the message names them
     */
    public Task start(String taskId) {
        TaskRow row = journal.require(taskId);
        requireNext(row, TaskStatus.IN_PROGRESS);
        List<String> unmet = journal.unmetPrerequisites(taskId);
        if (unmet.isEmpty()) {
            unmet = journal.openChildren(taskId);
        }
        if (!unmet.isEmpty()) {
            throw new LedgerException(
                    "NOT_READY",
                    "task %s waits for %s: finish them first".formatted(name(taskId), String.join(", ", unmet)));
        }
        return move(row, TaskStatus.IN_PROGRESS, Map.of()).task();
    }

    /**
     * Ends a task with its result, a {@code dev.hart.json} value; tasks that waited for it become ready.
     *
     * @throws LedgerException OPEN_CHILDREN with their ids; PAYLOAD_TOO_LARGE beyond 2 MiB of JSON
     */
    public Task complete(String taskId, @Nullable Object result) {
        TaskRow row = journal.require(taskId);
        requireNext(row, TaskStatus.COMPLETED);
        List<String> open = journal.openChildren(taskId);
        if (!open.isEmpty()) {
            throw new LedgerException(
                    "OPEN_CHILDREN",
                    "task %s has the open children %s: finish them first"
                            .formatted(name(taskId), String.join(", ", open)));
        }
        move(row, TaskStatus.COMPLETED, result == null ? Map.of() : Map.of("result", journal.redacted(result)));
        releaseDependents(row);
        return row.task();
    }

    /** Ends a task without success, whatever retries are left. */
    public Task fail(String taskId, String error, FailureReason reason) {
        TaskRow row = journal.require(taskId);
        requireNext(row, TaskStatus.FAILED);
        return fail(row, error, reason);
    }

    private Task fail(TaskRow row, String error, FailureReason reason) {
        move(row, TaskStatus.FAILED, Map.of("error", error, "failure_reason", reason.wireName()));
        releaseDependents(row);
        return row.task();
    }

    /**
     * Notes a failed attempt: the task goes back to pending, not to be started before 1 s, 2 s, 4 s … at most 300 s; or
     * fails, at once for a reason not worth a retry, and with MAX_RETRIES_EXCEEDED when no attempt is left.
     */
    public Task failAttempt(String taskId, String error, FailureReason reason) {
        TaskRow row = journal.require(taskId);
        if (row.status != TaskStatus.IN_PROGRESS && row.status != TaskStatus.BLOCKED) {
            throw illegal(row, TaskStatus.FAILED);
        }
        if (reason == FailureReason.VALIDATION_FAILED || reason == FailureReason.PERMISSION_DENIED) {
            return fail(row, error, reason);
        }
        if (row.retryCount >= row.maxRetries) {
            return fail(row, error, FailureReason.MAX_RETRIES_EXCEEDED);
        }
        int retries = row.retryCount + 1;
        Map<String, @Nullable Object> payload = transition(row, TaskStatus.PENDING);
        payload.put("error", error);
        payload.put("failure_reason", reason.wireName());
        payload.put("pending_reason", PendingReason.RETRY_BACKOFF.wireName());
        payload.put("retry_count", (long) retries);
        payload.put("not_before", journal.now() + retryDelayMillis(retries));
        return journal.change(row, Projection.RETRIED, payload).task();
    }

    private static long retryDelayMillis(int retries) {
        int doublings = Math.min(retries - 1, 30);
        return Math.min(RETRY_CAP.toMillis(), RETRY_BASE.toMillis() << doublings);
    }

    /** Holds a task that cannot go on by itself. */
    public Task block(String taskId, BlockedReason reason, @Nullable String detail) {
        TaskRow row = journal.require(taskId);
        requireNext(row, TaskStatus.BLOCKED);
        Map<String, @Nullable Object> more = new LinkedHashMap<>();
        more.put("blocked_reason", reason.wireName());
        if (detail != null) {
            more.put("detail", detail);
        }
        return move(row, TaskStatus.BLOCKED, more).task();
    }

    public Task pause(String taskId, String reason) {
        return moveTo(taskId, TaskStatus.PAUSED, reason);
    }

    /** Stops a running task at a person's wish. It can be resumed. */
    public Task stop(String taskId, String reason) {
        return moveTo(taskId, TaskStatus.USER_STOPPED, reason);
    }

    /** Lets a paused, stopped or blocked task go on: in progress if it had started, else pending. */
    public Task resume(String taskId) {
        TaskRow row = journal.require(taskId);
        if (!row.status.isResumable()) {
            if (row.status == TaskStatus.IN_PROGRESS) {
                throw noChange(row);
            }
            throw illegal(row, TaskStatus.RESUMING);
        }
        return resume(row, Projection.TRANSITIONED).task();
    }

    private TaskRow resume(TaskRow row, String firstEvent) {
        if (row.startedAt == null) {
            Map<String, @Nullable Object> payload = transition(row, TaskStatus.PENDING);
            boolean ready = journal.unmetPrerequisites(row.taskId).isEmpty();
            payload.put(
                    "pending_reason", (ready ? PendingReason.READY : PendingReason.AWAITING_PREREQUISITES).wireName());
            return journal.change(row, Projection.REQUEUED, payload);
        }
        journal.change(row, firstEvent, transition(row, TaskStatus.RESUMING));
        return move(row, TaskStatus.IN_PROGRESS, Map.of());
    }

    /** Ends a task that is not running; a running one is terminated instead. */
    public Task cancel(String taskId, String reason) {
        return end(taskId, TaskStatus.CANCELLED, reason);
    }

    /** Ends a running, paused or stopped task for good. */
    public Task terminate(String taskId, String reason) {
        return end(taskId, TaskStatus.TERMINATED, reason);
    }

    /** Ends a task that is not needed; tasks that wait for it become ready. */
    public Task skip(String taskId, String reason) {
        return end(taskId, TaskStatus.SKIPPED, reason);
    }

    /**
     * Adds a pending task {@code {id}~{n}} that repeats an ended one. The ended one stays as it is; what waited for it
     * waits for the new one.
     */
    public Task retryAsNew(String taskId) {
        TaskRow old = journal.require(taskId);
        if (!old.status.isTerminal()) {
            throw illegal(old, TaskStatus.PENDING);
        }
        TaskRow original = old;
        while (original.supersedes != null) {
            original = journal.require(original.supersedes);
        }
        int n = 1;
        while (journal.find(original.taskId + "~" + n) != null) {
            n++;
        }
        List<String> waiting = journal.waitingFor(taskId);
        NewTask definition = new NewTask(
                original.taskId + "~" + n,
                old.description,
                old.type,
                old.executionMode,
                old.priority,
                old.parentTaskId,
                CanonicalJson.readObject(old.contextJson),
                old.container,
                old.maxRetries,
                journal.tables().prerequisites(taskId));
        TaskRow fresh = add(definition, taskId);
        for (String waiter : waiting) {
            TaskRow row = journal.require(waiter);
            if (!row.status.isTerminal()) {
                journal.repoint(row, taskId, fresh.taskId);
            }
        }
        return fresh.task();
    }

    /** Notes who works on a task: a node, and which start of it. */
    public Task setOwner(String taskId, String node, String incarnation) {
        TaskRow row = journal.require(taskId);
        return own(row, node, incarnation).task();
    }

    /**
     * Hands a task from one start of a node to another, if it still belongs to the first.
     *
     * @param fromIncarnation null when it belongs to none
     * @return false, without any change, if it does not
     */
    public boolean takeOver(String taskId, @Nullable String fromIncarnation, String toNode, String toIncarnation) {
        TaskRow row = journal.require(taskId);
        if (!Objects.equals(row.incarnation, fromIncarnation)) {
            return false;
        }
        own(row, toNode, toIncarnation);
        return true;
    }

    private TaskRow own(TaskRow row, String node, String incarnation) {
        if (row.status.isTerminal()) {
            throw illegal(row, TaskStatus.IN_PROGRESS);
        }
        Limits.requireId("node", node);
        Limits.requireId("incarnation", incarnation);
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put("owner_node_id", node);
        payload.put("incarnation", incarnation);
        return journal.change(row, Projection.UPDATED, payload);
    }

    private Task moveTo(String taskId, TaskStatus to, String reason) {
        TaskRow row = journal.require(taskId);
        requireNext(row, to);
        return move(row, to, Map.of("reason", reason)).task();
    }

    private Task end(String taskId, TaskStatus to, String reason) {
        TaskRow row = journal.require(taskId);
        requireNext(row, to);
        move(row, to, Map.of("reason", reason));
        releaseDependents(row);
        return row.task();
    }

    /** Tells the tasks that wait for an ended one: they become ready, or learn that they wait in vain. */
    private void releaseDependents(TaskRow ended) {
        List<String> waiting = journal.waitingFor(ended.taskId);
        if (waiting.isEmpty()) {
            return;
        }
        if (ended.status.isResolved()) {
            journal.tables().satisfyEdgesFrom(ended.taskId);
        }
        for (String id : waiting) {
            TaskRow waiter = journal.require(id);
            if (isDead(ended.status) && !waiter.status.isTerminal()) {
                journal.change(waiter, Projection.DEPENDENCY_FAILED, Map.of("prerequisite_failed", ended.taskId));
            } else if (ended.status.isResolved()
                    && journal.unmetPrerequisites(id).isEmpty()) {
                release(waiter);
            }
        }
    }

    private void release(TaskRow waiter) {
        if (waiter.status == TaskStatus.PENDING) {
            journal.change(waiter, Projection.READY, Map.of());
        } else if (waiter.status == TaskStatus.BLOCKED && waiter.blockedReason == BlockedReason.DEPENDENCY) {
            resume(waiter, Projection.AUTO_RESUMED);
        }
    }

    private static boolean isDead(TaskStatus status) {
        return status.isTerminal() && !status.isResolved();
    }

    private TaskRow move(TaskRow row, TaskStatus to, Map<String, ? extends @Nullable Object> more) {
        Map<String, @Nullable Object> payload = transition(row, to);
        payload.putAll(more);
        return journal.change(row, Projection.TRANSITIONED, payload);
    }

    private static Map<String, @Nullable Object> transition(TaskRow row, TaskStatus to) {
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put("from", row.status.wireName());
        payload.put("to", to.wireName());
        return payload;
    }

    private void requireNext(TaskRow row, TaskStatus to) {
        if (row.status == to) {
            throw noChange(row);
        }
        if (!row.status.canBecome(to)) {
            throw illegal(row, to);
        }
    }

    private LedgerException noChange(TaskRow row) {
        return new LedgerException(
                "NO_CHANGE", "task %s already is %s".formatted(name(row.taskId), row.status.wireName()));
    }

    private IllegalTransitionException illegal(TaskRow row, TaskStatus to) {
        return new IllegalTransitionException(
                "task",
                name(row.taskId),
                row.status.wireName(),
                to.wireName(),
                row.status.next().stream().map(TaskStatus::wireName).toList());
    }

    private String name(String taskId) {
        return journal.name(taskId);
    }

    /** The time this transaction's events carry, in whole milliseconds. */
    public Instant now() {
        return Instant.ofEpochMilli(journal.now());
    }
}
