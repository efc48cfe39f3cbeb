package dev.hart.ledger;

import dev.hart.Spark;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What may be asked of one task. A command is refused with an exception and changes nothing, or is accepted and appends its
 * events. {@link TaskStatus#next} says which changes of status are legal.
 */
public sealed interface TaskCommand {

    /**
     * Begins work: pending, deferred, delegated or resuming becomes in progress.
     *
     * @param force whether prerequisites, blockers and children that are open do not count
     */
    record Start(boolean force) implements TaskCommand {}

    /**
     * Ends a task in progress or delegated with its result.
     *
     * @param result a {@code dev.hart.json} value
     * @param force whether open children do not count
     */
    record Complete(@Nullable Object result, boolean force) implements TaskCommand {}

    /** Ends a task without success, whatever retries are left. */
    record Fail(String error, FailureReason reason) implements TaskCommand {}

    /**
     * Notes a failed attempt: the task goes back to pending for a while, or fails at once for a reason not worth a retry, and
     * with {@code max_retries_exceeded} when no attempt is left.
     */
    record FailAttempt(String error, FailureReason reason) implements TaskCommand {}

    /** Gives a task back that was claimed: it is pending again, and no attempt has failed. */
    record Release(String reason) implements TaskCommand {}

    /** Holds a task that can go on later. */
    record Pause(String reason) implements TaskCommand {}

    /** Stops a running task at a person's wish. */
    record Stop(String reason) implements TaskCommand {}

    /** Holds a task that cannot go on by itself. */
    record Block(BlockedReason reason, @Nullable String detail) implements TaskCommand {}

    /** Lets a paused, stopped or blocked task go on: in progress if it had started, else pending. */
    record Resume(String reason) implements TaskCommand {}

    /** Ends a task that is not running. */
    record Cancel(String reason) implements TaskCommand {}

    /** Ends a running, paused or stopped task for good. */
    record Terminate(String reason) implements TaskCommand {}

    /** Ends a task that is not needed; those who wait for it may go on. */
    record Skip(String reason) implements TaskCommand {}

    /** Ends a task that does not apply; those who wait for it may go on. */
    record MarkNotApplicable(String reason) implements TaskCommand {}

    /**
     * Puts a task off.
     *
     * @param until when it becomes pending by itself; null for not before {@link Undefer}
     */
    record Defer(String reason, @Nullable Instant until) implements TaskCommand {}

    /** Makes a deferred task pending. */
    record Undefer() implements TaskCommand {}

    /** Lets a pending or deferred task wait for a time. */
    record Schedule(Instant at) implements TaskCommand {}

    /**
     * Hands a task to another agent.
     *
     * @param lease after this time it is pending again unless it came back; null for never
     */
    record Delegate(
            String to, DelegationType type, @Nullable Duration lease) implements TaskCommand {}

    /** Ends a delegated task with what the other agent gave. */
    record CompleteDelegation(@Nullable Object result) implements TaskCommand {}

    /** Takes a delegated task back, in progress. */
    record ReclaimDelegation() implements TaskCommand {}

    /** Takes a completed task's result back. */
    record RollBack(String reason) implements TaskCommand {}

    /** Asks whoever works on the task to stop; they learn it with the next heartbeat. */
    record RequestCancel(String reason) implements TaskCommand {}

    /** Asks whoever works on the task to pause it; they learn it with the next heartbeat. */
    record RequestPause(String reason) implements TaskCommand {}

    /** Changes the priority; put into 0 to 100. */
    record Reprioritize(int priority) implements TaskCommand {}

    /**
     * Notes how far the task is.
     *
     * @param percent put into 0 to 100
     * @param step what was reached, or null
     */
    record Progress(int percent, @Nullable String step) implements TaskCommand {}

    /**
     * Says something about the task; the last 50 are kept in its row.
     *
     * @param metadata {@code dev.hart.json} values, perhaps none
     */
    record PostStatus(String message, Map<String, ? extends @Nullable Object> metadata) implements TaskCommand {}

    /** Counts what was spent, whether or not it is within the budget. */
    record RecordSpend(Spark amount) implements TaskCommand {}

    /** Sets an amount aside before a paid call, if the budget still has it. */
    record Reserve(Spark amount) implements TaskCommand {}

    /** Counts what a paid call did cost, and gives back what was set aside for it. */
    record Settle(Spark reserved, Spark spent) implements TaskCommand {}

    /** Notes whose the task is; null parts stay as they are. */
    record Own(
            @Nullable String nodeId,
            @Nullable String userId,
            @Nullable String promptId) implements TaskCommand {}

    /** Changes why a blocked task is blocked. */
    record SetBlockedReason(BlockedReason reason, @Nullable String detail) implements TaskCommand {}

    /** The name in routes and on the command line, such as {@code complete_delegation}. */
    default String name() {
        return getClass().getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "_").toLowerCase(java.util.Locale.ROOT);
    }

    static Start start() {
        return new Start(false);
    }

    static Complete complete(@Nullable Object result) {
        return new Complete(result, false);
    }

    static Fail fail(String error) {
        return new Fail(error, FailureReason.ERROR);
    }

    static FailAttempt failAttempt(String error) {
        return new FailAttempt(error, FailureReason.ERROR);
    }
}
