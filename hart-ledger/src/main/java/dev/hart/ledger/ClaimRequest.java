package dev.hart.ledger;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A worker's wish for tasks. Begin with {@link #by}.
 *
 * @param leaseTime how long the claim lasts without a heartbeat, 1 s to 24 h; null for the ledger's own
 * @param taskId the one task wanted; null for whichever is next
 * @param most how many tasks at most, 1 to 1000
 * @param parallelOnly whether only tasks of {@link ExecutionMode#PARALLEL} are wanted
 */
public record ClaimRequest(
        WorkerProfile worker,
        @Nullable Duration leaseTime,
        @Nullable String taskId,
        int most,
        boolean parallelOnly) {

    public ClaimRequest {
        Limits.requireRange("most", most, 1, Limits.MAX_EVENTS_PER_PAGE);
        if (leaseTime != null) {
            Limits.requireRange(
                    "leaseTime in ms",
                    leaseTime.toMillis(),
                    1000,
                    Duration.ofDays(1).toMillis());
        }
    }

    /** One task, for the ledger's lease time. */
    public static ClaimRequest by(WorkerProfile worker) {
        return new ClaimRequest(worker, null, null, 1, false);
    }

    public ClaimRequest leasedFor(Duration time) {
        return new ClaimRequest(worker, time, taskId, most, parallelOnly);
    }

    public ClaimRequest task(String id) {
        return new ClaimRequest(worker, leaseTime, id, most, parallelOnly);
    }

    public ClaimRequest atMost(int tasks) {
        return new ClaimRequest(worker, leaseTime, taskId, tasks, parallelOnly);
    }

    public ClaimRequest onlyParallel() {
        return new ClaimRequest(worker, leaseTime, taskId, most, true);
    }
}
