package dev.hart.ledger;

import dev.hart.Spark;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A unit of work as it stood when it was read. It changes only through commands. Immutable; two are equal when they are the
 * same task in the same state, whatever {@link #lastEventSeq} says.
 */
public final class Task {
    private final LedgerId ledger;
    private final TaskRow row;

    /** Takes the row for itself. */
    Task(LedgerId ledger, TaskRow row) {
        this.ledger = ledger;
        this.row = row;
    }

    TaskRow row() {
        return row;
    }

    public LedgerId ledger() {
        return ledger;
    }

    /** Unique in its ledger. */
    public String taskId() {
        return row.taskId;
    }

    public String description() {
        return row.description;
    }

    public TaskType type() {
        return row.type;
    }

    public ExecutionMode executionMode() {
        return row.executionMode;
    }

    public TaskStatus status() {
        return row.status;
    }

    /** 0 to 100, higher first. */
    public int priority() {
        return row.priority;
    }

    public @Nullable String parentTaskId() {
        return row.parentTaskId;
    }

    /** The task's own data, as {@code dev.hart.json} values. */
    public Map<String, @Nullable Object> context() {
        return CanonicalJson.readObject(row.contextJson);
    }

    /** Whether it only groups its children and is never claimed. */
    public boolean container() {
        return row.container;
    }

    /** Whether it ends by itself when its children have. */
    public boolean autoComplete() {
        return row.isTrue(Fields.AUTO_COMPLETE);
    }

    /** How many failed attempts may be repeated. */
    public int maxRetries() {
        return row.maxRetries;
    }

    /** The ended task that this one repeats. */
    public @Nullable String supersedes() {
        return row.supersedes;
    }

    /** The order of creation over all ledgers of the store; numbers may be missing. */
    public long createdNo() {
        return row.createdNo;
    }

    public Instant createdAt() {
        return Instant.ofEpochMilli(row.createdAt);
    }

    public Instant updatedAt() {
        return Instant.ofEpochMilli(row.updatedAt);
    }

    /** When it was first in progress. */
    public @Nullable Instant startedAt() {
        return instant(row.startedAt);
    }

    /** When it came to an end, of whatever kind. */
    public @Nullable Instant completedAt() {
        return instant(row.completedAt);
    }

    /** What it gave, a {@code dev.hart.json} value. */
    public @Nullable Object result() {
        return row.resultJson == null ? null : CanonicalJson.read(row.resultJson);
    }

    /** Lower-case hex SHA-256 of the result's canonical JSON, of a completed task. */
    public @Nullable String resultHash() {
        return row.resultHash;
    }

    /** The last failed attempt's. */
    public @Nullable String errorMessage() {
        return row.errorMessage;
    }

    public @Nullable FailureReason failureReason() {
        return row.failureReason;
    }

    public @Nullable BlockedReason blockedReason() {
        return row.blockedReason;
    }

    /** More about the reason, such as {@code IN_DOUBT}. */
    public @Nullable String blockedDetail() {
        return row.text(Fields.BLOCKED_DETAIL);
    }

    public @Nullable PendingReason pendingReason() {
        return row.pendingReason;
    }

    /** When it was last paused or stopped. */
    public @Nullable Instant pausedAt() {
        return instant(row.number(Fields.PAUSED_AT));
    }

    public @Nullable Instant resumedAt() {
        return instant(row.number(Fields.RESUMED_AT));
    }

    /** Pauses only, not stops by a person. */
    public int pauseCount() {
        return (int) row.numberOr0(Fields.PAUSE_COUNT);
    }

    public @Nullable String stopReason() {
        return row.text(Fields.STOP_REASON);
    }

    public @Nullable String terminationReason() {
        return row.text(Fields.TERMINATION_REASON);
    }

    /** Failed attempts that were repeated. */
    public int retryCount() {
        return row.retryCount;
    }

    /** Which attempt this is or will be, from 1. */
    public int attempt() {
        return 1 + row.retryCount;
    }

    public @Nullable Instant lastRetryAt() {
        return instant(row.number(Fields.LAST_RETRY_AT));
    }

    /** It is not claimable before; null when time does not hold it. */
    public @Nullable Instant notBefore() {
        return instant(row.notBefore);
    }

    /** Whether a worker may claim it now. */
    public boolean claimable() {
        return row.isClaimable();
    }

    /** How many of the tasks it waits for have not ended as they must. */
    public int unmetEdges() {
        return row.unmetEdges;
    }

    /** Whether a child has not ended. */
    public boolean hasOpenChildren() {
        return row.hasOpenChildren;
    }

    /** 1 at creation, and one more with every accepted command. */
    public long version() {
        return row.version;
    }

    /** The node that works on it. */
    public @Nullable String ownerNodeId() {
        return row.ownerNodeId;
    }

    /** Which start of that node. */
    public @Nullable String incarnation() {
        return row.incarnation;
    }

    /** The worker that holds its lease, or under whose lease it was completed. */
    public @Nullable String workerId() {
        return row.workerId;
    }

    public @Nullable String ownerUserId() {
        return row.text(Fields.OWNER_USER);
    }

    public @Nullable String ownerPromptId() {
        return row.text(Fields.OWNER_PROMPT);
    }

    public @Nullable Instant ownedAt() {
        return instant(row.number(Fields.OWNED_AT));
    }

    /** The number of its newest lease; 0 if it was never claimed. */
    public long leaseToken() {
        return row.leaseToken;
    }

    /** When the lease ends; null if there is none. */
    public @Nullable Instant leaseUntil() {
        return instant(row.leaseUntil);
    }

    public @Nullable Instant lastHeartbeatAt() {
        return instant(row.heartbeatAt);
    }

    /** How often whoever works on it says so. */
    public Duration heartbeatInterval() {
        Long millis = row.number(Fields.HEARTBEAT_INTERVAL);
        return millis == null ? Duration.ofSeconds(30) : Duration.ofMillis(millis);
    }

    public boolean cancelRequested() {
        return row.isTrue(Fields.CANCEL_REQUESTED);
    }

    public boolean pauseRequested() {
        return row.isTrue(Fields.PAUSE_REQUESTED);
    }

    public @Nullable Instant deferredAt() {
        return instant(row.number(Fields.DEFERRED_AT));
    }

    public @Nullable Instant deferredUntil() {
        return instant(row.number(Fields.DEFERRED_UNTIL));
    }

    public @Nullable String deferredReason() {
        return row.text(Fields.DEFERRED_REASON);
    }

    public @Nullable Instant scheduledAt() {
        return instant(row.number(Fields.SCHEDULED_AT));
    }

    public @Nullable String delegatedTo() {
        return row.text(Fields.DELEGATED_TO);
    }

    public @Nullable Instant delegatedAt() {
        return instant(row.number(Fields.DELEGATED_AT));
    }

    public @Nullable DelegationType delegationType() {
        return TaskRow.constantOrNull(DelegationType.class, row.field(Fields.DELEGATION_TYPE));
    }

    /** What the other agent gave, a {@code dev.hart.json} value. */
    public @Nullable Object delegationResult() {
        return row.field(Fields.DELEGATION_RESULT);
    }

    public @Nullable Instant rolledBackAt() {
        return instant(row.number(Fields.ROLLED_BACK_AT));
    }

    public @Nullable String rollbackReason() {
        return row.text(Fields.ROLLBACK_REASON);
    }

    /** The result before it was rolled back, a {@code dev.hart.json} value. */
    public @Nullable Object originalResult() {
        return row.field(Fields.ORIGINAL_RESULT);
    }

    /** 0 to 100. */
    public int progress() {
        return (int) row.numberOr0(Fields.PROGRESS);
    }

    /** What was reached on the way, oldest first: maps of description, progress and timestamp; the last 100. */
    public List<Map<String, @Nullable Object>> steps() {
        return documents(Fields.STEPS);
    }

    /** What was said on the way, oldest first: maps of message, timestamp and perhaps more; the last 50. */
    public List<Map<String, @Nullable Object>> statusMessages() {
        return documents(Fields.STATUS_MESSAGES);
    }

    @SuppressWarnings("unchecked") // lists of objects only are written there
    private List<Map<String, @Nullable Object>> documents(String field) {
        return row.field(field) instanceof List<?> items ? (List<Map<String, @Nullable Object>>) items : List.of();
    }

    public Optional<Duration> timeBudget() {
        return duration(Fields.TIME_BUDGET);
    }

    /** How long it was in progress, over all attempts; the present one not counted. */
    public Duration timeSpent() {
        return Duration.ofMillis(row.timeSpentMs);
    }

    public Optional<Duration> timeout() {
        return duration(Fields.TIMEOUT);
    }

    public Optional<Spark> sparkBudget() {
        return Optional.ofNullable(row.number(Fields.SPARK_BUDGET)).map(Spark::new);
    }

    public Spark sparkSpent() {
        return new Spark(row.numberOr0(Fields.SPARK_SPENT));
    }

    /** Set aside for calls that go on. */
    public Spark sparkReserved() {
        return new Spark(row.numberOr0(Fields.SPARK_RESERVED));
    }

    /** Whether its Spark or time budget is spent, or its timeout is over at {@code now}. */
    public boolean isBudgetExhausted(Instant now) {
        if (row.isBudgetSpent()) {
            return true;
        }
        Long budget = row.number(Fields.TIME_BUDGET);
        if (budget != null
                && row.runningSince != null
                && row.timeSpentMs + now.toEpochMilli() - row.runningSince >= budget) {
            return true;
        }
        Long timeout = row.number(Fields.TIMEOUT);
        return timeout != null
                && row.startedAt != null
                && !row.status.isTerminal()
                && now.toEpochMilli() - row.startedAt >= timeout;
    }

    public @Nullable Instant deadline() {
        return instant(row.number(Fields.DEADLINE));
    }

    public Optional<Duration> slaTarget() {
        return duration(Fields.SLA_TARGET);
    }

    /** Whether it took longer than promised: at {@code now}, or when it ended. */
    public boolean isSlaBreached(Instant now) {
        long at = row.completedAt != null ? row.completedAt : now.toEpochMilli();
        Long deadline = row.number(Fields.DEADLINE);
        Long target = row.number(Fields.SLA_TARGET);
        return deadline != null && at > deadline
                || target != null && row.startedAt != null && at - row.startedAt > target;
    }

    /** Whether the ledger has noted that it took longer than promised. */
    public boolean slaBreached() {
        return row.isTrue(Fields.SLA_BREACHED);
    }

    /** What a worker's machine must offer. */
    @SuppressWarnings("unchecked") // only objects are written there
    public Map<String, @Nullable Object> computeRequirements() {
        return row.field(Fields.COMPUTE) instanceof Map<?, ?> map ? (Map<String, @Nullable Object>) map : Map.of();
    }

    /** What a worker must be able to do. */
    public Set<String> requiredCapabilities() {
        Set<String> names = new TreeSet<>();
        if (row.field(Fields.CAPABILITIES) instanceof List<?> list) {
            list.forEach(name -> names.add((String) name));
        }
        return names;
    }

    public Locality locality() {
        String name = row.text(Fields.LOCALITY);
        return name == null ? Locality.GLOBAL : WireNames.parse(Locality.class, name);
    }

    public Sensitivity sensitivity() {
        String name = row.text(Fields.SENSITIVITY);
        return name == null ? Sensitivity.PUBLIC : WireNames.parse(Sensitivity.class, name);
    }

    /** Whether another node than the one that made the ledger may ever work on it. */
    public boolean canDistribute() {
        return locality() != Locality.LOCAL_ONLY && sensitivity() != Sensitivity.SECRET;
    }

    /** Whether a node of {@code region} may work on it, for a ledger made in {@code home}. */
    public boolean canDistributeToRegion(String region, String home) {
        return canDistribute() && (locality() != Locality.REGIONAL || region.equals(home));
    }

    /** The hash of the definition, if it was sealed. */
    public @Nullable String dataHash() {
        return row.text(Fields.DATA_HASH);
    }

    /** Whether it was put away; it then shows in no listing. */
    public boolean archived() {
        return row.archived;
    }

    /** The newest event that changed it; inside the transaction that changes it, the one before. */
    public long lastEventSeq() {
        return row.lastEventSeq;
    }

    /** Not terminal. */
    public boolean isOpen() {
        return !row.status.isTerminal();
    }

    /** How long it is in its present state. */
    public Duration inStateFor(Instant now) {
        return Duration.ofMillis(now.toEpochMilli() - row.updatedAt);
    }

    /** Whether it is active and nothing has happened to it for more than {@code threshold}. Advice only. */
    public boolean isStuck(Instant now, Duration threshold) {
        return row.status.isActive() && inStateFor(now).compareTo(threshold) > 0;
    }

    private static @Nullable Instant instant(@Nullable Long millis) {
        return millis == null ? null : Instant.ofEpochMilli(millis);
    }

    private Optional<Duration> duration(String field) {
        return Optional.ofNullable(row.number(field)).map(Duration::ofMillis);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Task task && ledger.equals(task.ledger) && row.sameAs(task.row);
    }

    @Override
    public int hashCode() {
        return 31 * ledger.hashCode() + row.taskId.hashCode();
    }

    @Override
    public String toString() {
        List<String> parts = new ArrayList<>(List.of(row.status.wireName()));
        if (row.pendingReason != null) {
            parts.add(row.pendingReason.wireName());
        }
        if (row.blockedReason != null) {
            parts.add(row.blockedReason.wireName());
        }
        return ledger.key() + "/" + row.taskId + " (" + String.join(", ", parts) + ", version " + row.version + ")";
    }
}
