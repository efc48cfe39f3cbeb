package dev.hart.ledger;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a ledger's tasks stood at one moment; those that were put away are not in it. Its hash stands in the ledger's history.
 *
 * @param snapshotId {@code snap_{agent}_{yyyyMMdd_HHmmss}_{8 hex}}
 * @param tasks by id, in the order of ids
 */
public record Snapshot(
        String snapshotId, LedgerId ledger, String label, Instant createdAt, Map<String, TaskState> tasks) {

    /** Where one task stood. */
    public record TaskState(
            TaskStatus status, String description, @Nullable String resultHash) {}

    /** A task that stands elsewhere than before. */
    public record Change(String taskId, TaskStatus was, TaskStatus now) {}

    /**
     * What happened between a snapshot and a later one. All lists are in the order of ids.
     *
     * @param newTasks not in the earlier one
     * @param removedTasks not in the later one, such as those that were put away
     * @param changedTasks whose status differs
     * @param completedSince of those, the ones that are completed now
     */
    public record Comparison(
            List<String> newTasks, List<String> removedTasks, List<Change> changedTasks, List<String> completedSince) {}

    public Snapshot {
        tasks = Collections.unmodifiableMap(new LinkedHashMap<>(tasks));
    }

    /** What happened from this snapshot to a later one. */
    public Comparison compareWith(Snapshot later) {
        List<String> added = new ArrayList<>();
        List<String> removed = new ArrayList<>();
        List<Change> changed = new ArrayList<>();
        later.tasks.keySet().stream()
                .filter(id -> !tasks.containsKey(id))
                .sorted()
                .forEach(added::add);
        tasks.keySet().stream().sorted().forEach(id -> {
            TaskState now = later.tasks.get(id);
            TaskStatus was = Objects.requireNonNull(tasks.get(id)).status();
            if (now == null) {
                removed.add(id);
            } else if (now.status() != was) {
                changed.add(new Change(id, was, now.status()));
            }
        });
        return new Comparison(
                added,
                removed,
                changed,
                changed.stream()
                        .filter(change -> change.now() == TaskStatus.COMPLETED)
                        .map(Change::taskId)
                        .toList());
    }

    /** SHA-256 over the canonical JSON of the whole, as it stands in the event SNAPSHOT_CREATED. */
    public String hash() {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("snapshot_id", snapshotId);
        document.put("agent_id", ledger.agentId());
        document.put("session_id", ledger.sessionId());
        document.put("label", label);
        document.put("created_at", EventChain.format(createdAt.toEpochMilli()));
        document.put("task_count", (long) tasks.size());
        document.put("tasks", tasksDocument());
        return CanonicalJson.sha256(document);
    }

    Map<String, @Nullable Object> tasksDocument() {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        tasks.forEach((id, state) -> {
            Map<String, @Nullable Object> task = new LinkedHashMap<>();
            task.put("status", state.status().wireName());
            task.put("description", state.description());
            task.put("result_hash", state.resultHash());
            document.put(id, task);
        });
        return document;
    }

    static Map<String, TaskState> tasks(String json) {
        Map<String, TaskState> tasks = new LinkedHashMap<>();
        CanonicalJson.readObject(json).forEach((id, document) -> {
            Map<?, ?> task = (Map<?, ?>) Objects.requireNonNull(document);
            tasks.put(
                    id,
                    new TaskState(
                            TaskStatus.ofWireName(String.valueOf(task.get("status"))),
                            String.valueOf(task.get("description")),
                            (String) task.get("result_hash")));
        });
        return tasks;
    }
}
