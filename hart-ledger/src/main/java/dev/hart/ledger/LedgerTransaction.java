package dev.hart.ledger;

import dev.hart.error.LedgerException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The commands on one ledger, inside a transaction; lent by {@link Ledger#write} and {@link Ledger#in}, used by one thread
 * and not kept. Each command is refused with an exception and changes nothing, or appends its events and changes the
 * tasks. Rows and events are written when the lambda ends.
 *
 * <p>Commands throw {@link LedgerException} TASK_NOT_FOUND for an unknown task,
 * {@link dev.hart.error.IllegalTransitionException} for a change that {@link TaskStatus#next} does not know, and
 * {@link LedgerException} NO_CHANGE where the task already is in the status asked for.
 */
public final class LedgerTransaction {
    private final LedgerId ledger;
    private final LedgerJournal journal;
    private final Lifecycle lifecycle;
    private final Creation creation;
    private final Claims claims;
    private final Commands commands;
    private final Families families;
    private final Requests requests;

    LedgerTransaction(LedgerId ledger, LedgerJournal journal) {
        this.ledger = ledger;
        this.journal = journal;
        this.lifecycle = new Lifecycle(journal);
        this.creation = new Creation(journal, lifecycle);
        this.claims = new Claims(ledger, journal, lifecycle);
        this.commands = new Commands(journal, lifecycle, claims);
        this.families = new Families(journal, lifecycle, creation, commands);
        this.requests = new Requests(ledger, journal);
    }

    LedgerJournal journal() {
        return journal;
    }

    Claims claims() {
        return claims;
    }

    DueTasks dueTasks() {
        return new DueTasks(ledger, journal, lifecycle, claims);
    }

    void end() {
        requests.flush();
    }

    private Task shown(TaskRow row) {
        return new Task(ledger, row.copy());
    }

    /** The task as this transaction sees it. */
    public Task task(String taskId) {
        return shown(journal.require(taskId));
    }

    /** The same, or empty if there is none. */
    public Optional<Task> find(String taskId) {
        return Optional.ofNullable(journal.find(taskId)).map(this::shown);
    }

    /** The time this transaction's events carry, in whole milliseconds. */
    public Instant now() {
        return Instant.ofEpochMilli(journal.now());
    }

    /**
     * Appends an event that changes no task, such as STEP_FINISHED. Values of keys that name secrets are replaced.
     *
     * @param taskId the task it is about; it need not exist
     * @param type upper case; not one of the ledger's own, such as TASK_CREATED
     * @param payload {@code dev.hart.json} values
     * @return where it stands, once the transaction has ended
     * @throws LedgerException INVALID_ARGUMENT, or PAYLOAD_TOO_LARGE beyond 2 MiB of JSON
     */
    public EventPlace append(String taskId, String type, Map<String, ? extends @Nullable Object> payload) {
        Limits.requireId("task id", taskId);
        Limits.requireEventType(type);
        if (Projection.isReserved(type)) {
            throw Limits.invalid(type + " is written by the ledger's commands only");
        }
        return journal.record(taskId, type, journal.redacted(payload, Limits.MAX_PAYLOAD_BYTES));
    }

    /**
     * Adds a task.
     *
     * @throws LedgerException TASK_EXISTS; UNKNOWN_DEPENDENCY for a parent, prerequisite or blocker that is not in the ledger;
     *     TASK_ENDED for a parent that has ended; CYCLE if the task would come to wait for itself
     */
    public Task add(NewTask task) {
        return shown(creation.add(task));
    }

    /**
     * The same; with a key that was used for the same task before, it changes nothing and answers as the first time.
     *
     * @throws LedgerException IDEMPOTENCY_CONFLICT for a key that was used for something else
     */
    public Task add(NewTask task, CommandOptions options) {
        String hash = CanonicalJson.sha256(List.of(
                task.taskId(),
                "add",
                task.request(),
                new CanonicalJson.Raw(CanonicalJson.writeRedacted(task.context()))));
        Optional<Task> before = requests.answered(options.idempotencyKey(), hash);
        if (before.isPresent()) {
            return before.get();
        }
        TaskRow row = creation.add(task);
        requests.note(options.idempotencyKey(), hash, row);
        return shown(row);
    }

    /** Adds tasks that may name each other in any order; all or none. */
    public List<Task> addAll(Collection<NewTask> tasks) {
        return creation.addAll(tasks).stream().map(this::shown).toList();
    }

    /**
     * The same; with a key that was used for the same tasks before, it changes nothing and answers as the first time.
     *
     * @throws LedgerException IDEMPOTENCY_CONFLICT for a key that was used for something else
     */
    public List<Task> addAll(Collection<NewTask> tasks, CommandOptions options) {
        String key = options.idempotencyKey();
        if (key == null || tasks.isEmpty()) {
            return addAll(tasks);
        }
        List<Object> asked = new ArrayList<>(List.of("add_all"));
        for (NewTask task : tasks) {
            asked.add(task.taskId());
            asked.add(task.payload());
            asked.add(new CanonicalJson.Raw(CanonicalJson.writeRedacted(task.context())));
        }
        String hash = CanonicalJson.sha256(asked);
        List<Task> before = new ArrayList<>();
        for (int i = 0; i < tasks.size(); i++) {
            requests.answered(keyOf(key, i), hash).ifPresent(before::add);
        }
        if (!before.isEmpty()) {
            return before;
        }
        List<TaskRow> rows = creation.addAll(tasks);
        for (int i = 0; i < rows.size(); i++) {
            requests.note(keyOf(key, i), hash, rows.get(i));
        }
        return rows.stream().map(this::shown).toList();
    }

    /** One key for each task of a batch; a caller's own key has no space in it. */
    private static String keyOf(String key, int task) {
        return task == 0 ? key : key + " " + task;
    }

    /**
     * Adds the child {@code {parent}_child_{n}}. The parent's status stays; it is not ready while a child is open.
     *
     * @throws LedgerException TASK_ENDED for a parent that has ended
     */
    public Task addChild(String parentId, String description) {
        return addChild(parentId, description, task -> task);
    }

    /** The same with more about it. */
    public Task addChild(String parentId, String description, UnaryOperator<NewTask> more) {
        return shown(families.addChild(parentId, description, more));
    }

    /** Adds children {@code {parent}_sibling_{n}} that may run beside one another; numbers go on where the last call ended. */
    public List<Task> addSiblings(String parentId, String... descriptions) {
        return addSiblings(parentId, Arrays.asList(descriptions), task -> task);
    }

    /** The same with more about each. */
    public List<Task> addSiblings(String parentId, List<String> descriptions, UnaryOperator<NewTask> more) {
        return shown(families.addSiblings(parentId, descriptions, more));
    }

    /**
     * Adds tasks that are done one after the other, {@code seq_task_{n}}: the first is pending, each other one blocked until
     * the one before it has succeeded.
     */
    public List<Task> addChain(String... descriptions) {
        return addChain(null, Arrays.asList(descriptions), task -> task);
    }

    /** The same as children of a task, {@code {parent}_seq_{n}}, or of none, with more about each. */
    public List<Task> addChain(@Nullable String parentId, List<String> descriptions, UnaryOperator<NewTask> more) {
        return shown(families.addChain(parentId, descriptions, more));
    }

    /**
     * Breaks a task down. The subtasks become children of type {@link TaskType#AUTONOMOUS} and may name each other as
     * prerequisites; all or none. A running parent is blocked until they have ended and gives its lease up; another one waits
     * through its open children.
     */
    public List<Task> addSubtasks(String parentId, Collection<NewTask> subtasks) {
        return shown(families.addSubtasks(parentId, subtasks));
    }

    /** Adds a task for each action of a plan, sealed; all or none. */
    public List<Task> addActions(List<PlannedAction> actions) {
        return shown(families.addActions(actions));
    }

    /**
     * Adds a goal, in progress, and its tasks, ready; all or none.
     *
     * @return the goal, with the id {@code goal_{yyyyMMdd_HHmmss}_{8 hex}}
     */
    public Task submitGoal(NewGoal goal) {
        return shown(families.submitGoal(goal, journal.randomHex()));
    }

    /** Notes that tasks may run beside one another though they have different parents, or none. */
    public void linkSiblings(String... taskIds) {
        families.linkSiblings(Arrays.asList(taskIds));
    }

    /**
     * Adds a task that was discovered at run time where a {@link Classifier} says it belongs.
     *
     * @param answer what the classifier gave; nothing in it is trusted, see {@link Classification}
     */
    public DiscoveredTask addDiscovered(Discovery discovery, String answer) {
        return new Placing(ledger, journal, creation, commands, families).place(discovery, answer);
    }

    /**
     * Hands part of a task to another agent: the child {@code delegation_{n}} that is delegated to it. The parent is blocked until the part comes
     * back, and then goes on as the ledger's rules say. Whoever has a part may hand parts of it on.
     *
     * @return the part, to be given back with {@link #finishDelegation}
     */
    public Task delegate(String parentId, Delegation delegation) {
        return shown(families.delegate(journal.require(parentId), delegation));
    }

    /**
     * Takes a delegated part back: it completes, or fails, and its parent goes on.
     *
     * @param ok whether the agent did it
     * @param result what it gave, or the text of its error
     * @throws LedgerException NOT_DELEGATED for a task that nobody was given
     */
    public Task finishDelegation(String taskId, boolean ok, @Nullable Object result) {
        return shown(families.finishDelegation(journal.require(taskId), ok, result));
    }

    /** Refuses a caller whose lease is not the task's present one, with LedgerException STALE_LEASE. */
    public void requireLease(Lease lease) {
        claims.requireLease(journal.require(lease.taskId()), lease.token());
    }

    private List<Task> shown(List<TaskRow> rows) {
        return rows.stream().map(this::shown).toList();
    }

    /** Gives a command to a task. */
    public Task apply(String taskId, TaskCommand command) {
        return apply(taskId, command, CommandOptions.none());
    }

    /**
     * The same under conditions.
     *
     * @throws LedgerException VERSION_CONFLICT, STALE_LEASE, or IDEMPOTENCY_CONFLICT for a key that was used for another command
     */
    public Task apply(String taskId, TaskCommand command, CommandOptions options) {
        String key = options.idempotencyKey();
        String hash = key == null ? "" : CommandDocument.hash(taskId, command);
        Optional<Task> before = requests.answered(key, hash);
        if (before.isPresent()) {
            return before.get();
        }
        TaskRow row = journal.require(taskId);
        if (options.leaseToken() != null) {
            claims.requireLease(row, options.leaseToken());
        }
        if (options.expectedVersion() != null && row.version != options.expectedVersion()) {
            throw Refusals.versionConflict(journal.name(taskId), row.version, options.expectedVersion());
        }
        commands.apply(row, command);
        requests.note(key, hash, row);
        return shown(row);
    }

    /**
     * Begins work on a task.
     *
     * @throws LedgerException NOT_READY while a prerequisite or blocker is unmet or a child is open; the message names them
     */
    public Task start(String taskId) {
        return apply(taskId, TaskCommand.start());
    }

    /**
     * Ends a task with its result, a {@code dev.hart.json} value; tasks that waited for it may go on.
     *
     * @throws LedgerException OPEN_CHILDREN with their ids; PAYLOAD_TOO_LARGE beyond the ledger's limit
     */
    public Task complete(String taskId, @Nullable Object result) {
        return apply(taskId, TaskCommand.complete(result));
    }

    /** Ends a task without success, whatever retries are left. */
    public Task fail(String taskId, String error, FailureReason reason) {
        return apply(taskId, new TaskCommand.Fail(error, reason));
    }

    /** See {@link TaskCommand.FailAttempt}. */
    public Task failAttempt(String taskId, String error, FailureReason reason) {
        return apply(taskId, new TaskCommand.FailAttempt(error, reason));
    }

    /** Holds a task that cannot go on by itself. */
    public Task block(String taskId, BlockedReason reason, @Nullable String detail) {
        return apply(taskId, new TaskCommand.Block(reason, detail));
    }

    /** Holds a task until others have succeeded; if they have, it goes on at once. */
    public Task blockBy(String taskId, String... blockers) {
        TaskRow row = journal.require(taskId);
        lifecycle.requireNext(row, TaskStatus.BLOCKED);
        creation.addEdges(
                row,
                Arrays.stream(blockers)
                        .distinct()
                        .map(from -> new Edge(from, taskId, Edge.Kind.BLOCKER, Outcome.SUCCESS, false))
                        .toList());
        commands.apply(row, new TaskCommand.Block(BlockedReason.DEPENDENCY, null));
        lifecycle.released(row);
        return shown(row);
    }

    public Task pause(String taskId, String reason) {
        return apply(taskId, new TaskCommand.Pause(reason));
    }

    /** Stops a running task at a person's wish. It can be resumed. */
    public Task stop(String taskId, String reason) {
        return apply(taskId, new TaskCommand.Stop(reason));
    }

    /** Lets a paused, stopped or blocked task go on: in progress if it had started, else pending. */
    public Task resume(String taskId) {
        return apply(taskId, new TaskCommand.Resume(""));
    }

    /** Ends a task that is not running; a running one is terminated instead. */
    public Task cancel(String taskId, String reason) {
        return apply(taskId, new TaskCommand.Cancel(reason));
    }

    /** Cancels a task and everything that waits for it; what cannot be cancelled is passed over. */
    public Cascade cancelCascade(String taskId, String reason) {
        return lifecycle.cancelCascade(journal.require(taskId), reason);
    }

    /** Ends a running, paused or stopped task for good. */
    public Task terminate(String taskId, String reason) {
        return apply(taskId, new TaskCommand.Terminate(reason));
    }

    /** Ends a task that is not needed; tasks that wait for it may go on. */
    public Task skip(String taskId, String reason) {
        return apply(taskId, new TaskCommand.Skip(reason));
    }

    /**
     * Takes back the result of a completed task and of all completed tasks that waited for it, the last first.
     *
     * @throws LedgerException NOT_READY, with their ids, while one of them is running
     */
    public Cascade rollBackCascade(String taskId, String reason) {
        return lifecycle.rollBackCascade(journal.require(taskId), reason);
    }

    /**
     * Adds a pending task {@code {id}~{n}} that repeats an ended one. The ended one stays as it is; what still waited for it
     * waits for the new one. It has the same parent, or none if that has ended.
     */
    public Task retryAsNew(String taskId) {
        return shown(creation.retryAsNew(journal.require(taskId)));
    }

    /**
     * Lets a task that has not ended wait for another one.
     *
     * @throws LedgerException CYCLE, UNKNOWN_DEPENDENCY, NO_CHANGE, or TASK_ENDED
     */
    public Task addPrerequisite(String taskId, String prerequisite, Outcome outcome, boolean strict) {
        TaskRow row = journal.require(taskId);
        creation.addEdge(row, new Edge(prerequisite, taskId, Edge.Kind.PREREQ, outcome, strict));
        return shown(row);
    }

    /** Takes a prerequisite away; a task that waited for nothing else may go on. */
    public Task removePrerequisite(String taskId, String prerequisite) {
        TaskRow row = journal.require(taskId);
        creation.removeEdge(row, prerequisite, Edge.Kind.PREREQ);
        return shown(row);
    }

    /** Takes a blocker away; a task that was blocked by nothing else goes on. */
    public Task removeBlocker(String taskId, String blocker) {
        TaskRow row = journal.require(taskId);
        creation.removeEdge(row, blocker, Edge.Kind.BLOCKER);
        return shown(row);
    }

    /** What a task waits for. */
    public List<Edge> waitsFor(String taskId) {
        return journal.edgesTo(taskId);
    }

    /** Ids of a task's children in the order of creation. */
    public List<String> children(String taskId) {
        return journal.tables().children(taskId);
    }

    /** Gives claimable tasks to a worker, the most urgent first; none while the ledger is paused. */
    public List<Lease> claim(ClaimRequest request) {
        return claims.claim(request);
    }

    /**
     * Prolongs a lease.
     *
     * @throws LedgerException STALE_LEASE if it is not the task's present one
     */
    public Heartbeat heartbeat(Lease lease) {
        return claims.heartbeat(lease.taskId(), lease.token(), lease.duration());
    }

    /** Notes who works on a task: a node, and which start of it. */
    public Task setOwner(String taskId, String node, String incarnation) {
        return shown(own(journal.require(taskId), node, incarnation));
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

    /**
     * Hands a task under a lease to another worker, which gets a lease of its own.
     *
     * @throws LedgerException STALE_LEASE
     */
    public Lease transfer(Lease lease, WorkerProfile to) {
        TaskRow row = journal.require(lease.taskId());
        claims.requireLease(row, lease.token());
        return claims.transfer(row, ClaimRequest.by(to).leasedFor(lease.duration()));
    }

    private TaskRow own(TaskRow row, String node, String incarnation) {
        if (row.status.isTerminal()) {
            throw lifecycle.illegal(row, TaskStatus.IN_PROGRESS);
        }
        Limits.requireId("node", node);
        Limits.requireId("incarnation", incarnation);
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put("owner_node_id", node);
        payload.put("incarnation", incarnation);
        return journal.change(row, Projection.UPDATED, payload);
    }

    /** Puts ended tasks away that ended before {@code olderThan}; their events and edges stay. Gives how many. */
    public int archive(Instant olderThan) {
        List<TaskRow> rows = journal.tables()
                .tasks(
                        "WHERE ledger_id = ? AND completed_at IS NOT NULL AND completed_at < ? AND NOT archived"
                                + " ORDER BY created_no",
                        olderThan.toEpochMilli());
        for (TaskRow queried : rows) {
            journal.change(journal.adopt(queried), Projection.UPDATED, Map.of("archived", true));
        }
        return rows.size();
    }

    /** Gives a command to every task in one of some statuses, and counts those that took it. */
    int applyToAll(Collection<TaskStatus> statuses, TaskCommand command) {
        int changed = 0;
        List<String> ids = new ArrayList<>();
        for (TaskStatus status : statuses) {
            journal.tables()
                    .tasks("WHERE ledger_id = ? AND status = ? ORDER BY created_no", status.wireName())
                    .forEach(row -> ids.add(row.taskId));
        }
        for (String id : ids) {
            TaskRow row = journal.require(id);
            if (statuses.contains(row.status)) {
                commands.apply(row, command);
                changed++;
            }
        }
        return changed;
    }

    /** Notes where every task stands now, to be compared with later. */
    public Snapshot snapshot(String label) {
        Limits.requireLength("label", label);
        Snapshots snapshots = new Snapshots(ledger, journal.tables());
        String snapshotId = "snap_" + ledger.agentId() + "_" + Families.stamp(journal.now(), journal.randomHex());
        Snapshot snapshot = snapshots.now(snapshotId, label, now());
        journal.record(
                Snapshots.SUBJECT,
                Projection.SNAPSHOT_CREATED,
                new CanonicalJson.Raw(CanonicalJson.write(Snapshots.event(snapshot))));
        snapshots.insert(snapshot);
        return snapshot;
    }

    int importAll(ReferenceImport document) {
        return document.into(journal, creation);
    }

    Votes votes(int expected) {
        return new Votes(journal, lifecycle, creation, expected);
    }

    Duration leaseTime() {
        return journal.options().leaseTime();
    }
}
