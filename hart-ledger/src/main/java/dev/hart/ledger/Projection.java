package dev.hart.ledger;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an event does to its task's row. Writing and replaying both go through here, so a row is by construction what its
 * events amount to.
 */
final class Projection {
    static final String CREATED = "TASK_CREATED";
    static final String TRANSITIONED = "TASK_TRANSITIONED";
    /** A failed attempt goes back to pending, to be repeated. */
    static final String RETRIED = "TASK_RETRIED";
    /** A task that was held before it ever started goes back to pending. */
    static final String REQUEUED = "TASK_REQUEUED";
    /** The last prerequisite of a blocked task was met. */
    static final String AUTO_RESUMED = "TASK_AUTO_RESUMED";
    /** The last prerequisite of a pending task was met. */
    static final String READY = "TASK_READY";

    static final String DEPENDENCY_FAILED = "DEPENDENCY_FAILED";
    static final String UPDATED = "TASK_UPDATED";

    private static final Set<String> TYPES =
            Set.of(CREATED, TRANSITIONED, RETRIED, REQUEUED, AUTO_RESUMED, READY, DEPENDENCY_FAILED, UPDATED);

    private Projection() {}

    /** Whether events of this type change rows; the others are a journal only. */
    static boolean concerns(String type) {
        return TYPES.contains(type);
    }

    static TaskRow create(LedgerId ledger, long seq, String taskId, long at, Map<String, ?> payload) {
        NewTask definition = new NewTask(
                taskId,
                text(payload, "description"),
                WireNames.parse(TaskType.class, text(payload, "task_type")),
                WireNames.parse(ExecutionMode.class, text(payload, "execution_mode")),
                (int) number(payload, "priority"),
                (String) payload.get("parent_task_id"),
                Map.of(),
                Boolean.TRUE.equals(payload.get("container")),
                (int) number(payload, "max_retries"),
                prerequisites(payload));
        TaskRow row = new TaskRow(
                number(payload, "created_no"),
                ledger,
                definition,
                CanonicalJson.write(payload.get("context")),
                (String) payload.get("supersedes"),
                at);
        row.pendingReason = WireNames.parse(PendingReason.class, text(payload, "pending_reason"));
        row.lastEventSeq = seq;
        return row;
    }

    static List<String> prerequisites(Map<String, ?> payload) {
        return payload.get("prerequisites") instanceof List<?> ids
                ? ids.stream().map(String.class::cast).toList()
                : List.of();
    }

    /** Changes {@code row} by any event but its creation. */
    static void apply(TaskRow row, long seq, String type, long at, Map<String, ?> payload) {
        row.updatedAt = at;
        row.lastEventSeq = seq;
        switch (type) {
            case READY -> {
                row.pendingReason = PendingReason.READY;
                row.failureReason = null;
            }
            case DEPENDENCY_FAILED -> row.failureReason = FailureReason.DEPENDENCY_FAILED;
            case UPDATED -> update(row, payload);
            default -> move(row, at, payload);
        }
    }

    private static void update(TaskRow row, Map<String, ?> payload) {
        if (payload.containsKey("owner_node_id")) {
            row.ownerNodeId = (String) payload.get("owner_node_id");
            row.incarnation = (String) payload.get("incarnation");
        }
        if (payload.containsKey("failure_reason")) {
            row.failureReason = TaskRow.constant(FailureReason.class, (String) payload.get("failure_reason"));
        }
        row.version++;
    }

    private static void move(TaskRow row, long at, Map<String, ?> payload) {
        TaskStatus from = row.status;
        TaskStatus to = TaskStatus.ofWireName(text(payload, "to"));
        row.status = to;
        row.pendingReason = null;
        if (from == TaskStatus.BLOCKED) {
            row.blockedReason = null;
            row.blockedDetail = null;
        }
        switch (to) {
            case IN_PROGRESS -> {
                row.startedAt = row.startedAt == null ? (Long) at : row.startedAt;
                row.failureReason = null;
                row.notBefore = null;
            }
            case PENDING -> requeue(row, from, at, payload);
            case PAUSED -> {
                row.pausedAt = at;
                row.pauseCount++;
            }
            case USER_STOPPED -> {
                row.pausedAt = at;
                row.stopReason = (String) payload.get("reason");
            }
            case RESUMING -> row.resumedAt = at;
            case BLOCKED -> {
                row.blockedReason = WireNames.parse(BlockedReason.class, text(payload, "blocked_reason"));
                row.blockedDetail = (String) payload.get("detail");
            }
            default -> end(row, to, at, payload);
        }
        if (to != TaskStatus.RESUMING) { // the first half of a command that ends in progress
            row.version++;
        }
    }

    private static void requeue(TaskRow row, TaskStatus from, long at, Map<String, ?> payload) {
        row.pendingReason = WireNames.parse(PendingReason.class, text(payload, "pending_reason"));
        if (from.isResumable() && !payload.containsKey("error")) {
            row.resumedAt = at;
        }
        if (payload.containsKey("error")) {
            row.errorMessage = text(payload, "error");
            row.failureReason = WireNames.parse(FailureReason.class, text(payload, "failure_reason"));
            row.retryCount = (int) number(payload, "retry_count");
            row.notBefore = number(payload, "not_before");
        }
    }

    private static void end(TaskRow row, TaskStatus to, long at, Map<String, ?> payload) {
        row.completedAt = at;
        row.ownerNodeId = null;
        row.incarnation = null;
        row.notBefore = null;
        if (to == TaskStatus.COMPLETED) {
            Object result = payload.get("result");
            String json = CanonicalJson.write(result);
            row.resultJson = result == null ? null : json;
            row.resultHash = CanonicalJson.sha256OfText(json);
            row.failureReason = null;
        } else if (to == TaskStatus.FAILED) {
            row.errorMessage = text(payload, "error");
            row.failureReason = WireNames.parse(FailureReason.class, text(payload, "failure_reason"));
        } else if (to == TaskStatus.TERMINATED) {
            row.terminationReason = (String) payload.get("reason");
        }
    }

    private static String text(Map<String, ?> payload, String field) {
        if (payload.get(field) instanceof String text) {
            return text;
        }
        throw new IllegalStateException("the event has no text '" + field + "'");
    }

    private static long number(Map<String, ?> payload, String field) {
        if (payload.get(field) instanceof Number number) {
            return number.longValue();
        }
        throw new IllegalStateException("the event has no number '" + field + "'");
    }
}
