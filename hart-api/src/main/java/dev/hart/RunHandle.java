package dev.hart;

import dev.hart.error.RunNotFoundException;
import dev.hart.error.RunTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A run that may still be going on. Thread-safe. */
public interface RunHandle {
    /** The id of the run; it is known before the first step starts. */
    String id();

    RunState state();

    /**
     * Completes with the run once it has ended or is paused, exceptionally when it could not be started. Cancelling the
     * future does not cancel the run: use {@link #cancel()}.
     */
    CompletableFuture<Run> future();

    /** Blocks until the run has ended or is paused; throws what {@link Hart#run(String)} would throw. */
    Run await();

    /**
     * Blocks at most that long.
     *
     * @throws RunTimeoutException when the time is over; the run goes on
     */
    Run await(Duration timeout);

    /** Asks the run to stop: the running steps are interrupted, no further one starts. A run that has ended stays as it is. */
    void cancel();

    /** Answers a question of the run, see {@link Runs#answer}. */
    void answer(String questionId, @Nullable Object value);

    /**
     * Every event so far and then each new one, in order, until the run ends or is paused. Reads the journal, so it skips nothing.
     * Blocks between events; close the stream to stop earlier.
     *
     * @throws RunNotFoundException when the run never started
     */
    Stream<RunEvent> events();
}
