package dev.hart.ledger;

import dev.hart.Spark;
import dev.hart.error.LedgerException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Executes each {@link TaskCommand} on a row. */
final class Commands {
    private final LedgerJournal journal;
    private final Lifecycle lifecycle;
    private final Claims claims;

    Commands(LedgerJournal journal, Lifecycle lifecycle, Claims claims) {
        this.journal = journal;
        this.lifecycle = lifecycle;
        this.claims = claims;
    }

    void apply(TaskRow row, TaskCommand command) {
        if (command instanceof TaskCommand.Start start) {
            lifecycle.start(row, start.force());
        } else if (command instanceof TaskCommand.Complete complete) {
            lifecycle.complete(row, result(complete.result()), complete.force(), false);
        } else if (command instanceof TaskCommand.Fail fail) {
            lifecycle.fail(row, text("error", fail.error()), fail.reason());
        } else if (command instanceof TaskCommand.FailAttempt fail) {
            lifecycle.failAttempt(row, text("error", fail.error()), fail.reason());
        } else if (command instanceof TaskCommand.Release release) {
            claims.release(row, text("reason", release.reason()));
        } else if (command instanceof TaskCommand.Pause pause) {
            end(row, TaskStatus.PAUSED, pause.reason());
        } else if (command instanceof TaskCommand.Stop stop) {
            end(row, TaskStatus.USER_STOPPED, stop.reason());
        } else if (command instanceof TaskCommand.Block block) {
            block(row, block);
        } else if (command instanceof TaskCommand.Resume resume) {
            lifecycle.resume(row, text("reason", resume.reason()));
        } else if (command instanceof TaskCommand.Cancel cancel) {
            end(row, TaskStatus.CANCELLED, cancel.reason());
        } else if (command instanceof TaskCommand.Terminate terminate) {
            end(row, TaskStatus.TERMINATED, terminate.reason());
        } else if (command instanceof TaskCommand.Skip skip) {
            end(row, TaskStatus.SKIPPED, skip.reason());
        } else if (command instanceof TaskCommand.MarkNotApplicable mark) {
            end(row, TaskStatus.NOT_APPLICABLE, mark.reason());
        } else if (command instanceof TaskCommand.Defer defer) {
            defer(row, defer);
        } else if (command instanceof TaskCommand.Undefer) {
            undefer(row);
        } else if (command instanceof TaskCommand.Schedule schedule) {
            schedule(row, schedule.at());
        } else if (command instanceof TaskCommand.Delegate delegate) {
            delegate(row, delegate);
        } else if (command instanceof TaskCommand.CompleteDelegation complete) {
            requireDelegated(row, TaskStatus.COMPLETED);
            lifecycle.complete(row, result(complete.result()), false, true);
        } else if (command instanceof TaskCommand.ReclaimDelegation) {
            requireDelegated(row, TaskStatus.IN_PROGRESS);
            lifecycle.move(row, TaskStatus.IN_PROGRESS, Map.of("reason", "taken back"));
        } else if (command instanceof TaskCommand.RollBack rollBack) {
            lifecycle.requireNext(row, TaskStatus.ROLLED_BACK);
            lifecycle.move(
                    row,
                    TaskStatus.ROLLED_BACK,
                    Projection.ROLLED_BACK,
                    Map.of("reason", text("reason", rollBack.reason())));
        } else {
            update(row, command);
        }
    }

    private void update(TaskRow row, TaskCommand command) {
        if (command instanceof TaskCommand.Reprioritize change) {
            reprioritize(row, Limits.percent(change.priority()));
        } else if (command instanceof TaskCommand.RequestCancel request) {
            request(row, Fields.CANCEL_REQUESTED, request.reason());
        } else if (command instanceof TaskCommand.RequestPause request) {
            request(row, Fields.PAUSE_REQUESTED, request.reason());
        } else if (command instanceof TaskCommand.Progress progress) {
            progress(row, Limits.percent(progress.percent()), progress.step());
        } else if (command instanceof TaskCommand.PostStatus post) {
            postStatus(row, post);
        } else if (command instanceof TaskCommand.RecordSpend spend) {
            change(row, Map.of(Fields.SPARK_SPENT, spent(row, amount(spend.amount()))));
        } else if (command instanceof TaskCommand.Reserve reserve) {
            reserve(row, amount(reserve.amount()));
        } else if (command instanceof TaskCommand.Settle settle) {
            settle(row, amount(settle.reserved()), amount(settle.spent()));
        } else if (command instanceof TaskCommand.Own own) {
            own(row, own);
        } else if (command instanceof TaskCommand.SetBlockedReason set) {
            setBlockedReason(row, set);
        } else {
            throw new IllegalStateException("a command that nobody executes: " + command);
        }
    }

    private CanonicalJson.@Nullable Raw result(@Nullable Object value) {
        return value == null ? null : journal.redacted(value, journal.options().maxPayloadBytes());
    }

    private static String text(String name, String text) {
        return Limits.requireLength(name, text);
    }

    private void end(TaskRow row, TaskStatus to, String reason) {
        lifecycle.requireNext(row, to);
        lifecycle.move(row, to, Map.of("reason", text("reason", reason)));
    }

    private void block(TaskRow row, TaskCommand.Block block) {
        lifecycle.requireNext(row, TaskStatus.BLOCKED);
        Map<String, @Nullable Object> more = new LinkedHashMap<>();
        more.put("blocked_reason", block.reason().wireName());
        if (block.detail() != null) {
            more.put("detail", text("detail", block.detail()));
        }
        lifecycle.move(row, TaskStatus.BLOCKED, more);
    }

    private void setBlockedReason(TaskRow row, TaskCommand.SetBlockedReason set) {
        if (row.status != TaskStatus.BLOCKED) {
            throw lifecycle.illegal(row, TaskStatus.BLOCKED);
        }
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put("blocked_reason", set.reason().wireName());
        payload.put(Fields.BLOCKED_DETAIL, set.detail() == null ? null : text("detail", set.detail()));
        change(row, payload);
    }

    private void defer(TaskRow row, TaskCommand.Defer defer) {
        lifecycle.requireNext(row, TaskStatus.DEFERRED);
        Map<String, @Nullable Object> more = new LinkedHashMap<>();
        more.put("reason", text("reason", defer.reason()));
        Instant until = defer.until();
        if (until != null) {
            more.put("until", until.toEpochMilli());
        }
        lifecycle.move(row, TaskStatus.DEFERRED, more);
    }

    private void undefer(TaskRow row) {
        if (row.status != TaskStatus.DEFERRED) {
            throw row.status == TaskStatus.PENDING
                    ? Refusals.noChange(journal.name(row.taskId), row.status)
                    : lifecycle.illegal(row, TaskStatus.PENDING);
        }
        lifecycle.move(row, TaskStatus.PENDING, lifecycle.becomingPending(row));
    }

    private void schedule(TaskRow row, Instant at) {
        if (row.status != TaskStatus.PENDING && row.status != TaskStatus.DEFERRED) {
            throw lifecycle.illegal(row, TaskStatus.PENDING);
        }
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put(Fields.SCHEDULED_AT, at.toEpochMilli());
        boolean waitsToRetry = row.pendingReason == PendingReason.RETRY_BACKOFF
                && row.notBefore != null
                && row.notBefore >= at.toEpochMilli();
        if (row.status == TaskStatus.PENDING && !waitsToRetry) {
            boolean future = at.toEpochMilli() > journal.now();
            payload.put("not_before", future ? (Long) at.toEpochMilli() : null);
            payload.put("pending_reason", (future ? PendingReason.SCHEDULED : lifecycle.pendingReason(row)).wireName());
        }
        change(row, payload);
    }

    private void delegate(TaskRow row, TaskCommand.Delegate delegate) {
        Limits.requireId("agent", delegate.to());
        lifecycle.requireNext(row, TaskStatus.DELEGATED);
        Map<String, @Nullable Object> more = new LinkedHashMap<>();
        more.put("delegated_to", delegate.to());
        more.put("delegation_type", delegate.type().wireName());
        more.put("reason", delegate.type().wireName() + " to " + delegate.to());
        if (delegate.lease() != null) {
            more.put("lease_until", journal.now() + Limits.requireDuration("lease", delegate.lease()));
        }
        lifecycle.move(row, TaskStatus.DELEGATED, Projection.DELEGATED, more);
    }

    private void requireDelegated(TaskRow row, TaskStatus to) {
        if (row.status != TaskStatus.DELEGATED) {
            throw row.status == to ? Refusals.noChange(journal.name(row.taskId), to) : lifecycle.illegal(row, to);
        }
    }

    private void request(TaskRow row, String field, String reason) {
        if (row.status.isTerminal()) {
            throw lifecycle.illegal(row, TaskStatus.CANCELLED);
        }
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put(field, true);
        payload.put("reason", text("reason", reason));
        change(row, payload);
    }

    private void reprioritize(TaskRow row, int priority) {
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put("priority", (long) priority);
        if (row.field(Fields.DATA_HASH) != null) {
            TaskRow changed = row.copy();
            changed.priority = priority;
            payload.put(Fields.DATA_HASH, Definition.hash(changed, journal.edgesTo(row.taskId)));
        }
        change(row, payload);
    }

    private void progress(TaskRow row, int percent, @Nullable String step) {
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put(Fields.PROGRESS, (long) percent);
        if (step != null) {
            payload.put(
                    "checkpoint",
                    Map.of(
                            "description", text("step", step),
                            "progress", (long) percent,
                            "timestamp", EventChain.format(journal.now())));
        }
        change(row, payload);
    }

    private void postStatus(TaskRow row, TaskCommand.PostStatus post) {
        Map<String, @Nullable Object> message = new LinkedHashMap<>();
        message.put("message", Limits.requireText("message", post.message()));
        message.put("timestamp", EventChain.format(journal.now()));
        if (row.field(Fields.PROGRESS) != null) {
            message.put(Fields.PROGRESS, row.number(Fields.PROGRESS));
        }
        if (!post.metadata().isEmpty()) {
            message.put(
                    "metadata",
                    CanonicalJson.read(
                            journal.redacted(post.metadata(), journal.options().maxPayloadBytes())
                                    .text()));
        }
        change(row, Map.of("status_message", message));
    }

    private static long amount(Spark amount) {
        Limits.requireRange("amount in micro-Spark", amount.micro(), 0, Long.MAX_VALUE);
        return amount.micro();
    }

    private static long spent(TaskRow row, long more) {
        return sum(row.numberOr0(Fields.SPARK_SPENT), more);
    }

    private static long sum(long one, long other) {
        try {
            return Math.addExact(one, other);
        } catch (ArithmeticException e) {
            throw Limits.invalid("an amount of %s Spark is too much to count".formatted(new Spark(other)));
        }
    }

    private void reserve(TaskRow row, long amount) {
        Long budget = row.number(Fields.SPARK_BUDGET);
        long reserved = sum(row.numberOr0(Fields.SPARK_RESERVED), amount);
        if (budget != null && sum(row.numberOr0(Fields.SPARK_SPENT), reserved) > budget) {
            throw new LedgerException(
                    "BUDGET_EXHAUSTED",
                    "task %s has %s Spark, %s spent and %s set aside: %s more is too much"
                            .formatted(
                                    journal.name(row.taskId),
                                    new Spark(budget),
                                    new Spark(row.numberOr0(Fields.SPARK_SPENT)),
                                    new Spark(row.numberOr0(Fields.SPARK_RESERVED)),
                                    new Spark(amount)));
        }
        change(row, Map.of(Fields.SPARK_RESERVED, reserved));
    }

    private void settle(TaskRow row, long reserved, long spent) {
        long before = row.numberOr0(Fields.SPARK_RESERVED);
        if (reserved > before) {
            throw Limits.invalid("task %s has only %s Spark set aside, not %s"
                    .formatted(journal.name(row.taskId), new Spark(before), new Spark(reserved)));
        }
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put(Fields.SPARK_RESERVED, before == reserved ? null : (Long) (before - reserved));
        payload.put(Fields.SPARK_SPENT, spent(row, spent));
        change(row, payload);
    }

    private void own(TaskRow row, TaskCommand.Own own) {
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        put(payload, "owner_node_id", own.nodeId());
        put(payload, Fields.OWNER_USER, own.userId());
        put(payload, Fields.OWNER_PROMPT, own.promptId());
        if (payload.isEmpty()) {
            throw Limits.invalid("own needs a node, a user or a prompt");
        }
        payload.put(Fields.OWNED_AT, journal.now());
        change(row, payload);
    }

    private static void put(Map<String, @Nullable Object> payload, String field, @Nullable String id) {
        if (id != null) {
            payload.put(field, Limits.requireId(field, id));
        }
    }

    private void change(TaskRow row, Map<String, ? extends @Nullable Object> payload) {
        journal.change(row, Projection.UPDATED, payload);
    }
}
