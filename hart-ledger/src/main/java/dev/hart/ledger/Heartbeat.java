package dev.hart.ledger;

import java.time.Instant;

/**
 * What a worker is told when it shows that it lives.
 *
 * @param leaseUntil when the lease ends now
 * @param cancelRequested whether it should stop the work and cancel or fail the task
 * @param pauseRequested whether it should pause the task as soon as it can
 * @param budgetExhausted whether the task's time or Spark is spent; the task has failed then and the lease is over
 */
public record Heartbeat(Instant leaseUntil, boolean cancelRequested, boolean pauseRequested, boolean budgetExhausted) {}
