package dev.hart.core.run;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that a question whose deadline passes is given up while this process lives: the run that asks is woken, or taken up when
 * nobody drives it. The real timer only says when to look; whether the deadline has passed is for the clock. Thread-safe.
 */
final class QuestionAlarm {
    private static final Logger LOG = LoggerFactory.getLogger(QuestionAlarm.class);
    /** A clock that a test holds still is looked at this often. */
    private static final long SHORTEST_MILLIS = 1_000;

    private final RunContext context;
    private final ActiveRuns active;
    private final Executor runners;
    private final Consumer<String> takeUp;

    /**
     * An alarm.
     *
     * @param runners run what takes long
     * @param takeUp takes up a run that waits for a person, and blocks until it is over or waits again
     */
    QuestionAlarm(RunContext context, ActiveRuns active, Executor runners, Consumer<String> takeUp) {
        this.context = context;
        this.active = active;
        this.runners = runners;
        this.takeUp = takeUp;
    }

    /** Looks at the run again at that time. */
    void set(String runId, Instant time) {
        long millis = Duration.between(context.clock().instant(), time).toMillis();
        schedule(runId, time, Math.max(0, millis));
    }

    private void schedule(String runId, Instant time, long millis) {
        try {
            context.timer().schedule(() -> ring(runId, time), millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("the deadline of run {} is looked at by the next process", runId, e);
        }
    }

    private void ring(String runId, Instant time) {
        long left = Duration.between(context.clock().instant(), time).toMillis();
        if (context.clock().instant().isBefore(time)) {
            schedule(runId, time, Math.max(SHORTEST_MILLIS, left));
            return;
        }
        if (active.wake(runId) || active.isClosing()) {
            return;
        }
        try {
            runners.execute(() -> {
                try {
                    takeUp.accept(runId);
                } catch (RuntimeException e) {
                    LOG.warn("the question of run {} could not be given up; resume it to try again", runId, e);
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("the deadline of run {} is looked at by the next process", runId, e);
        }
    }
}
