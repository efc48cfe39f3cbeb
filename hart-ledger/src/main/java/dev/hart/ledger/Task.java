package dev.hart.ledger;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A task as it stands. Immutable; it changes only through the commands of {@link LedgerTransaction}.
 *
 * @param container whether it only groups others
 * @param blockedReason wire name, while it is blocked
 * @param reason of the last change, such as why it is blocked or what went wrong
 * @param failureReason wire name, once it has failed
 * @param version one more with each accepted command
 * @param ownerIncarnation the process that works on it, null when none does
 */
public record Task(
        LedgerId ledgerId,
        String taskId,
        @Nullable String parentTaskId,
        String description,
        TaskStatus status,
        boolean container,
        Map<String, @Nullable Object> context,
        @Nullable Object result,
        @Nullable String blockedReason,
        @Nullable String failureReason,
        @Nullable String reason,
        int retryCount,
        int maxRetries,
        @Nullable Instant notBefore,
        @Nullable String supersedes,
        @Nullable String ownerNode,
        @Nullable String ownerIncarnation,
        long version,
        Instant createdAt,
        Instant updatedAt,
        @Nullable Instant startedAt,
        @Nullable Instant completedAt) {}
