package dev.hart.ledger;

import dev.hart.error.LedgerException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Gives tasks to workers, and takes them back from those that no longer show that they live. */
final class Claims {
    static final int PAGE = 64;

    private final LedgerId ledger;
    private final LedgerJournal journal;
    private final Lifecycle lifecycle;

    Claims(LedgerId ledger, LedgerJournal journal, Lifecycle lifecycle) {
        this.ledger = ledger;
        this.journal = journal;
        this.lifecycle = lifecycle;
    }

    List<Lease> claim(ClaimRequest request) {
        List<Lease> leases = new ArrayList<>();
        if (journal.isPaused() || !journal.isStored()) {
            return leases;
        }
        Placement placement = new Placement(request.worker(), journal.options());
        String wanted = request.taskId();
        if (wanted != null) {
            TaskRow row = journal.require(wanted);
            if (isEligible(row, request, placement)) {
                leases.add(lease(row, request));
            }
        } else if (journal.options().ageingStep() != null) {
            claimByAge(request, placement, leases);
        } else {
            claimInOrder(request, placement, leases);
        }
        return leases;
    }

    Lease transfer(TaskRow row, ClaimRequest to) {
        TaskRow released = row.copy();
        released.status = TaskStatus.PENDING;
        if (journal.isPaused() || !isEligible(released, to, new Placement(to.worker(), journal.options()))) {
            throw new LedgerException(
                    "NOT_OWNER",
                    "worker %s may not have task %s: the ledger or the task is held, or the worker lacks what it needs"
                            .formatted(to.worker().workerId(), journal.name(row.taskId)));
        }
        release(row, "handed to worker " + to.worker().workerId());
        return lease(row, to);
    }

    private boolean isEligible(TaskRow row, ClaimRequest request, Placement placement) {
        return row.isClaimable()
                && (!request.parallelOnly() || row.executionMode == ExecutionMode.PARALLEL)
                && !(row.hasMore() && new Task(ledger, row).isBudgetExhausted(Instant.ofEpochMilli(journal.now())))
                && placement.allows(row);
    }

    private void claimInOrder(ClaimRequest request, Placement placement, List<Lease> leases) {
        walk(journal.tables(), request.most(), candidate -> {
            TaskRow row = journal.adopt(candidate);
            if (isEligible(row, request, placement)) {
                leases.add(lease(row, request));
            }
            return leases.size() < request.most();
        });
    }

    /** Shows claimable tasks, the most urgent first, until {@code more} says that it is enough. */
    static void walk(LedgerTables tables, int wanted, Predicate<TaskRow> more) {
        int priority = 101;
        long createdNo = 0;
        // The first page is as small as the wish: most often the first tasks will do.
        int page = Math.min(PAGE, wanted);
        while (true) {
            List<TaskRow> candidates = tables.claimable(priority, createdNo, page);
            for (TaskRow candidate : candidates) {
                priority = candidate.priority;
                createdNo = candidate.createdNo;
                if (!more.test(candidate)) {
                    return;
                }
            }
            if (candidates.size() < page) {
                return;
            }
            page = PAGE;
        }
    }

    /**
     * Within one priority the oldest task has waited longest, so the next task is the oldest of one of the priorities, of
     * which there are 101.
     */
    private void claimByAge(ClaimRequest request, Placement placement, List<Lease> leases) {
        while (leases.size() < request.most()) {
            TaskRow best = null;
            long bestPriority = -1;
            LedgerTables tables = journal.tables();
            for (int priority = tables.highestClaimable(101);
                    priority >= 0;
                    priority = tables.highestClaimable(priority)) {
                for (TaskRow candidate : tables.claimableOf(priority, PAGE)) {
                    TaskRow row = journal.adopt(candidate);
                    if (isEligible(row, request, placement)) {
                        long effective = effectivePriority(row);
                        if (effective > bestPriority
                                || effective == bestPriority && best != null && row.createdNo < best.createdNo) {
                            best = row;
                            bestPriority = effective;
                        }
                        break;
                    }
                }
            }
            if (best == null) {
                return;
            }
            leases.add(lease(best, request));
        }
    }

    private long effectivePriority(TaskRow row) {
        Duration step = java.util.Objects.requireNonNull(journal.options().ageingStep());
        return Math.min(100, row.priority + Math.max(0, journal.now() - row.createdAt) / step.toMillis());
    }

    private Lease lease(TaskRow row, ClaimRequest request) {
        Duration time = request.leaseTime() == null ? journal.options().leaseTime() : request.leaseTime();
        long until = journal.now() + time.toMillis();
        WorkerProfile worker = request.worker();
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put("lease", row.leaseToken + 1);
        payload.put("lease_until", until);
        payload.put("worker_id", worker.workerId());
        payload.put("node_id", worker.nodeId());
        payload.put("incarnation", worker.incarnation());
        lifecycle.move(row, TaskStatus.IN_PROGRESS, Projection.CLAIMED, payload);
        return new Lease(new Task(ledger, row.copy()), row.leaseToken, Instant.ofEpochMilli(until), time);
    }

    /** Refuses a caller whose lease is not the task's present one. */
    void requireLease(TaskRow row, long token) {
        if (row.leaseToken != token || row.leaseUntil == null || row.status != TaskStatus.IN_PROGRESS) {
            throw Refusals.staleLease(journal.name(row.taskId), token, row.leaseToken);
        }
    }

    Heartbeat heartbeat(String taskId, long token, Duration time) {
        TaskRow row = journal.requireLocked(taskId);
        requireLease(row, token);
        // A clock that was put back does not shorten a lease.
        long until = Math.max(journal.now() + time.toMillis(), java.util.Objects.requireNonNull(row.leaseUntil));
        boolean exhausted = new Task(ledger, row).isBudgetExhausted(Instant.ofEpochMilli(journal.now()));
        Heartbeat answer = new Heartbeat(
                Instant.ofEpochMilli(until),
                row.isTrue(Fields.CANCEL_REQUESTED),
                row.isTrue(Fields.PAUSE_REQUESTED),
                exhausted);
        if (exhausted) {
            exhaust(row);
            return answer;
        }
        row.leaseUntil = until;
        row.heartbeatAt = journal.now();
        if (journal.options().logHeartbeats()) {
            journal.change(row, Projection.LEASE_RENEWED, Map.of("lease_until", until));
        } else {
            journal.touch(row);
        }
        return answer;
    }

    /** Fails a running task whose time or Spark is spent. */
    void exhaust(TaskRow row) {
        boolean budget = row.isBudgetSpent()
                || row.number(Fields.TIME_BUDGET) != null
                        && row.runningSince != null
                        && row.timeSpentMs + journal.now() - row.runningSince >= row.numberOr0(Fields.TIME_BUDGET);
        if (budget) {
            journal.record(
                    row.taskId,
                    Projection.BUDGET_EXHAUSTED,
                    new CanonicalJson.Raw(CanonicalJson.write(Map.of("time_spent_ms", row.timeSpentMs))));
            lifecycle.fail(row, "its budget is spent", FailureReason.BUDGET_EXHAUSTED);
        } else {
            lifecycle.fail(row, "it took longer than its timeout", FailureReason.TIMEOUT);
        }
    }

    /** Takes a task back whose lease is over; a failed attempt. */
    void expire(TaskRow row, String why, boolean delayed) {
        lifecycle.retryOrFail(row, Projection.LEASE_EXPIRED, why, FailureReason.LEASE_EXPIRED, delayed);
    }

    void release(TaskRow row, String reason) {
        if (row.status != TaskStatus.IN_PROGRESS || row.leaseUntil == null) {
            throw new LedgerException(
                    "NO_CHANGE",
                    "task %s is %s and nobody has a lease on it"
                            .formatted(journal.name(row.taskId), row.status.wireName()));
        }
        Map<String, @Nullable Object> payload = lifecycle.becomingPending(row);
        if (!reason.isEmpty()) {
            payload.put("reason", reason);
        }
        lifecycle.move(row, TaskStatus.PENDING, Projection.RELEASED, payload);
    }
}
