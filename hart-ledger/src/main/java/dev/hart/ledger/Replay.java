package dev.hart.ledger;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rebuilds a ledger's tasks and edges from its events alone. */
final class Replay {
    /** {@code to} waits for {@code from}. */
    record Edge(String to, String from, boolean satisfied) {}

    private final LedgerId ledger;
    private final Map<String, TaskRow> tasks = new LinkedHashMap<>();
    /** Who waits, by the task waited for. */
    private final Map<String, Set<String>> unmet = new HashMap<>();

    private final Map<String, Set<String>> met = new HashMap<>();

    Replay(LedgerId ledger) {
        this.ledger = ledger;
    }

    /** @throws RuntimeException if the event cannot follow those before it */
    void accept(LedgerTables.EventRow event) {
        if (!Projection.concerns(event.type())) {
            return;
        }
        Map<String, @Nullable Object> payload = CanonicalJson.readObject(event.payload());
        String taskId = event.taskId();
        if (event.type().equals(Projection.CREATED)) {
            tasks.put(taskId, Projection.create(ledger, event.seq(), taskId, event.at(), payload));
            for (String prerequisite : Projection.prerequisites(payload)) {
                TaskRow from = tasks.get(prerequisite);
                boolean satisfied = from != null && from.status.isResolved();
                waiters(satisfied ? met : unmet, prerequisite).add(taskId);
            }
            return;
        }
        TaskRow row = tasks.get(taskId);
        if (row == null) {
            throw new IllegalStateException("task '" + taskId + "' was not created");
        }
        Projection.apply(row, event.seq(), event.type(), event.at(), payload);
        if (payload.get("prerequisite") instanceof Map<?, ?> moved) {
            waiters(unmet, String.valueOf(moved.get("from"))).remove(taskId);
            waiters(unmet, String.valueOf(moved.get("to"))).add(taskId);
        }
        Set<String> released = row.status.isResolved() ? unmet.remove(taskId) : null;
        if (released != null) {
            waiters(met, taskId).addAll(released);
        }
    }

    private static Set<String> waiters(Map<String, Set<String>> edges, String from) {
        return edges.computeIfAbsent(from, id -> new HashSet<>());
    }

    Map<String, TaskRow> tasks() {
        return tasks;
    }

    Set<Edge> edges() {
        Set<Edge> edges = new HashSet<>();
        unmet.forEach((from, waiters) -> waiters.forEach(to -> edges.add(new Edge(to, from, false))));
        met.forEach((from, waiters) -> waiters.forEach(to -> edges.add(new Edge(to, from, true))));
        return edges;
    }
}
