package dev.hart.core.run;

import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunHandle;
import dev.hart.RunState;
import dev.hart.Runs.Summary;
import dev.hart.error.HartException;
import dev.hart.error.RunCancelledException;
import dev.hart.error.RunTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A run that goes on in the background. */
final class LiveRun implements RunHandle {
    private final String id;
    private final RunDirectory directory;
    private final CompletableFuture<Run> future;
    private volatile boolean cancelled;

    LiveRun(String id, RunDirectory directory, ExecutorService runners, Supplier<Run> work) {
        this.id = id;
        this.directory = directory;
        this.future = CompletableFuture.supplyAsync(
                () -> {
                    if (cancelled) {
                        throw new RunCancelledException("run " + id + " was cancelled before it began");
                    }
                    try {
                        return work.get();
                    } finally {
                        directory.forget(id);
                    }
                },
                runners);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public RunState state() {
        if (future.isDone() && !future.isCompletedExceptionally()) {
            return future.join().state();
        }
        return directory
                .find(id)
                .map(Summary::state)
                .orElse(future.isDone() ? cancelled ? RunState.CANCELLED : RunState.FAILED : RunState.RUNNING);
    }

    @Override
    public CompletableFuture<Run> future() {
        return future.copy();
    }

    @Override
    public Run await() {
        return await(null);
    }

    @Override
    public Run await(@Nullable Duration timeout) {
        try {
            return timeout == null ? future.get() : future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunCancelledException("interrupted while waiting for run " + id + "; the run goes on", e);
        } catch (TimeoutException e) {
            throw new RunTimeoutException("run " + id + " is still going on after " + timeout, e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof HartException known) {
                throw known;
            }
            throw new CompletionException(e.getCause());
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
        if (!future.isDone()) {
            directory.cancelEarly(id);
            // The run may have ended in between, and will not forget by itself then.
            if (future.isDone()) {
                directory.forget(id);
            }
        }
    }

    @Override
    public void answer(String questionId, @Nullable Object value) {
        directory.answer(id, questionId, value);
    }

    @Override
    public Stream<RunEvent> events() {
        directory.awaitBeginning(id, future);
        return directory.events(id, 0);
    }
}
