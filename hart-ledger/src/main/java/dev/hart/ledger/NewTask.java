package dev.hart.ledger;

import dev.hart.Spark;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A task to be added. Begin with {@link #of} and name what differs; each method gives a new value. Immutable.
 *
 * <p>Methods throw {@link dev.hart.error.LedgerException} INVALID_ARGUMENT for a bad id, a blank text or a number out of range.
 */
public final class NewTask implements Cloneable {
    private final String taskId;
    private String description;
    private TaskType type = TaskType.PRE_ASSIGNED;
    private ExecutionMode executionMode = ExecutionMode.SEQUENTIAL;
    private int priority = 50;
    private @Nullable String parentTaskId;
    private Map<String, ? extends @Nullable Object> context = Map.of();
    private boolean container;
    private int maxRetries = 3;
    private List<Edge> edges = List.of();
    private @Nullable BlockedReason blocked;
    private @Nullable Instant scheduledAt;
    private boolean inProgress;
    private Map<String, Object> more = Map.of();

    private NewTask(String taskId, String description) {
        this.taskId = Limits.requireId("task id", taskId);
        this.description = Limits.requireText("description", description);
    }

    /**
     * A task that needs nothing else.
     *
     * @param taskId 1 to 255 of letters, digits and {@code . _ : ~ -}, unique in its ledger
     * @param description not blank, at most 65,536 characters
     */
    public static NewTask of(String taskId, String description) {
        return new NewTask(taskId, description);
    }

    /** {@link TaskType#PRE_ASSIGNED} unless set. */
    public NewTask type(TaskType type) {
        return with(t -> t.type = type);
    }

    /** {@link ExecutionMode#SEQUENTIAL} unless set. */
    public NewTask executionMode(ExecutionMode mode) {
        return with(t -> t.executionMode = mode);
    }

    /** Higher first; 50 unless set, and put into 0 to 100. */
    public NewTask priority(int priority) {
        return with(t -> t.priority = Limits.percent(priority));
    }

    /** The parent waits for this task to end. */
    public NewTask childOf(String parentTaskId) {
        return with(t -> t.parentTaskId = Limits.requireId("parent task id", parentTaskId));
    }

    /** The task's own data, {@code dev.hart.json} values; empty unless set. Values of keys that name secrets are replaced. */
    public NewTask context(Map<String, ? extends @Nullable Object> context) {
        return with(t -> t.context = context);
    }

    /** Not a child of any task. */
    NewTask withoutParent() {
        return with(t -> t.parentTaskId = null);
    }

    /** Makes it a task that only groups its children and is never claimed. */
    public NewTask asContainer() {
        return with(t -> t.container = true);
    }

    /** A container that completes when all its children have succeeded, and fails when all have ended otherwise. */
    public NewTask asAutoCompleting() {
        return with(t -> {
            t.container = true;
            t.inProgress = true;
            t.put(Fields.AUTO_COMPLETE, true);
        });
    }

    /** How many failed attempts may be repeated, 0 to 1000; 3 unless set. */
    public NewTask maxRetries(int retries) {
        Limits.requireRange("maxRetries", retries, 0, Limits.MAX_RETRIES);
        return with(t -> t.maxRetries = retries);
    }

    /** Tasks that must succeed first, in place of those named before. */
    public NewTask after(String... prerequisites) {
        return with(t -> {
            t.edges = List.of();
            new LinkedHashSet<>(List.of(prerequisites))
                    .forEach(from -> t.add(from, Edge.Kind.PREREQ, Outcome.SUCCESS, false));
        });
    }

    /** A task that must come to that outcome first, besides those named before. */
    public NewTask after(String prerequisite, Outcome outcome) {
        return with(t -> t.add(prerequisite, Edge.Kind.PREREQ, outcome, false));
    }

    /** A task that must be completed first; that it was skipped is not enough. */
    public NewTask afterCompletionOf(String prerequisite) {
        return with(t -> t.add(prerequisite, Edge.Kind.PREREQ, Outcome.SUCCESS, true));
    }

    /** Makes it blocked until those tasks have succeeded. */
    public NewTask blockedBy(String... blockers) {
        return with(t -> {
            t.blocked = BlockedReason.DEPENDENCY;
            for (String from : blockers) {
                t.add(from, Edge.Kind.BLOCKER, Outcome.SUCCESS, false);
            }
        });
    }

    /** Makes it blocked for a reason of another kind, until it is resumed. */
    public NewTask blocked(BlockedReason reason) {
        return with(t -> t.blocked = reason);
    }

    /** Not to be claimed earlier. */
    public NewTask scheduledAt(Instant at) {
        return with(t -> t.scheduledAt = at);
    }

    /** How long it may be in progress, all attempts together; none unless set. */
    public NewTask timeBudget(Duration budget) {
        return with(t -> t.put(Fields.TIME_BUDGET, Limits.requireDuration("timeBudget", budget)));
    }

    /** How long after its first start it is failed; never unless set. */
    public NewTask timeout(Duration timeout) {
        return with(t -> t.put(Fields.TIMEOUT, Limits.requireDuration("timeout", timeout)));
    }

    /** What it may spend; not money, only a limit. None unless set. */
    public NewTask sparkBudget(Spark budget) {
        Limits.requireRange("sparkBudget in micro-Spark", budget.micro(), 0, Long.MAX_VALUE);
        return with(t -> t.put(Fields.SPARK_BUDGET, budget.micro()));
    }

    /** How long after its first start it should have ended; only noted when missed. */
    public NewTask slaTarget(Duration target) {
        return with(t -> t.put(Fields.SLA_TARGET, Limits.requireDuration("slaTarget", target)));
    }

    /** When it should have ended; only noted when missed. */
    public NewTask deadline(Instant deadline) {
        return with(t -> t.put(Fields.DEADLINE, deadline.toEpochMilli()));
    }

    /** How often whoever works on it says so; 30 s unless set. */
    public NewTask heartbeatInterval(Duration interval) {
        return with(t -> t.put(Fields.HEARTBEAT_INTERVAL, Limits.requireDuration("heartbeatInterval", interval)));
    }

    /**
     * What a worker's machine must offer: a number at least as large, {@code true}, or an equal text; {@code false} asks for
     * nothing.
     */
    public NewTask computeRequirements(Map<String, ?> requirements) {
        return with(t -> t.put(Fields.COMPUTE, Collections.unmodifiableMap(new LinkedHashMap<>(requirements))));
    }

    /** What a worker must be able to do. */
    public NewTask requiredCapabilities(String... capabilities) {
        return with(t -> t.put(Fields.CAPABILITIES, List.copyOf(new TreeSet<>(List.of(capabilities)))));
    }

    /** {@link Locality#GLOBAL} unless set. */
    public NewTask locality(Locality locality) {
        return with(t -> t.put(Fields.LOCALITY, locality.wireName()));
    }

    /** {@link Sensitivity#PUBLIC} unless set. */
    public NewTask sensitivity(Sensitivity sensitivity) {
        return with(t -> t.put(Fields.SENSITIVITY, sensitivity.wireName()));
    }

    /** Fixes the definition with its hash, see {@link Ledger#isDefinitionIntact}. */
    public NewTask sealed() {
        return with(t -> t.put(Fields.DATA_HASH, ""));
    }

    public String taskId() {
        return taskId;
    }

    /** The same task under another id. */
    NewTask named(String id) {
        NewTask copy = new NewTask(id, description);
        copy.type = type;
        copy.executionMode = executionMode;
        copy.priority = priority;
        copy.parentTaskId = parentTaskId;
        copy.context = context;
        copy.container = container;
        copy.maxRetries = maxRetries;
        copy.edges = edges.stream()
                .map(e -> new Edge(e.from(), id, e.kind(), e.condition(), e.strict()))
                .toList();
        copy.blocked = blocked;
        copy.scheduledAt = scheduledAt;
        copy.inProgress = inProgress;
        copy.more = more;
        return copy;
    }

    /** A repetition of an ended task, waiting for what that one waited for. */
    static NewTask repeating(TaskRow old, String newId, @Nullable String parent, List<Edge> edges) {
        NewTask copy = new NewTask(newId, old.description);
        copy.type = old.type;
        copy.executionMode = old.executionMode;
        copy.priority = old.priority;
        copy.parentTaskId = parent;
        copy.inProgress = old.isTrue(Fields.AUTO_COMPLETE);
        copy.context = CanonicalJson.readObject(old.contextJson);
        copy.container = old.container;
        copy.maxRetries = old.maxRetries;
        copy.edges = edges.stream()
                .map(e -> new Edge(e.from(), newId, e.kind(), e.condition(), e.strict()))
                .toList();
        Map<String, Object> more = new LinkedHashMap<>();
        for (String field : Definition.FIELDS) {
            Object value = old.field(field);
            if (value != null) {
                more.put(field, value);
            }
        }
        if (old.field(Fields.DATA_HASH) != null) {
            more.put(Fields.DATA_HASH, "");
        }
        copy.more = more;
        copy.inProgress = old.isTrue(Fields.AUTO_COMPLETE); // else nothing would ever end it
        return copy;
    }

    @Nullable
    String parentTaskId() {
        return parentTaskId;
    }

    List<Edge> edges() {
        return edges;
    }

    @Nullable
    BlockedReason blocked() {
        return blocked;
    }

    @Nullable
    Instant scheduledAt() {
        return scheduledAt;
    }

    boolean isInProgress() {
        return inProgress;
    }

    Map<String, ? extends @Nullable Object> context() {
        return context;
    }

    Map<String, Object> more() {
        return more;
    }

    /** What tells whether a task that is added again is the same; the context is left to the caller. */
    Map<String, @Nullable Object> request() {
        Map<String, @Nullable Object> request = payload();
        request.put("blocked_reason", blocked == null ? null : blocked.wireName());
        request.put("scheduled_at", scheduledAt == null ? null : scheduledAt.toEpochMilli());
        request.put("in_progress", inProgress);
        return request;
    }

    /** The part of TASK_CREATED that the caller chose; the context is left to the journal. */
    Map<String, @Nullable Object> payload() {
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put("description", description);
        payload.put("task_type", type.wireName());
        payload.put("execution_mode", executionMode.wireName());
        payload.put("priority", (long) priority);
        payload.put("max_retries", (long) maxRetries);
        if (container) {
            payload.put("container", true);
        }
        if (parentTaskId != null) {
            payload.put("parent_task_id", parentTaskId);
        }
        List<String> plain = new ArrayList<>();
        List<Object> others = new ArrayList<>();
        for (Edge edge : edges) {
            if (edge.kind() == Edge.Kind.PREREQ && edge.condition() == Outcome.SUCCESS && !edge.strict()) {
                plain.add(edge.from());
            } else {
                others.add(Projection.document(edge));
            }
        }
        if (!plain.isEmpty()) {
            payload.put("prerequisites", plain);
        }
        if (!others.isEmpty()) {
            payload.put("edges", others);
        }
        payload.putAll(more);
        return payload;
    }

    private void add(String from, Edge.Kind kind, Outcome outcome, boolean strict) {
        Limits.requireId("prerequisite", from);
        List<Edge> all = new ArrayList<>(edges);
        all.removeIf(edge -> edge.from().equals(from) && edge.kind() == kind);
        all.add(new Edge(from, taskId, kind, outcome, strict));
        edges = List.copyOf(all);
    }

    private void put(String field, Object value) {
        Map<String, Object> fields = new LinkedHashMap<>(more);
        fields.put(field, value);
        more = fields;
    }

    private NewTask with(Consumer<NewTask> change) {
        try {
            NewTask copy = (NewTask) clone();
            change.accept(copy);
            return copy;
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException(e);
        }
    }
}
