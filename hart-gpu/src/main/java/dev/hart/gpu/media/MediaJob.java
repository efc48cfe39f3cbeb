package dev.hart.gpu.media;

import dev.hart.error.GpuException;
import dev.hart.error.HartException;
import dev.hart.error.MediaException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something that is being made. It ends by itself, by its deadline, by {@link #cancel}, or with the agent; but for the first there
 * is no file of it then. Thread-safe.
 */
public final class MediaJob {
    private static final Logger log = LoggerFactory.getLogger(MediaJob.class);

    private final MediaTask task;
    private final Instant deadline;
    private final Consumer<MediaProgress> listener;
    private final CompletableFuture<MediaResult> result = new CompletableFuture<>();
    private volatile @Nullable MediaProgress progress;

    // Guarded by this.
    private @Nullable Thread worker;
    private @Nullable MediaException ended;
    private boolean over;

    MediaJob(MediaTask task, Instant deadline, Consumer<MediaProgress> listener) {
        this.task = task;
        this.deadline = deadline;
        this.listener = listener;
    }

    public MediaTask task() {
        return task;
    }

    /** When it ends if it has not by then. */
    public Instant deadline() {
        return deadline;
    }

    /** How far it is; empty before it has begun. */
    public Optional<MediaProgress> progress() {
        return Optional.ofNullable(progress);
    }

    /** Ends it; nothing happens when it has ended. The tool, which cannot be told to stop, is stopped if it was at it. */
    public void cancel() {
        end(new MediaException("CANCELLED", "it was cancelled"));
    }

    /** Completes with the file, or with what {@link #await} throws. */
    public CompletionStage<MediaResult> result() {
        return result.minimalCompletionStage();
    }

    public boolean isDone() {
        return result.isDone();
    }

    /**
     * Waits until it has ended.
     *
     * @throws MediaException when it was not made
     * @throws GpuException when its tool could not be started, or was not given memory
     * @throws InterruptedException when the thread is interrupted while it waits; the job goes on
     */
    public MediaResult await() throws InterruptedException {
        try {
            return result.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    // For the agent

    /** Work of a job. */
    interface Work {
        MediaResult make(MediaJob job) throws InterruptedException;
    }

    /** Does the work on this thread, which is interrupted when the job is to end. Never throws but an Error. */
    void run(Work work) {
        MediaResult made = null;
        Throwable failure = null;
        try {
            begin();
            made = work.make(this);
        } catch (InterruptedException e) {
            failure = ended().orElseGet(() -> new MediaException("CANCELLED", "its thread was interrupted", e));
        } catch (RuntimeException | Error e) {
            failure = e;
        } finally {
            finish();
        }
        if (made != null) {
            result.complete(made);
        } else if (failure != null) {
            if (!(failure instanceof HartException)) {
                log.error("a media job failed", failure);
            }
            result.completeExceptionally(failure);
        }
    }

    private synchronized void begin() throws InterruptedException {
        if (ended != null) {
            throw new InterruptedException();
        }
        worker = Thread.currentThread();
    }

    /** From here on it is not interrupted; what it was interrupted by is over. */
    private synchronized void finish() {
        over = true;
        worker = null;
        var unused = Thread.interrupted();
    }

    /** Ends it for that reason unless it has ended or is ending. */
    synchronized void end(MediaException reason) {
        if (!over && ended == null) {
            ended = reason;
            if (worker != null) {
                worker.interrupt();
            }
        }
    }

    /** Why it is to end; empty when it is not. */
    synchronized Optional<MediaException> ended() {
        return Optional.ofNullable(ended);
    }

    /** @throws InterruptedException when it is to end, though nothing waited when its thread was interrupted */
    void requireWanted() throws InterruptedException {
        if (ended().isPresent()) {
            throw new InterruptedException();
        }
    }

    void endIfLate(Instant now) {
        if (!now.isBefore(deadline)) {
            end(new MediaException("DEADLINE", "it was not made within " + shown(task.limit())));
        }
    }

    private static String shown(Duration limit) {
        return limit.toString().substring(2).toLowerCase(java.util.Locale.ROOT);
    }

    void tell(MediaProgress now) {
        progress = now;
        try {
            listener.accept(now);
        } catch (RuntimeException e) {
            log.error("a listener failed when it was told of {}", now, e);
        }
    }
}
