package dev.hart.ledger;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A row of the table {@code task} while a transaction or a replay changes it. */
final class TaskRow {
    static final String DEFINITION_COLUMNS =
            "created_no, ledger_id, task_id, description, task_type, execution_mode, priority, parent_task_id,"
                    + " context_json, container, max_retries, supersedes, created_at";
    static final String STATE_COLUMNS =
            "status, updated_at, started_at, completed_at, result_json, result_hash, error_message, failure_reason,"
                    + " blocked_reason, blocked_detail, pending_reason, paused_at, resumed_at, pause_count, stop_reason,"
                    + " termination_reason, retry_count, not_before, version, owner_node_id, incarnation, last_event_seq";
    static final int DEFINITION_SIZE = 13;
    static final int STATE_SIZE = 22;

    final long createdNo;
    final LedgerId ledger;
    final String taskId;
    final String description;
    final TaskType type;
    final ExecutionMode executionMode;
    final int priority;
    final @Nullable String parentTaskId;
    final String contextJson;
    final boolean container;
    final int maxRetries;
    final @Nullable String supersedes;
    final long createdAt;

    TaskStatus status = TaskStatus.PENDING;
    long updatedAt;

    @Nullable
    Long startedAt;

    @Nullable
    Long completedAt;

    @Nullable
    String resultJson;

    @Nullable
    String resultHash;

    @Nullable
    String errorMessage;

    @Nullable
    FailureReason failureReason;

    @Nullable
    BlockedReason blockedReason;

    @Nullable
    String blockedDetail;

    @Nullable
    PendingReason pendingReason;

    @Nullable
    Long pausedAt;

    @Nullable
    Long resumedAt;

    int pauseCount;

    @Nullable
    String stopReason;

    @Nullable
    String terminationReason;

    int retryCount;

    @Nullable
    Long notBefore;

    long version = 1;

    @Nullable
    String ownerNodeId;

    @Nullable
    String incarnation;

    long lastEventSeq;

    TaskRow(
            long createdNo,
            LedgerId ledger,
            NewTask definition,
            String contextJson,
            @Nullable String supersedes,
            long at) {
        this.createdNo = createdNo;
        this.ledger = ledger;
        this.taskId = definition.taskId();
        this.description = definition.description();
        this.type = definition.type();
        this.executionMode = definition.executionMode();
        this.priority = definition.priority();
        this.parentTaskId = definition.parentTaskId();
        this.contextJson = contextJson;
        this.container = definition.container();
        this.maxRetries = definition.maxRetries();
        this.supersedes = supersedes;
        this.createdAt = at;
        this.updatedAt = at;
    }

    /** Reads the columns in the order of the definition, then the state. */
    TaskRow(LedgerId ledger, ResultSet row) throws SQLException {
        this.ledger = ledger;
        createdNo = row.getLong(1);
        taskId = row.getString(3);
        description = row.getString(4);
        type = WireNames.parse(TaskType.class, row.getString(5));
        executionMode = WireNames.parse(ExecutionMode.class, row.getString(6));
        priority = row.getInt(7);
        parentTaskId = row.getString(8);
        contextJson = row.getString(9);
        container = row.getBoolean(10);
        maxRetries = row.getInt(11);
        supersedes = row.getString(12);
        createdAt = row.getLong(13);
        status = TaskStatus.ofWireName(row.getString(14));
        updatedAt = row.getLong(15);
        startedAt = time(row, 16);
        completedAt = time(row, 17);
        resultJson = row.getString(18);
        resultHash = row.getString(19);
        errorMessage = row.getString(20);
        failureReason = constant(FailureReason.class, row.getString(21));
        blockedReason = constant(BlockedReason.class, row.getString(22));
        blockedDetail = row.getString(23);
        pendingReason = constant(PendingReason.class, row.getString(24));
        pausedAt = time(row, 25);
        resumedAt = time(row, 26);
        pauseCount = row.getInt(27);
        stopReason = row.getString(28);
        terminationReason = row.getString(29);
        retryCount = row.getInt(30);
        notBefore = time(row, 31);
        version = row.getLong(32);
        ownerNodeId = row.getString(33);
        incarnation = row.getString(34);
        lastEventSeq = row.getLong(35);
    }

    void bindDefinition(PreparedStatement insert) throws SQLException {
        insert.setLong(1, createdNo);
        insert.setString(2, ledger.key());
        insert.setString(3, taskId);
        insert.setString(4, description);
        insert.setString(5, type.wireName());
        insert.setString(6, executionMode.wireName());
        insert.setInt(7, priority);
        insert.setString(8, parentTaskId);
        insert.setString(9, contextJson);
        insert.setBoolean(10, container);
        insert.setInt(11, maxRetries);
        insert.setString(12, supersedes);
        insert.setLong(13, createdAt);
    }

    /** Binds the state's columns after parameter {@code before}. */
    void bindState(PreparedStatement statement, int before) throws SQLException {
        statement.setString(before + 1, status.wireName());
        statement.setLong(before + 2, updatedAt);
        statement.setObject(before + 3, startedAt);
        statement.setObject(before + 4, completedAt);
        statement.setString(before + 5, resultJson);
        statement.setString(before + 6, resultHash);
        statement.setString(before + 7, errorMessage);
        statement.setString(before + 8, wireName(failureReason));
        statement.setString(before + 9, wireName(blockedReason));
        statement.setString(before + 10, blockedDetail);
        statement.setString(before + 11, wireName(pendingReason));
        statement.setObject(before + 12, pausedAt);
        statement.setObject(before + 13, resumedAt);
        statement.setInt(before + 14, pauseCount);
        statement.setString(before + 15, stopReason);
        statement.setString(before + 16, terminationReason);
        statement.setInt(before + 17, retryCount);
        statement.setObject(before + 18, notBefore);
        statement.setLong(before + 19, version);
        statement.setString(before + 20, ownerNodeId);
        statement.setString(before + 21, incarnation);
        statement.setLong(before + 22, lastEventSeq);
    }

    Task task() {
        return new Task(
                ledger,
                taskId,
                description,
                type,
                executionMode,
                status,
                priority,
                parentTaskId,
                CanonicalJson.readObject(contextJson),
                container,
                maxRetries,
                supersedes,
                createdNo,
                Instant.ofEpochMilli(createdAt),
                Instant.ofEpochMilli(updatedAt),
                instant(startedAt),
                instant(completedAt),
                resultJson == null ? null : CanonicalJson.read(resultJson),
                resultHash,
                errorMessage,
                failureReason,
                blockedReason,
                blockedDetail,
                pendingReason,
                instant(pausedAt),
                instant(resumedAt),
                pauseCount,
                stopReason,
                terminationReason,
                retryCount,
                instant(notBefore),
                version,
                ownerNodeId,
                incarnation,
                lastEventSeq);
    }

    private static @Nullable Long time(ResultSet row, int column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : millis;
    }

    private static @Nullable Instant instant(@Nullable Long millis) {
        return millis == null ? null : Instant.ofEpochMilli(millis);
    }

    private static @Nullable String wireName(@Nullable Enum<?> constant) {
        return constant == null ? null : WireNames.of(constant);
    }

    static <E extends Enum<E>> @Nullable E constant(Class<E> type, @Nullable String name) {
        return name == null ? null : WireNames.parse(type, name);
    }
}
