package dev.hart.ledger;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A task while a command changes it. */
final class TaskEdit {
    private final Task before;
    TaskStatus status;

    @Nullable
    Object result;

    @Nullable
    String blockedReason;

    @Nullable
    String failureReason;

    @Nullable
    String reason;

    int retryCount;

    @Nullable
    Instant notBefore;

    @Nullable
    String ownerNode;

    @Nullable
    String ownerIncarnation;

    @Nullable
    Instant startedAt;

    @Nullable
    Instant completedAt;

    TaskEdit(Task task) {
        before = task;
        status = task.status();
        result = task.result();
        blockedReason = task.blockedReason();
        failureReason = task.failureReason();
        reason = task.reason();
        retryCount = task.retryCount();
        notBefore = task.notBefore();
        ownerNode = task.ownerNode();
        ownerIncarnation = task.ownerIncarnation();
        startedAt = task.startedAt();
        completedAt = task.completedAt();
    }

    /** The task afterwards, one version further. */
    Task after(Instant now) {
        return new Task(
                before.ledgerId(),
                before.taskId(),
                before.parentTaskId(),
                before.description(),
                status,
                before.container(),
                before.context(),
                result,
                blockedReason,
                failureReason,
                reason,
                retryCount,
                before.maxRetries(),
                notBefore,
                before.supersedes(),
                ownerNode,
                ownerIncarnation,
                before.version() + 1,
                before.createdAt(),
                now,
                startedAt,
                completedAt);
    }
}
