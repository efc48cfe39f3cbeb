package dev.hart.ledger;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A unit of work as it stood when it was read. It changes only through {@link LedgerTransaction}.
 *
 * @param taskId unique in its ledger
 * @param priority 0 to 100, higher first
 * @param context the task's own data, as {@code dev.hart.json} values
 * @param container whether it only groups its children
 * @param maxRetries how many failed attempts may be repeated
 * @param supersedes the finished task that this one repeats
 * @param createdNo the order of creation over all ledgers of the store; numbers may be missing
 * @param startedAt when it was first in progress
 * @param completedAt when it came to an end, of whatever kind
 * @param result what it gave, a {@code dev.hart.json} value
 * @param resultHash lower-case hex SHA-256 of the result's canonical JSON, of a completed task
 * @param errorMessage the last failed attempt's
 * @param blockedDetail more about the reason, such as {@code IN_DOUBT}
 * @param pauseCount pauses only, not stops by a person
 * @param retryCount failed attempts that were repeated
 * @param notBefore a worker should not start it earlier
 * @param version 1 at creation, and one more with every accepted command
 * @param ownerNodeId the node that works on it
 * @param incarnation which start of that node
 * @param lastEventSeq the newest event that changed it
 */
public record Task(
        LedgerId ledger,
        String taskId,
        String description,
        TaskType type,
        ExecutionMode executionMode,
        TaskStatus status,
        int priority,
        @Nullable String parentTaskId,
        Map<String, @Nullable Object> context,
        boolean container,
        int maxRetries,
        @Nullable String supersedes,
        long createdNo,
        Instant createdAt,
        Instant updatedAt,
        @Nullable Instant startedAt,
        @Nullable Instant completedAt,
        @Nullable Object result,
        @Nullable String resultHash,
        @Nullable String errorMessage,
        @Nullable FailureReason failureReason,
        @Nullable BlockedReason blockedReason,
        @Nullable String blockedDetail,
        @Nullable PendingReason pendingReason,
        @Nullable Instant pausedAt,
        @Nullable Instant resumedAt,
        int pauseCount,
        @Nullable String stopReason,
        @Nullable String terminationReason,
        int retryCount,
        @Nullable Instant notBefore,
        long version,
        @Nullable String ownerNodeId,
        @Nullable String incarnation,
        long lastEventSeq) {

    /** Which attempt this is or will be, from 1. */
    public int attempt() {
        return 1 + retryCount;
    }

    /** Not terminal. */
    public boolean isOpen() {
        return !status.isTerminal();
    }
}
