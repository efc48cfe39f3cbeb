package dev.hart.ledger;

import java.time.Duration;
import java.time.Instant;

/**
 * The right to work on a task for a time. What is done under an older lease than the task's newest is refused, so a worker
 * that was thought dead cannot spoil the work of the one that took over.
 *
 * @param task as it was claimed
 * @param token larger with each claim of the task; give it to whatever the work changes outside
 * @param until when it ends, unless it is prolonged
 * @param duration what a heartbeat prolongs it by, from then on
 */
public record Lease(Task task, long token, Instant until, Duration duration) {

    public String taskId() {
        return task.taskId();
    }

    public int attempt() {
        return task.attempt();
    }

    /** Stays the same over all attempts: give it to calls with side effects. */
    public String idempotencyKey() {
        return task.ledger().key() + "/" + task.taskId();
    }
}
