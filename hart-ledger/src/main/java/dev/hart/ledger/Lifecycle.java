package dev.hart.ledger;

import static dev.hart.ledger.LedgerJournal.transition;

import dev.hart.error.LedgerException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Changes of status, and what follows from them for the tasks that wait. What follows is done from a queue, not by recursion:
 * a chain of waiting tasks may be as long as it likes.
 */
final class Lifecycle {
    /** A task that has changed its status and whose waiters have not been told. */
    private record Change(TaskRow row, TaskStatus from) {}

    private final LedgerJournal journal;
    private final Deque<Change> untold = new ArrayDeque<>();

    Lifecycle(LedgerJournal journal) {
        this.journal = journal;
    }

    /** Refuses a change that the life cycle does not know. */
    void requireNext(TaskRow row, TaskStatus to) {
        if (row.status == to) {
            throw Refusals.noChange(journal.name(row.taskId), to);
        }
        if (!row.status.canBecome(to)) {
            throw illegal(row, to);
        }
    }

    RuntimeException illegal(TaskRow row, TaskStatus to) {
        return Refusals.illegal(journal.name(row.taskId), row.status, to);
    }

    /** A legal change of status, and everything that follows from it. */
    TaskRow move(TaskRow row, TaskStatus to, String event, Map<String, ? extends @Nullable Object> more) {
        change(row, to, event, more);
        tell();
        return row;
    }

    TaskRow move(TaskRow row, TaskStatus to, Map<String, ? extends @Nullable Object> more) {
        return move(row, to, Projection.TRANSITIONED, more);
    }

    private void change(TaskRow row, TaskStatus to, String event, Map<String, ? extends @Nullable Object> more) {
        TaskStatus from = row.status;
        if (to.isTerminal() && row.isLateAt(journal.now())) {
            journal.change(row, Projection.SLA_BREACHED, DueTasks.breach(row, journal.now()));
        }
        Map<String, @Nullable Object> payload = transition(row, to);
        payload.putAll(more);
        journal.change(row, event, payload);
        untold.add(new Change(row, from));
    }

    private void tell() {
        for (Change next = untold.poll(); next != null; next = untold.poll()) {
            tellDependents(next);
            tellParent(next);
        }
    }

    void start(TaskRow row, boolean force) {
        requireNext(row, TaskStatus.IN_PROGRESS);
        if (!force) {
            requireReady(row);
        }
        move(row, TaskStatus.IN_PROGRESS, Map.of());
    }

    private void requireReady(TaskRow row) {
        List<String> open = new ArrayList<>();
        if (row.unmetEdges > 0) {
            open.addAll(unmet(row));
        }
        if (row.hasOpenChildren) {
            open.addAll(journal.tables().openChildren(row.taskId));
        }
        if (!open.isEmpty()) {
            throw new LedgerException(
                    "NOT_READY",
                    "task %s waits for %s: finish them first, or start it by force"
                            .formatted(journal.name(row.taskId), String.join(", ", open)));
        }
    }

    /** The ids of what a task still waits for, by prerequisites and blockers. */
    List<String> unmet(TaskRow row) {
        return journal.edgesTo(row.taskId).stream()
                .filter(edge -> !edge.isSatisfiedBy(journal.require(edge.from()).status))
                .map(Edge::from)
                .toList();
    }

    void complete(TaskRow row, CanonicalJson.@Nullable Raw result, boolean force, boolean delegated) {
        requireNext(row, TaskStatus.COMPLETED);
        if (!force && row.hasOpenChildren) {
            throw new LedgerException(
                    "OPEN_CHILDREN",
                    "task %s has the open children %s: finish them first, or complete it by force"
                            .formatted(
                                    journal.name(row.taskId),
                                    String.join(", ", journal.tables().openChildren(row.taskId))));
        }
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        if (result != null) {
            payload.put("result", result);
            if (delegated) {
                payload.put("delegation_result", result);
            }
        }
        payload.putAll(recipients(row));
        move(row, TaskStatus.COMPLETED, payload);
    }

    /** Who is told that a task is completed; part of that event, as edges may change later. */
    private Map<String, @Nullable Object> recipients(TaskRow row) {
        if (!row.hasDependents || !journal.options().messages()) {
            return Map.of();
        }
        return Map.of(
                "dependents",
                journal.edgesFrom(row.taskId).stream().map(Edge::to).distinct().toList());
    }

    void fail(TaskRow row, String error, FailureReason reason) {
        requireNext(row, TaskStatus.FAILED);
        move(row, TaskStatus.FAILED, failure(error, reason));
    }

    private static Map<String, @Nullable Object> failure(String error, FailureReason reason) {
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put("error", error);
        payload.put("failure_reason", reason.wireName());
        payload.put("reason", reason.wireName() + ": " + error);
        return payload;
    }

    /** A failed attempt of a task in progress or blocked: it is repeated, or the task fails. */
    void failAttempt(TaskRow row, String error, FailureReason reason) {
        if (row.status != TaskStatus.IN_PROGRESS && row.status != TaskStatus.BLOCKED) {
            throw illegal(row, TaskStatus.FAILED);
        }
        if (reason == FailureReason.VALIDATION_FAILED || reason == FailureReason.PERMISSION_DENIED) {
            fail(row, error, reason);
        } else {
            retryOrFail(row, Projection.RETRIED, error, reason, true);
        }
    }

    void retryOrFail(TaskRow row, String event, String error, FailureReason reason, boolean delayed) {
        if (row.retryCount >= row.maxRetries) {
            String type = event.equals(Projection.RETRIED) ? Projection.TRANSITIONED : event;
            move(row, TaskStatus.FAILED, type, failure(error, FailureReason.MAX_RETRIES_EXCEEDED));
            return;
        }
        int retries = row.retryCount + 1;
        Map<String, @Nullable Object> payload = failure(error, reason);
        payload.put("retry_count", (long) retries);
        payload.putAll(becomingPending(row));
        if (delayed) {
            long again = journal.now() + retryDelayMillis(retries);
            Long scheduled = (Long) payload.get("not_before");
            payload.put("pending_reason", PendingReason.RETRY_BACKOFF.wireName());
            payload.put("not_before", scheduled == null ? (Long) again : (Long) Math.max(again, scheduled));
        }
        move(row, TaskStatus.PENDING, event, payload);
    }

    private long retryDelayMillis(int retries) {
        LedgerOptions options = journal.options();
        int doublings = Math.min(retries - 1, 30);
        long delay = Math.min(options.retryCap().toMillis(), options.retryBase().toMillis() << doublings);
        return options.retryJitter() == 0
                ? delay
                : delay
                        + (long) (delay
                                * options.retryJitter()
                                * ThreadLocalRandom.current().nextDouble());
    }

    /** What a task that becomes pending now waits for, time left aside. */
    PendingReason pendingReason(TaskRow row) {
        return row.unmetEdges == 0 && !row.hasOpenChildren ? PendingReason.READY : PendingReason.AWAITING_PREREQUISITES;
    }

    Map<String, @Nullable Object> becomingPending(TaskRow row) {
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        Long scheduled = row.number(Fields.SCHEDULED_AT);
        if (scheduled != null && scheduled > journal.now()) {
            payload.put("pending_reason", PendingReason.SCHEDULED.wireName());
            payload.put("not_before", scheduled);
        } else {
            payload.put("pending_reason", pendingReason(row).wireName());
        }
        return payload;
    }

    void resume(TaskRow row, String reason) {
        if (!row.status.isResumable()) {
            throw row.status == TaskStatus.IN_PROGRESS
                    ? Refusals.noChange(journal.name(row.taskId), row.status)
                    : illegal(row, TaskStatus.RESUMING);
        }
        Map<String, @Nullable Object> why = reason.isEmpty() ? Map.of() : Map.of("reason", reason);
        if (row.startedAt == null) {
            Map<String, @Nullable Object> payload = becomingPending(row);
            payload.putAll(why);
            move(row, TaskStatus.PENDING, Projection.REQUEUED, payload);
        } else {
            run(row, Projection.TRANSITIONED, why);
            endIfDone(row);
        }
    }

    /** A container that was held while its last child ended ends when it goes on. */
    private void endIfDone(TaskRow row) {
        if (row.isTrue(Fields.AUTO_COMPLETE)
                && !row.hasOpenChildren
                && !journal.tables().children(row.taskId).isEmpty()) {
            endContainer(row);
            tell();
        }
    }

    private void run(TaskRow row, String firstEvent, Map<String, ? extends @Nullable Object> more) {
        change(row, TaskStatus.RESUMING, firstEvent, more);
        change(row, TaskStatus.IN_PROGRESS, Projection.TRANSITIONED, Map.of());
        tell();
    }

    /** Lets a blocked task go on that nothing blocks any more, as the ledger's rule says. */
    private void autoResume(TaskRow row, Map<String, ? extends @Nullable Object> more) {
        boolean run = switch (journal.options().resume()) {
            case RUN -> true;
            case REQUEUE -> false;
            case AUTO -> row.startedAt != null && row.leaseToken == 0;
        };
        if (run) {
            change(row, TaskStatus.RESUMING, Projection.AUTO_RESUMED, more);
            change(row, TaskStatus.IN_PROGRESS, Projection.TRANSITIONED, Map.of());
        } else {
            Map<String, @Nullable Object> payload = becomingPending(row);
            payload.putAll(more);
            change(row, TaskStatus.PENDING, Projection.AUTO_RESUMED, payload);
        }
    }

    private void tellDependents(Change change) {
        TaskRow ended = change.row();
        if (!ended.hasDependents || !(ended.status.isTerminal() || change.from().isTerminal())) {
            return;
        }
        List<Edge> edges = journal.edgesFrom(ended.taskId);
        if (ended.status == TaskStatus.COMPLETED && journal.options().messages()) {
            sendMessages(ended, edges);
        }
        for (Edge edge : edges) {
            boolean was = edge.isSatisfiedBy(change.from());
            boolean is = edge.isSatisfiedBy(ended.status);
            boolean dies = edge.isDeadBy(ended.status) && !edge.isDeadBy(change.from());
            if (was == is && !dies) {
                continue;
            }
            TaskRow waiter = journal.require(edge.to());
            if (was != is) {
                waiter.unmetEdges += is ? -1 : 1;
                journal.touch(waiter);
            }
            if (waiter.status.isTerminal()) {
                continue;
            }
            if (dies) {
                dependencyFailed(waiter, ended.taskId);
            } else if (is && waiter.unmetEdges == 0) {
                release(waiter);
            } else if (was && waiter.pendingReason == PendingReason.READY) {
                journal.change(
                        waiter,
                        Projection.UPDATED,
                        Map.of("pending_reason", PendingReason.AWAITING_PREREQUISITES.wireName()));
            }
        }
    }

    private void sendMessages(TaskRow sender, List<Edge> edges) {
        Set<String> told = new HashSet<>();
        for (Edge edge : edges) {
            if (told.add(edge.to())) {
                Rebuild.messages(sender, edge.to(), journal.now()).forEach(journal.unflushed()::insertMessage);
            }
        }
    }

    private void dependencyFailed(TaskRow waiter, String ended) {
        journal.change(waiter, Projection.DEPENDENCY_FAILED, Map.of("prerequisite_failed", ended));
        if (journal.options().onDependencyFailure() == DependencyFailureRule.CANCEL
                && waiter.status.canBecome(TaskStatus.CANCELLED)) {
            change(
                    waiter,
                    TaskStatus.CANCELLED,
                    Projection.TRANSITIONED,
                    Map.of("reason", "prerequisite " + ended + " ended otherwise"));
        }
    }

    /** Nothing that a task waits for holds it any more; time and children still may. */
    private void release(TaskRow waiter) {
        if (waiter.hasOpenChildren) {
            return;
        }
        if (waiter.status == TaskStatus.PENDING) {
            Map<String, @Nullable Object> payload = new LinkedHashMap<>();
            if (waiter.notBefore != null) {
                payload.put("pending_reason", PendingReason.SCHEDULED.wireName());
                payload.put("not_before", waiter.notBefore);
            }
            journal.change(waiter, Projection.READY, payload);
        } else if (waiter.status == TaskStatus.BLOCKED && waitsForOthers(waiter)) {
            List<String> failed = failedChildren(waiter);
            if (failed.isEmpty()) {
                autoResume(waiter, Map.of());
            } else {
                childrenFailed(waiter, failed);
            }
        }
    }

    /** An edge of the task was taken away. */
    void released(TaskRow row) {
        if (row.unmetEdges == 0 && !row.status.isTerminal()) {
            release(row);
            tell();
        }
    }

    private static boolean waitsForOthers(TaskRow row) {
        return row.blockedReason == null || row.blockedReason == BlockedReason.DEPENDENCY;
    }

    private void tellParent(Change change) {
        TaskRow child = change.row();
        if (child.parentTaskId == null
                || !child.status.isTerminal()
                || change.from().isTerminal()) {
            return;
        }
        TaskRow parent = journal.require(child.parentTaskId);
        if (!parent.hasOpenChildren || journal.hasOpenChild(parent.taskId)) {
            return;
        }
        parent.hasOpenChildren = false;
        journal.touch(parent);
        if (parent.status.isTerminal()) {
            return;
        }
        if (parent.isTrue(Fields.AUTO_COMPLETE) && parent.status == TaskStatus.IN_PROGRESS) {
            endContainer(parent);
        } else if (parent.unmetEdges == 0) {
            release(parent);
        }
    }

    private void endContainer(TaskRow container) {
        List<String> failed = failedChildren(container);
        if (failed.isEmpty()) {
            change(container, TaskStatus.COMPLETED, Projection.TRANSITIONED, recipients(container));
        } else {
            change(
                    container,
                    TaskStatus.FAILED,
                    Projection.TRANSITIONED,
                    failure("these did not succeed: " + String.join(", ", failed), FailureReason.DEPENDENCY_FAILED));
        }
    }

    private void childrenFailed(TaskRow parent, List<String> failed) {
        switch (journal.options().onChildFailure()) {
            case RESUME_PARENT -> autoResume(parent, Map.of("failed_children", failed));
            case WAIT -> {}
            case FAIL_PARENT ->
                change(
                        parent,
                        TaskStatus.FAILED,
                        Projection.TRANSITIONED,
                        failure(
                                "these children did not succeed: " + String.join(", ", failed),
                                FailureReason.DEPENDENCY_FAILED));
        }
    }

    /** Children that ended without success and were not repeated; at most 100. */
    private List<String> failedChildren(TaskRow parent) {
        List<TaskRow> children =
                journal.tables().tasks("WHERE ledger_id = ? AND parent_task_id = ? ORDER BY created_no", parent.taskId);
        Set<String> repeated = new HashSet<>();
        children.forEach(child -> {
            if (child.supersedes != null) {
                repeated.add(child.supersedes);
            }
        });
        return children.stream()
                .filter(child -> !child.status.isResolved() && !repeated.contains(child.taskId))
                .map(child -> child.taskId)
                .limit(100)
                .toList();
    }

    /** Cancels a task, and with it what waits for it; tasks that cannot be cancelled are passed over. */
    Cascade cancelCascade(TaskRow first, String reason) {
        Limits.requireLength("reason", reason);
        List<String> cancelled = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        for (TaskRow row : dependentsOf(first)) {
            if (row.status.canBecome(TaskStatus.CANCELLED)) {
                change(row, TaskStatus.CANCELLED, Projection.TRANSITIONED, Map.of("reason", reason));
                cancelled.add(row.taskId);
            } else if (!row.status.isTerminal() || row == first) {
                refused.add(row.taskId);
            }
        }
        tell();
        return new Cascade(cancelled, refused);
    }

    /** Takes back the results of a completed task and of all completed ones that needed it, the last first. */
    Cascade rollBackCascade(TaskRow first, String reason) {
        Limits.requireLength("reason", reason);
        requireNext(first, TaskStatus.ROLLED_BACK);
        List<TaskRow> all = dependentsOf(first);
        List<String> running = all.stream()
                .filter(row -> row.status.isActive())
                .map(row -> row.taskId)
                .toList();
        if (!running.isEmpty()) {
            throw new LedgerException(
                    "NOT_READY",
                    "task %s cannot be rolled back while %s work with its result: end them first"
                            .formatted(journal.name(first.taskId), String.join(", ", running)));
        }
        List<String> rolledBack = new ArrayList<>();
        for (TaskRow row : Walks.lastFirst(all, this::edgesTo)) {
            if (row.status == TaskStatus.COMPLETED) {
                change(row, TaskStatus.ROLLED_BACK, Projection.ROLLED_BACK, Map.of("reason", reason));
                rolledBack.add(row.taskId);
            }
        }
        tell();
        return new Cascade(rolledBack, List.of());
    }

    private List<Edge> edgesTo(String taskId) {
        return journal.edgesTo(taskId);
    }

    /** A task and everything that waits for it over any number of steps, in the order of discovery. */
    private List<TaskRow> dependentsOf(TaskRow first) {
        Map<String, TaskRow> found = new LinkedHashMap<>();
        Deque<TaskRow> next = new ArrayDeque<>(List.of(first));
        found.put(first.taskId, first);
        while (!next.isEmpty()) {
            TaskRow row = next.poll();
            if (!row.hasDependents) {
                continue;
            }
            for (Edge edge : journal.edgesFrom(row.taskId)) {
                if (!found.containsKey(edge.to())) {
                    TaskRow waiter = journal.require(edge.to());
                    found.put(edge.to(), waiter);
                    next.add(waiter);
                }
            }
        }
        return new ArrayList<>(found.values());
    }
}
