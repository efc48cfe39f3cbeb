package dev.hart.ledger;

import dev.hart.Spark;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tasks as JSON objects, as routes answer with them: times in ISO-8601 with three decimals and {@code Z}, durations in seconds
 * (names ending in {@code _s}), Spark as decimal text. Absent values are there as null.
 */
public final class TaskDocument {
    private TaskDocument() {}

    /**
     * What a task itself knows, as {@code dev.hart.json} values. What it waits for, its children, messages and histories are
     * in {@link Ledger#document}.
     */
    public static Map<String, @Nullable Object> of(Task task) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("task_id", task.taskId());
        fields.put("description", task.description());
        fields.put("task_type", task.type().wireName());
        fields.put("execution_mode", task.executionMode().wireName());
        fields.put("status", task.status().wireName());
        fields.put("priority", (long) task.priority());
        fields.put("parent_task_id", task.parentTaskId());
        fields.put("context", task.context());
        fields.put("created_at", time(task.createdAt()));
        fields.put("updated_at", time(task.updatedAt()));
        fields.put("started_at", time(task.startedAt()));
        fields.put("completed_at", time(task.completedAt()));
        fields.put("result", task.result());
        fields.put("error_message", task.errorMessage());
        fields.put("failure_reason", name(task.failureReason()));
        fields.put("blocked_reason", name(task.blockedReason()));
        fields.put("blocked_detail", task.blockedDetail());
        fields.put("pending_reason", name(task.pendingReason()));
        fields.put("paused_at", time(task.pausedAt()));
        fields.put("resumed_at", time(task.resumedAt()));
        fields.put("pause_count", (long) task.pauseCount());
        fields.put("stop_reason", task.stopReason());
        fields.put("termination_reason", task.terminationReason());
        fields.put("delegated_to", task.delegatedTo());
        fields.put("delegated_at", time(task.delegatedAt()));
        fields.put("delegation_type", name(task.delegationType()));
        fields.put("delegation_result", task.delegationResult());
        fields.put("deferred_at", time(task.deferredAt()));
        fields.put("deferred_until", time(task.deferredUntil()));
        fields.put("deferred_reason", task.deferredReason());
        fields.put("scheduled_at", time(task.scheduledAt()));
        fields.put("retry_count", (long) task.retryCount());
        fields.put("max_retries", (long) task.maxRetries());
        fields.put("last_retry_at", time(task.lastRetryAt()));
        fields.put("progress_pct", (long) task.progress());
        fields.put("checkpoints", task.steps());
        fields.put("rolled_back_at", time(task.rolledBackAt()));
        fields.put("rollback_reason", task.rollbackReason());
        fields.put("original_result", task.originalResult());
        fields.put("owner_node_id", task.ownerNodeId());
        fields.put("owner_user_id", task.ownerUserId());
        fields.put("owner_prompt_id", task.ownerPromptId());
        fields.put("owner_agent_id", task.workerId());
        fields.put("owned_at", time(task.ownedAt()));
        fields.put("time_budget_s", seconds(task.timeBudget()));
        fields.put("spark_budget", task.sparkBudget().map(Spark::toString).orElse(null));
        fields.put("timeout_s", seconds(task.timeout()));
        fields.put("spark_spent", task.sparkSpent().toString());
        fields.put("spark_reserved", task.sparkReserved().toString());
        fields.put("time_spent_s", seconds(task.timeSpent()));
        fields.put("compute_requirements", task.computeRequirements());
        fields.put("deadline", time(task.deadline()));
        fields.put("sla_target_s", seconds(task.slaTarget()));
        fields.put("sla_breached", task.slaBreached());
        fields.put("last_heartbeat_at", time(task.lastHeartbeatAt()));
        fields.put("heartbeat_interval_s", seconds(task.heartbeatInterval()));
        fields.put("status_messages", task.statusMessages());
        fields.put("locality", task.locality().wireName());
        fields.put("sensitivity", task.sensitivity().wireName());
        fields.put("data_hash", task.dataHash());
        fields.put("result_hash", task.resultHash());
        fields.put("version", task.version());
        fields.put("attempt", (long) task.attempt());
        fields.put("lease_token", task.leaseToken());
        fields.put("lease_until", time(task.leaseUntil()));
        fields.put("not_before", time(task.notBefore()));
        fields.put("cancel_requested", task.cancelRequested());
        fields.put("pause_requested", task.pauseRequested());
        fields.put("required_capabilities", List.copyOf(task.requiredCapabilities()));
        fields.put("container", task.container());
        fields.put("auto_complete", task.autoComplete());
        fields.put("supersedes", task.supersedes());
        fields.put("archived", task.archived());
        return fields;
    }

    /** Everything about a task but who its siblings are: with its edges, children, messages and histories. */
    static Map<String, @Nullable Object> full(
            Task task,
            List<Edge> edgesTo,
            List<Edge> edgesFrom,
            List<String> children,
            List<TaskMessage> received,
            List<TaskMessage> sent,
            TaskPast past) {
        Map<String, @Nullable Object> fields = of(task);
        fields.put("state_history", past.states());
        fields.put("retry_errors", past.retryErrors());
        fields.put("ownership_history", past.ownership());
        fields.put("prerequisites", from(edgesTo, Edge.Kind.PREREQ));
        fields.put("blocked_by", from(edgesTo, Edge.Kind.BLOCKER));
        Set<String> dependents = new LinkedHashSet<>();
        edgesFrom.forEach(edge -> dependents.add(edge.to()));
        fields.put("dependent_task_ids", List.copyOf(dependents));
        fields.put("child_task_ids", children);
        fields.put("sibling_task_ids", task.linkedSiblings());
        fields.put(
                "messages_to_dependents",
                sent.stream()
                        .map(message -> message(message, "to_task_id", message.toTaskId()))
                        .toList());
        List<Object> inbox = new ArrayList<>();
        for (TaskMessage message : received) {
            Map<String, @Nullable Object> document = message(message, "from_task_id", message.fromTaskId());
            document.put("received_at", time(message.at()));
            inbox.add(document);
        }
        fields.put("received_messages", inbox);
        return fields;
    }

    private static List<String> from(List<Edge> edges, Edge.Kind kind) {
        return edges.stream()
                .filter(edge -> edge.kind() == kind)
                .map(Edge::from)
                .toList();
    }

    private static Map<String, @Nullable Object> message(TaskMessage message, String role, String taskId) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("message_type", message.type().wireName());
        document.put(role, taskId);
        document.put("data", message.data());
        document.put("timestamp", time(message.at()));
        return document;
    }

    /** An edge as JSON object. */
    public static Map<String, @Nullable Object> of(Edge edge) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("from_task", edge.from());
        document.put("to_task", edge.to());
        document.put("kind", edge.kind().wireName());
        document.put("condition", edge.condition().wireName());
        document.put("strict", edge.strict());
        return document;
    }

    /** An event as JSON object. */
    public static Map<String, @Nullable Object> of(LedgerEvent event) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("v", 1L);
        document.put("ledger_id", event.ledger().key());
        document.put("stripe", (long) event.stripe());
        document.put("seq", event.seq());
        document.put("task_id", event.taskId());
        document.put("type", event.type());
        document.put("at", time(event.at()));
        document.put("actor", event.actor());
        document.put("payload", event.payload());
        document.put("hash", event.hash());
        return document;
    }

    private static @Nullable String time(@Nullable Instant time) {
        return time == null ? null : EventChain.format(time.toEpochMilli());
    }

    private static @Nullable String name(@Nullable Enum<?> constant) {
        return constant == null ? null : WireNames.of(constant);
    }

    private static @Nullable Object seconds(Optional<Duration> duration) {
        return duration.map(TaskDocument::seconds).orElse(null);
    }

    /** A whole number where it is one, else a decimal without trailing zeros. */
    static Object seconds(Duration duration) {
        long millis = duration.toMillis();
        return millis % 1000 == 0
                ? (Object) (millis / 1000)
                : BigDecimal.valueOf(millis, 3).stripTrailingZeros();
    }
}
