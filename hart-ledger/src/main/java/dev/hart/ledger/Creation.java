package dev.hart.ledger;

import dev.hart.error.LedgerException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Adds tasks and edges: what they name must be there, and nobody may come to wait for themselves. */
final class Creation {
    private final LedgerJournal journal;
    private final Lifecycle lifecycle;

    Creation(LedgerJournal journal, Lifecycle lifecycle) {
        this.journal = journal;
        this.lifecycle = lifecycle;
    }

    /** Adds tasks that may name each other in any order; all or none. */
    List<TaskRow> addAll(Collection<NewTask> tasks) {
        Map<String, NewTask> byId = new LinkedHashMap<>();
        for (NewTask task : tasks) {
            if (byId.put(task.taskId(), task) != null || journal.isKnown(task.taskId())) {
                throw Refusals.taskExists(journal.name(task.taskId()));
            }
        }
        for (NewTask task : tasks) {
            requireKnown(task, byId);
        }
        requireNoCycle(byId);
        List<CanonicalJson.Raw> contexts = tasks.stream().map(this::context).toList();
        List<TaskRow> rows = new ArrayList<>();
        for (NewTask task : tasks) {
            rows.add(create(task, contexts.get(rows.size()), null));
        }
        for (NewTask task : tasks) {
            connect(task);
        }
        for (TaskRow row : rows) {
            if (java.util.Objects.requireNonNull(byId.get(row.taskId)).isInProgress()) {
                lifecycle.start(row, true);
            }
        }
        return rows;
    }

    /** Adds tasks that were checked, each in the state that it had elsewhere: the payload of TASK_IMPORTED by task id. */
    void importAll(List<NewTask> tasks, Map<String, Map<String, @Nullable Object>> states) {
        for (NewTask task : tasks) {
            TaskRow row = create(task, context(task), null);
            journal.change(row, Projection.IMPORTED, java.util.Objects.requireNonNull(states.get(task.taskId())));
        }
        tasks.forEach(this::connect);
    }

    TaskRow add(NewTask task) {
        return add(task, null);
    }

    TaskRow add(NewTask task, @Nullable String supersedes) {
        if (journal.isKnown(task.taskId())) {
            throw Refusals.taskExists(journal.name(task.taskId()));
        }
        Map<String, NewTask> alone = Map.of(task.taskId(), task);
        requireKnown(task, alone);
        requireNoCycle(alone);
        TaskRow row = create(task, context(task), supersedes);
        connect(task);
        if (task.isInProgress()) {
            lifecycle.start(row, true);
        }
        return row;
    }

    private void requireKnown(NewTask task, Map<String, NewTask> together) {
        if (task.isInProgress() && task.blocked() != null) {
            throw Limits.invalid("task %s is in progress from its creation and cannot be blocked"
                    .formatted(journal.name(task.taskId())));
        }
        String parent = task.parentTaskId();
        if (parent != null && !together.containsKey(parent)) {
            TaskRow row = requireKnown(task.taskId(), "parent", parent);
            if (row.status.isTerminal()) {
                throw new LedgerException(
                        "TASK_ENDED",
                        "task %s has ended and takes no child %s: name another parent, or repeat it with retryAsNew"
                                .formatted(journal.name(parent), task.taskId()));
            }
        }
        for (Edge edge : task.edges()) {
            if (!together.containsKey(edge.from())) {
                requireKnown(task.taskId(), edge.kind() == Edge.Kind.BLOCKER ? "blocker" : "prerequisite", edge.from());
            }
        }
    }

    private TaskRow requireKnown(String taskId, String role, String other) {
        TaskRow row = journal.find(other);
        if (row == null) {
            throw Refusals.unknownDependency(journal.name(taskId), role, other);
        }
        return row;
    }

    private CanonicalJson.Raw context(NewTask task) {
        return journal.redacted(task.context(), journal.options().maxPayloadBytes());
    }

    private TaskRow create(NewTask task, CanonicalJson.Raw context, @Nullable String supersedes) {
        Map<String, @Nullable Object> payload = task.payload();
        for (String field : List.of(Fields.COMPUTE, Fields.CAPABILITIES)) {
            if (payload.containsKey(field)) {
                payload.put(
                        field,
                        journal.redacted(payload.get(field), journal.options().maxPayloadBytes()));
            }
        }
        payload.put("context", context);
        payload.put("created_no", journal.nextCreatedNo());
        if (supersedes != null) {
            payload.put("supersedes", supersedes);
        }
        boolean met = true;
        for (Edge edge : task.edges()) {
            TaskRow from = journal.find(edge.from());
            met &= from != null && edge.isSatisfiedBy(from.status);
        }
        BlockedReason blocked = task.blocked();
        java.time.Instant scheduled = task.scheduledAt();
        if (scheduled != null) {
            payload.put(Fields.SCHEDULED_AT, scheduled.toEpochMilli());
        }
        if (blocked != null
                && !(blocked == BlockedReason.DEPENDENCY && met && !task.edges().isEmpty())) {
            payload.put("status", TaskStatus.BLOCKED.wireName());
            payload.put("blocked_reason", blocked.wireName());
        } else {
            Long notBefore = scheduled == null || scheduled.toEpochMilli() <= journal.now()
                    ? null
                    : (Long) scheduled.toEpochMilli();
            if (notBefore != null) {
                payload.put("not_before", notBefore);
            }
            PendingReason pending = !met
                    ? PendingReason.AWAITING_PREREQUISITES
                    : notBefore != null ? PendingReason.SCHEDULED : PendingReason.READY;
            payload.put("pending_reason", pending.wireName());
        }
        if (payload.containsKey(Fields.DATA_HASH)) {
            TaskRow draft = Projection.create("", task.taskId(), journal.now(), payload);
            payload.put(Fields.DATA_HASH, Definition.hash(draft, task.edges()));
        }
        return journal.create(task.taskId(), payload);
    }

    /** Puts the edges of a task that was created, and lets its parent wait for it. */
    private void connect(NewTask task) {
        TaskRow row = journal.require(task.taskId());
        for (Edge edge : task.edges()) {
            connect(row, edge);
        }
        if (task.parentTaskId() != null) {
            TaskRow parent = journal.require(task.parentTaskId());
            if (!parent.hasOpenChildren && !row.status.isTerminal()) {
                parent.hasOpenChildren = true;
                journal.touch(parent);
            }
        }
    }

    private void connect(TaskRow row, Edge edge) {
        TaskRow from = journal.require(edge.from());
        journal.put(edge);
        if (!edge.isSatisfiedBy(from.status)) {
            row.unmetEdges++;
            journal.touch(row);
        }
        if (!from.hasDependents) {
            from.hasDependents = true;
            journal.touch(from);
        }
        if (edge.isDeadBy(from.status) && !row.status.isTerminal()) {
            journal.change(row, Projection.DEPENDENCY_FAILED, Map.of("prerequisite_failed", edge.from()));
        }
    }

    /** Lets a task that has not ended wait for another one. */
    void addEdge(TaskRow row, Edge edge) {
        requireEdge(row, edge);
        putEdge(row, edge);
    }

    /** The same for several edges; all or none. */
    void addEdges(TaskRow row, List<Edge> edges) {
        edges.forEach(edge -> requireEdge(row, edge));
        edges.forEach(edge -> putEdge(row, edge));
    }

    private void requireEdge(TaskRow row, Edge edge) {
        if (row.status.isTerminal()) {
            throw new LedgerException(
                    "TASK_ENDED", "task %s has ended and waits for nobody".formatted(journal.name(row.taskId)));
        }
        requireKnown(row.taskId, edge.kind() == Edge.Kind.BLOCKER ? "blocker" : "prerequisite", edge.from());
        journal.unflushed().lockGraph();
        List<Edge> before = journal.edgesTo(row.taskId);
        if (before.stream().anyMatch(known -> known.from().equals(edge.from()) && known.kind() == edge.kind())) {
            throw new LedgerException(
                    "NO_CHANGE", "task %s waits for %s already".formatted(journal.name(row.taskId), edge.from()));
        }
        List<String> path = Walks.path(edge.from(), row.taskId, this::waitsFor);
        if (!path.isEmpty()) {
            throw cycle(path);
        }
    }

    private void putEdge(TaskRow row, Edge edge) {
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put("edges_added", List.of(Projection.document(edge)));
        if (row.status == TaskStatus.PENDING && !edge.isSatisfiedBy(journal.require(edge.from()).status)) {
            payload.put("pending_reason", PendingReason.AWAITING_PREREQUISITES.wireName());
        }
        List<Edge> edges = new ArrayList<>(journal.edgesTo(row.taskId));
        edges.add(edge);
        seal(row, edges, payload);
        journal.change(row, Projection.UPDATED, payload);
        connect(row, edge);
    }

    /** What a task waits for belongs to its definition, which is sealed anew if it was sealed. */
    private static void seal(TaskRow row, List<Edge> edges, Map<String, @Nullable Object> payload) {
        if (row.field(Fields.DATA_HASH) != null) {
            payload.put(Fields.DATA_HASH, Definition.hash(row, edges));
        }
    }

    /** Takes an edge away; what waited for nothing else goes on. */
    void removeEdge(TaskRow row, String from, Edge.Kind kind) {
        Edge edge = journal.edgesTo(row.taskId).stream()
                .filter(known -> known.from().equals(from) && known.kind() == kind)
                .findFirst()
                .orElseThrow(() -> new LedgerException(
                        "NO_CHANGE", "task %s does not wait for %s".formatted(journal.name(row.taskId), from)));
        disconnect(edge);
        if (!edge.isSatisfiedBy(journal.require(from).status)) {
            row.unmetEdges--;
        }
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put("edges_removed", List.of(Projection.document(edge)));
        seal(row, journal.edgesTo(row.taskId), payload);
        journal.change(row, Projection.UPDATED, payload);
        lifecycle.released(row);
    }

    private void disconnect(Edge edge) {
        journal.remove(edge);
        TaskRow from = journal.require(edge.from());
        from.hasDependents = !journal.edgesFrom(edge.from()).isEmpty();
        journal.touch(from);
    }

    private void requireNoCycle(Map<String, NewTask> tasks) {
        List<Edge> edges = new ArrayList<>();
        for (NewTask task : tasks.values()) {
            edges.addAll(task.edges());
            if (task.parentTaskId() != null) {
                edges.add(new Edge(task.taskId(), task.parentTaskId(), Edge.Kind.BLOCKER, Outcome.ANY, false));
            }
        }
        List<String> inside = Walks.cycle(new LinkedHashSet<>(tasks.keySet()), edges);
        if (!inside.isEmpty()) {
            throw Refusals.cycle(inside);
        }
        Map<String, List<String>> waitsFor = new HashMap<>();
        edges.forEach(edge ->
                waitsFor.computeIfAbsent(edge.to(), id -> new ArrayList<>()).add(edge.from()));
        Map<String, List<String>> childrenOf = new LinkedHashMap<>();
        tasks.values().forEach(task -> {
            if (task.parentTaskId() != null && !tasks.containsKey(task.parentTaskId())) {
                childrenOf
                        .computeIfAbsent(task.parentTaskId(), id -> new ArrayList<>())
                        .add(task.taskId());
            }
        });
        Set<String> waitedFor = new HashSet<>();
        edges.forEach(edge -> waitedFor.add(edge.from()));
        childrenOf.forEach((parent, children) -> {
            TaskRow row = journal.require(parent);
            if (row.hasDependents || row.parentTaskId != null || waitedFor.contains(parent)) {
                requireNotWaitedForBy(parent, children, tasks.keySet(), waitsFor);
            }
        });
    }

    /** New children must not wait, over any number of steps, for their own parent. */
    private void requireNotWaitedForBy(
            String parent, List<String> children, Set<String> added, Map<String, List<String>> addedWaits) {
        journal.unflushed().lockGraph();
        List<String> path = Walks.path(children, parent, id -> {
            List<String> others = new ArrayList<>(addedWaits.getOrDefault(id, List.of()));
            if (!added.contains(id)) {
                others.addAll(waitsFor(id));
            }
            return others;
        });
        if (!path.isEmpty()) {
            throw cycle(path);
        }
    }

    /** From a path along "waits for" whose ends wait for each other: its tasks in the order of flow. */
    private static LedgerException cycle(List<String> waiting) {
        List<String> flow = new ArrayList<>(waiting);
        java.util.Collections.reverse(flow);
        flow.add(flow.get(0));
        return Refusals.cycle(flow);
    }

    /** What a task waits for: prerequisites, blockers and open or ended children. */
    private List<String> waitsFor(String taskId) {
        List<String> ids = new ArrayList<>();
        journal.edgesTo(taskId).forEach(edge -> ids.add(edge.from()));
        ids.addAll(journal.tables().children(taskId));
        return ids;
    }

    /** Adds a pending task {@code {id}~{n}} that repeats an ended one; what still waits for that one waits for the new one. */
    TaskRow retryAsNew(TaskRow old) {
        if (!old.status.isTerminal()) {
            throw lifecycle.illegal(old, TaskStatus.PENDING);
        }
        TaskRow original = old;
        while (original.supersedes != null) {
            original = journal.require(original.supersedes);
        }
        int n = 1;
        while (journal.isKnown(original.taskId + "~" + n)) {
            n++;
        }
        List<Edge> waiting = journal.edgesFrom(old.taskId);
        TaskRow fresh = add(
                NewTask.repeating(old, original.taskId + "~" + n, openParent(old), journal.edgesTo(old.taskId)),
                old.taskId);
        for (Edge edge : waiting) {
            TaskRow waiter = journal.require(edge.to());
            if (!waiter.status.isTerminal() && !edge.isSatisfiedBy(old.status)) {
                repoint(waiter, edge, fresh);
            }
        }
        return fresh;
    }

    /** A parent that has ended takes no child any more: what repeats one of its children stands alone. */
    private @Nullable String openParent(TaskRow child) {
        String parent = child.parentTaskId;
        return parent == null || journal.require(parent).status.isTerminal() ? null : parent;
    }

    private void repoint(TaskRow waiter, Edge edge, TaskRow fresh) {
        Edge moved = new Edge(fresh.taskId, edge.to(), edge.kind(), edge.condition(), edge.strict());
        disconnect(edge);
        journal.put(moved);
        fresh.hasDependents = true;
        journal.touch(fresh);
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put(
                "prerequisite",
                Map.of(
                        "from",
                        edge.from(),
                        "to",
                        fresh.taskId,
                        "kind",
                        edge.kind().wireName()));
        if (waiter.failureReason == FailureReason.DEPENDENCY_FAILED && !hasDeadEdge(waiter)) {
            payload.put("failure_reason", null);
        }
        seal(waiter, journal.edgesTo(waiter.taskId), payload);
        journal.change(waiter, Projection.UPDATED, payload);
    }

    private boolean hasDeadEdge(TaskRow waiter) {
        return journal.edgesTo(waiter.taskId).stream()
                .anyMatch(edge -> edge.isDeadBy(journal.require(edge.from()).status));
    }
}
