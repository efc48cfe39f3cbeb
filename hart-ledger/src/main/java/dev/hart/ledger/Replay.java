package dev.hart.ledger;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rebuilds a ledger's tasks, edges, messages and votes from its events alone. Events of one stripe are given in order; stripes
 * may come one after another, as an event changes its own task only.
 */
final class Replay {
    private final String ledgerKey;
    private final Map<String, TaskRow> tasks = new LinkedHashMap<>();
    private final Map<String, Set<Edge>> edgesTo = new HashMap<>();
    private final List<TaskMessage> messages = new ArrayList<>();
    private final List<Vote> votes = new ArrayList<>();
    private final Map<String, String> snapshotHashes = new LinkedHashMap<>();

    Replay(String ledgerKey) {
        this.ledgerKey = ledgerKey;
    }

    /** The row that a task's own events, oldest first, amount to. */
    static TaskRow row(String ledgerKey, List<LedgerTables.EventRow> history) {
        Replay replay = new Replay(ledgerKey);
        history.forEach(replay::accept);
        return replay.tasks.values().iterator().next();
    }

    /** @throws RuntimeException if the event cannot follow those before it */
    void accept(LedgerTables.EventRow event) {
        if (event.type().equals(Projection.VERIFICATION_RECORDED)) {
            votes.add(Votes.vote(event.taskId(), event.at(), CanonicalJson.readObject(event.payload())));
        }
        if (event.type().equals(Projection.SNAPSHOT_CREATED)) {
            Map<String, @Nullable Object> payload = CanonicalJson.readObject(event.payload());
            snapshotHashes.put(String.valueOf(payload.get("snapshot_id")), String.valueOf(payload.get("hash")));
        }
        if (!Projection.concerns(event.type())) {
            return;
        }
        Map<String, @Nullable Object> payload = CanonicalJson.readObject(event.payload());
        String taskId = event.taskId();
        if (event.type().equals(Projection.CREATED)) {
            TaskRow row = Projection.create(ledgerKey, taskId, event.at(), payload);
            row.lastEventSeq = event.seq();
            if (tasks.put(taskId, row) != null) {
                throw new IllegalStateException("task '" + taskId + "' was created twice");
            }
            edges(taskId).addAll(Projection.edges(taskId, payload.get("prerequisites"), payload.get("edges")));
            return;
        }
        TaskRow row = tasks.get(taskId);
        if (row == null) {
            throw new IllegalStateException("task '" + taskId + "' was not created");
        }
        Projection.apply(row, event.type(), event.at(), payload);
        row.lastEventSeq = event.seq();
        if (event.type().equals(Projection.UPDATED)) {
            changeEdges(taskId, payload);
        } else if (row.status == TaskStatus.COMPLETED && payload.get("dependents") instanceof List<?> dependents) {
            dependents.forEach(dependent -> messages.addAll(Rebuild.messages(row, (String) dependent, event.at())));
        }
    }

    private void changeEdges(String taskId, Map<String, @Nullable Object> payload) {
        Set<Edge> edges = edges(taskId);
        edges.removeAll(Projection.edges(taskId, null, payload.get("edges_removed")));
        edges.addAll(Projection.edges(taskId, null, payload.get("edges_added")));
        if (payload.get("prerequisite") instanceof Map<?, ?> moved) {
            Edge.Kind kind = moved.get("kind") instanceof String name
                    ? WireNames.parse(Edge.Kind.class, name)
                    : Edge.Kind.PREREQ;
            List<Edge> old = edges.stream()
                    .filter(edge -> edge.from().equals(moved.get("from")) && edge.kind() == kind)
                    .toList();
            for (Edge edge : old) {
                edges.remove(edge);
                edges.add(new Edge(String.valueOf(moved.get("to")), taskId, kind, edge.condition(), edge.strict()));
            }
        }
    }

    private Set<Edge> edges(String taskId) {
        return edgesTo.computeIfAbsent(taskId, id -> new LinkedHashSet<>());
    }

    /** Computes what follows from other rows; the last thing to do. */
    void finish() {
        for (TaskRow row : tasks.values()) {
            for (Edge edge : edges(row.taskId)) {
                TaskRow from = tasks.get(edge.from());
                if (from != null) {
                    from.hasDependents = true;
                }
                if (from == null || !edge.isSatisfiedBy(from.status)) {
                    row.unmetEdges++;
                }
            }
            TaskRow parent = row.parentTaskId == null ? null : tasks.get(row.parentTaskId);
            if (parent != null && !row.status.isTerminal()) {
                parent.hasOpenChildren = true;
            }
        }
    }

    Map<String, TaskRow> tasks() {
        return tasks;
    }

    Set<Edge> edges() {
        Set<Edge> all = new LinkedHashSet<>();
        edgesTo.values().forEach(all::addAll);
        return all;
    }

    List<TaskMessage> messages() {
        return messages;
    }

    List<Vote> votes() {
        return votes;
    }

    /** The hashes of snapshots by their ids. */
    Map<String, String> snapshotHashes() {
        return snapshotHashes;
    }
}
