package dev.hart.ledger;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an event does to its task's row. Writing and replaying both go through here, so a row is by construction what its
 * events amount to. An event changes the row of its own task only; what follows for other rows, such as the number of unmet
 * edges, is computed from their rows.
 */
final class Projection {
    static final String CREATED = "TASK_CREATED";
    static final String TRANSITIONED = "TASK_TRANSITIONED";
    static final String CLAIMED = "TASK_CLAIMED";
    /** The lease was prolonged; written only where the ledger's options ask for it. */
    static final String LEASE_RENEWED = "LEASE_RENEWED";

    static final String LEASE_EXPIRED = "LEASE_EXPIRED";
    /** The worker gave it back. */
    static final String RELEASED = "TASK_RELEASED";
    /** A failed attempt goes back to pending, to be repeated. */
    static final String RETRIED = "TASK_RETRIED";
    /** A task that was held before it ever started goes back to pending. */
    static final String REQUEUED = "TASK_REQUEUED";
    /** Nothing blocks it any more. */
    static final String AUTO_RESUMED = "TASK_AUTO_RESUMED";
    /** The last prerequisite of a pending task was met, or its time has come. */
    static final String READY = "TASK_READY";

    static final String DELEGATED = "TASK_DELEGATED";
    static final String ROLLED_BACK = "TASK_ROLLED_BACK";
    static final String DEPENDENCY_FAILED = "DEPENDENCY_FAILED";
    static final String SLA_BREACHED = "SLA_BREACHED";
    static final String UPDATED = "TASK_UPDATED";
    /** A task takes over what another ledger's document said of it. */
    static final String IMPORTED = "TASK_IMPORTED";

    private static final Set<String> TYPES = Set.of(
            CREATED,
            TRANSITIONED,
            CLAIMED,
            LEASE_RENEWED,
            LEASE_EXPIRED,
            RELEASED,
            RETRIED,
            REQUEUED,
            AUTO_RESUMED,
            READY,
            DELEGATED,
            ROLLED_BACK,
            DEPENDENCY_FAILED,
            SLA_BREACHED,
            UPDATED,
            IMPORTED);

    /** Events of the ledger that change no task. */
    static final String BUDGET_EXHAUSTED = "BUDGET_EXHAUSTED";

    static final String VERIFICATION_RECORDED = "VERIFICATION_RECORDED";
    static final String SNAPSHOT_CREATED = "SNAPSHOT_CREATED";
    static final String KEY_ROTATED = "KEY_ROTATED";
    private static final Set<String> RECORDS =
            Set.of(BUDGET_EXHAUSTED, VERIFICATION_RECORDED, SNAPSHOT_CREATED, KEY_ROTATED);

    private static final int MAX_STATUS_MESSAGES = 50;
    private static final int MAX_STEPS = 100;
    private static final int MAX_RETRY_ERRORS = 20;

    /** Keys of TASK_CREATED that are columns or edges; all others are fields of {@link TaskRow#more}. */
    private static final Set<String> CREATION_COLUMNS = Set.of(
            "description",
            "task_type",
            "execution_mode",
            "priority",
            "context",
            "max_retries",
            "created_no",
            "pending_reason",
            "container",
            "parent_task_id",
            "prerequisites",
            "edges",
            "supersedes",
            "status",
            "blocked_reason",
            "not_before");

    private Projection() {}

    /** Whether events of this type change rows; the others are a journal only. */
    static boolean concerns(String type) {
        return TYPES.contains(type);
    }

    /** Whether only the ledger itself writes events of this type. */
    static boolean isReserved(String type) {
        return TYPES.contains(type) || RECORDS.contains(type);
    }

    static TaskRow create(String ledgerKey, String taskId, long at, Map<String, ? extends @Nullable Object> payload) {
        TaskRow row = new TaskRow();
        row.ledgerKey = ledgerKey;
        row.createdNo = number(payload, "created_no");
        row.taskId = taskId;
        row.description = text(payload, "description");
        row.type = WireNames.parse(TaskType.class, text(payload, "task_type"));
        row.executionMode = WireNames.parse(ExecutionMode.class, text(payload, "execution_mode"));
        row.priority = (int) number(payload, "priority");
        row.parentTaskId = (String) payload.get("parent_task_id");
        row.contextJson = CanonicalJson.write(payload.get("context"));
        row.container = Boolean.TRUE.equals(payload.get("container"));
        row.maxRetries = (int) number(payload, "max_retries");
        row.supersedes = (String) payload.get("supersedes");
        row.createdAt = at;
        row.updatedAt = at;
        row.pendingReason = TaskRow.constantOrNull(PendingReason.class, payload.get("pending_reason"));
        row.notBefore = (Long) payload.get("not_before");
        if (payload.get("status") instanceof String status) {
            row.status = TaskStatus.ofWireName(status);
        }
        row.blockedReason = TaskRow.constantOrNull(BlockedReason.class, payload.get("blocked_reason"));
        if (row.status == TaskStatus.IN_PROGRESS) {
            row.startedAt = at;
            row.runningSince = at;
        }
        payload.forEach((name, value) -> {
            if (!CREATION_COLUMNS.contains(name)) {
                row.set(name, plain(value));
            }
        });
        return row;
    }

    /** The edges that a creation or an update names, the task being the waiter. */
    static List<Edge> edges(String taskId, @Nullable Object plainPrerequisites, @Nullable Object edges) {
        List<Edge> all = new ArrayList<>();
        if (plainPrerequisites instanceof List<?> ids) {
            ids.forEach(id -> all.add(new Edge((String) id, taskId, Edge.Kind.PREREQ, Outcome.SUCCESS, false)));
        }
        if (edges instanceof List<?> documents) {
            for (Object document : documents) {
                Map<?, ?> edge = (Map<?, ?>) document;
                all.add(new Edge(
                        String.valueOf(edge.get("from")),
                        taskId,
                        WireNames.parse(Edge.Kind.class, String.valueOf(edge.get("kind"))),
                        WireNames.parse(Outcome.class, String.valueOf(edge.get("condition"))),
                        Boolean.TRUE.equals(edge.get("strict"))));
            }
        }
        return all;
    }

    /** The document of an edge in events of its waiter. */
    static Map<String, @Nullable Object> document(Edge edge) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("from", edge.from());
        document.put("kind", edge.kind().wireName());
        document.put("condition", edge.condition().wireName());
        if (edge.strict()) {
            document.put("strict", true);
        }
        return document;
    }

    /** Changes {@code row} by any event but its creation. */
    static void apply(TaskRow row, String type, long at, Map<String, ? extends @Nullable Object> payload) {
        row.updatedAt = at;
        switch (type) {
            case READY -> {
                row.pendingReason = payload.containsKey("pending_reason")
                        ? WireNames.parse(PendingReason.class, text(payload, "pending_reason"))
                        : PendingReason.READY;
                row.notBefore = (Long) payload.get("not_before");
                if (row.pendingReason != PendingReason.AWAITING_PREREQUISITES) {
                    row.failureReason = null;
                }
            }
            case DEPENDENCY_FAILED -> {
                row.failureReason = FailureReason.DEPENDENCY_FAILED;
                if (row.pendingReason == PendingReason.READY) {
                    row.pendingReason = PendingReason.AWAITING_PREREQUISITES;
                }
            }
            case SLA_BREACHED -> {
                row.set(Fields.SLA_BREACHED, true);
                addToList(row, Fields.STATUS_MESSAGES, plain(payload.get("status_message")), MAX_STATUS_MESSAGES);
            }
            case LEASE_RENEWED -> row.leaseUntil = (Long) payload.get("lease_until");
            case UPDATED -> update(row, payload);
            case IMPORTED -> takeOver(row, payload);
            default -> move(row, at, payload);
        }
    }

    private static void update(TaskRow row, Map<String, ? extends @Nullable Object> payload) {
        payload.forEach((name, value) -> {
            switch (name) {
                case "owner_node_id" -> row.ownerNodeId = (String) value;
                case "incarnation" -> row.incarnation = (String) value;
                case "worker_id" -> row.workerId = (String) value;
                case "failure_reason" -> row.failureReason = TaskRow.constantOrNull(FailureReason.class, value);
                case "priority" -> row.priority = (int) number(payload, "priority");
                case "pending_reason" -> row.pendingReason = TaskRow.constantOrNull(PendingReason.class, value);
                case "blocked_reason" -> row.blockedReason = TaskRow.constantOrNull(BlockedReason.class, value);
                case "not_before" -> row.notBefore = (Long) value;
                case "archived" -> row.archived = Boolean.TRUE.equals(value);
                case "prerequisite", "edges_added", "edges_removed", "reason", "rescued" -> {
                    // Edges are rows of their own; the rest is for those who read the history.
                }
                case "status_message" -> addToList(row, Fields.STATUS_MESSAGES, plain(value), MAX_STATUS_MESSAGES);
                case "checkpoint" -> addToList(row, Fields.STEPS, plain(value), MAX_STEPS);
                default -> row.set(name, plain(value));
            }
        });
        row.version++;
    }

    private static void addToList(TaskRow row, String field, @Nullable Object item, int most) {
        List<@Nullable Object> items = new ArrayList<>();
        if (row.field(field) instanceof List<?> before) {
            items.addAll(before.subList(Math.max(0, before.size() - most + 1), before.size()));
        }
        items.add(item);
        row.set(field, items);
    }

    private static void move(TaskRow row, long at, Map<String, ? extends @Nullable Object> payload) {
        TaskStatus from = row.status;
        TaskStatus to = TaskStatus.ofWireName(text(payload, "to"));
        row.status = to;
        row.pendingReason = null;
        if (from == TaskStatus.BLOCKED) {
            row.blockedReason = null;
            row.set(Fields.BLOCKED_DETAIL, null);
        }
        if (row.runningSince != null) {
            row.timeSpentMs += Math.max(0, at - row.runningSince); // a clock may have been put back
            row.runningSince = null;
        }
        if (row.leaseUntil != null) {
            row.leaseUntil = null;
            row.heartbeatAt = null;
            forgetOwner(row, to);
        }
        switch (to) {
            case IN_PROGRESS -> begin(row, at, payload);
            case PENDING -> requeue(row, from, at, payload);
            case PAUSED -> {
                row.set(Fields.PAUSED_AT, at);
                row.set(Fields.PAUSE_COUNT, row.numberOr0(Fields.PAUSE_COUNT) + 1);
                row.set(Fields.PAUSE_REQUESTED, null);
                row.notBefore = null;
            }
            case USER_STOPPED -> {
                row.set(Fields.PAUSED_AT, at);
                row.set(Fields.STOP_REASON, payload.get("reason"));
            }
            case RESUMING -> row.set(Fields.RESUMED_AT, at);
            case BLOCKED -> {
                row.blockedReason = WireNames.parse(BlockedReason.class, text(payload, "blocked_reason"));
                row.set(Fields.BLOCKED_DETAIL, payload.get("detail"));
                row.notBefore = null;
            }
            case DEFERRED -> {
                row.notBefore = (Long) payload.get("until");
                row.set(Fields.DEFERRED_AT, at);
                row.set(Fields.DEFERRED_UNTIL, payload.get("until"));
                row.set(Fields.DEFERRED_REASON, payload.get("reason"));
            }
            case DELEGATED -> {
                row.set(Fields.DELEGATED_TO, payload.get("delegated_to"));
                row.set(Fields.DELEGATED_AT, at);
                row.set(Fields.DELEGATION_TYPE, payload.get("delegation_type"));
                row.notBefore = null;
                row.leaseUntil = (Long) payload.get("lease_until");
            }
            default -> end(row, to, at, payload);
        }
        if (to != TaskStatus.RESUMING) { // the first half of a command that ends in progress
            row.version++;
        }
    }

    /** A completed task keeps the worker that produced its result. */
    private static void forgetOwner(TaskRow row, TaskStatus to) {
        row.ownerNodeId = null;
        row.incarnation = null;
        if (to != TaskStatus.COMPLETED) {
            row.workerId = null;
        }
    }

    private static void begin(TaskRow row, long at, Map<String, ? extends @Nullable Object> payload) {
        row.startedAt = row.startedAt == null ? (Long) at : row.startedAt;
        row.runningSince = at;
        row.failureReason = null;
        row.notBefore = null;
        if (payload.containsKey("lease")) {
            row.leaseToken = number(payload, "lease");
            row.leaseUntil = number(payload, "lease_until");
            row.heartbeatAt = at;
            row.workerId = (String) payload.get("worker_id");
            row.ownerNodeId = (String) payload.get("node_id");
            row.incarnation = (String) payload.get("incarnation");
        }
    }

    private static void requeue(
            TaskRow row, TaskStatus from, long at, Map<String, ? extends @Nullable Object> payload) {
        row.pendingReason = WireNames.parse(PendingReason.class, text(payload, "pending_reason"));
        row.notBefore = (Long) payload.get("not_before");
        if (from == TaskStatus.DEFERRED) {
            row.set(Fields.DEFERRED_UNTIL, null);
        }
        if (payload.containsKey("error")) {
            row.errorMessage = text(payload, "error");
            row.failureReason = WireNames.parse(FailureReason.class, text(payload, "failure_reason"));
            row.retryCount = (int) number(payload, "retry_count");
            row.set(Fields.LAST_RETRY_AT, at);
            addToList(row, Fields.RETRY_ERRORS, row.errorMessage, MAX_RETRY_ERRORS);
        } else if (from.isResumable()) {
            row.set(Fields.RESUMED_AT, at);
        }
    }

    private static void end(TaskRow row, TaskStatus to, long at, Map<String, ? extends @Nullable Object> payload) {
        row.completedAt = at;
        forgetOwner(row, to);
        row.notBefore = null;
        switch (to) {
            case COMPLETED -> {
                Object result = payload.get("result");
                String json = CanonicalJson.write(result);
                row.resultJson = result == null ? null : json;
                row.resultHash = CanonicalJson.sha256OfText(json);
                row.failureReason = null;
                if (payload.containsKey("delegation_result")) {
                    row.set(Fields.DELEGATION_RESULT, plain(payload.get("delegation_result")));
                }
            }
            case FAILED -> {
                row.errorMessage = text(payload, "error");
                row.failureReason = WireNames.parse(FailureReason.class, text(payload, "failure_reason"));
            }
            case TERMINATED -> row.set(Fields.TERMINATION_REASON, payload.get("reason"));
            case ROLLED_BACK -> {
                row.set(Fields.ORIGINAL_RESULT, row.resultJson == null ? null : CanonicalJson.read(row.resultJson));
                row.resultJson = null;
                row.resultHash = null;
                row.set(Fields.ROLLED_BACK_AT, at);
                row.set(Fields.ROLLBACK_REASON, payload.get("reason"));
            }
            default -> {}
        }
    }

    private static void takeOver(TaskRow row, Map<String, ? extends @Nullable Object> payload) {
        payload.forEach((name, value) -> {
            switch (name) {
                case "status" -> row.status = TaskStatus.ofWireName(text(payload, "status"));
                case "created_at" -> row.createdAt = number(payload, name);
                case "updated_at" -> row.updatedAt = number(payload, name);
                case "started_at" -> row.startedAt = (Long) value;
                case "completed_at" -> row.completedAt = (Long) value;
                case "result" -> {
                    row.resultJson = value == null ? null : CanonicalJson.write(value);
                    row.resultHash = CanonicalJson.sha256OfText(CanonicalJson.write(value));
                }
                case "error_message" -> row.errorMessage = (String) value;
                case "failure_reason" -> row.failureReason = TaskRow.constantOrNull(FailureReason.class, value);
                case "blocked_reason" -> row.blockedReason = TaskRow.constantOrNull(BlockedReason.class, value);
                case "pending_reason" -> row.pendingReason = TaskRow.constantOrNull(PendingReason.class, value);
                case "retry_count" -> row.retryCount = (int) number(payload, name);
                case "not_before" -> row.notBefore = (Long) value;
                case "time_spent_ms" -> row.timeSpentMs = number(payload, name);
                case "owner_node_id" -> row.ownerNodeId = (String) value;
                case "history", "reason" -> {
                    // for those who read the history
                }
                default -> row.set(name, plain(value));
            }
        });
        row.version++;
    }

    /** The value without texts made before. */
    private static @Nullable Object plain(@Nullable Object value) {
        return value instanceof CanonicalJson.Raw raw ? CanonicalJson.read(raw.text()) : value;
    }

    private static String text(Map<String, ? extends @Nullable Object> payload, String field) {
        if (payload.get(field) instanceof String text) {
            return text;
        }
        throw new IllegalStateException("the event has no text '" + field + "'");
    }

    private static long number(Map<String, ? extends @Nullable Object> payload, String field) {
        if (payload.get(field) instanceof Number number) {
            return number.longValue();
        }
        throw new IllegalStateException("the event has no number '" + field + "'");
    }
}
