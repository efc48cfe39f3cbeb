package dev.hart.ledger;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Does to a task what time alone demands: wakes it, takes it back, fails it, or notes that it is late. */
final class DueTasks {
    private static final int MAX_STEPS = 16;

    private final LedgerId ledger;
    private final LedgerJournal journal;
    private final Lifecycle lifecycle;
    private final Claims claims;

    DueTasks(LedgerId ledger, LedgerJournal journal, Lifecycle lifecycle, Claims claims) {
        this.ledger = ledger;
        this.journal = journal;
        this.lifecycle = lifecycle;
        this.claims = claims;
    }

    /** Whether there was something to do. */
    boolean look(String taskId) {
        TaskRow row = journal.find(taskId);
        for (int step = 0; step < MAX_STEPS && row != null; step++) {
            Long due = row.dueAt();
            if (due == null || due > journal.now()) {
                return step > 0;
            }
            once(row);
        }
        return row != null;
    }

    private void once(TaskRow row) {
        long now = journal.now();
        if (row.leaseUntil != null && row.leaseUntil <= now) {
            if (row.status == TaskStatus.DELEGATED) {
                Map<String, @Nullable Object> payload = lifecycle.becomingPending(row);
                payload.put("reason", "the delegation's lease is over");
                lifecycle.move(row, TaskStatus.PENDING, Projection.LEASE_EXPIRED, payload);
            } else {
                claims.expire(row, "the lease of worker " + row.workerId + " is over", true);
            }
        } else if (row.notBefore != null && row.notBefore <= now) {
            wake(row);
        } else if (row.status == TaskStatus.IN_PROGRESS
                && new Task(ledger, row).isBudgetExhausted(java.time.Instant.ofEpochMilli(now))) {
            claims.exhaust(row);
        } else {
            breach(row);
        }
    }

    private void wake(TaskRow row) {
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put("pending_reason", lifecycle.pendingReason(row).wireName());
        if (row.status == TaskStatus.DEFERRED) {
            payload.put("reason", "its time has come");
            lifecycle.move(row, TaskStatus.PENDING, payload);
        } else {
            journal.change(row, Projection.READY, payload);
        }
    }

    /** Notes once that a task is late; its status stays. */
    void breach(TaskRow row) {
        Map<String, @Nullable Object> message = new LinkedHashMap<>();
        message.put("message", "SLA breached - requesting status update");
        message.put("timestamp", EventChain.format(journal.now()));
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put("task_id", row.taskId);
        payload.put("sla_target_s", Definition.seconds(row.number(Fields.SLA_TARGET)));
        Long deadline = row.number(Fields.DEADLINE);
        payload.put("deadline", deadline == null ? null : EventChain.format(deadline));
        payload.put("action", "status_request");
        payload.put("status_message", message);
        journal.change(row, Projection.SLA_BREACHED, payload);
    }
}
