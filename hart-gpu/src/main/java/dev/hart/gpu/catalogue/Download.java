package dev.hart.gpu.catalogue;

import dev.hart.error.ModelFileException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * A share in bringing a model's files here. Others may have one in the same download; it goes on as long as somebody wants it.
 * Thread-safe.
 */
public final class Download {
    private final DownloadJob job;
    private final CompletableFuture<StoredModel> result;

    Download(DownloadJob job) {
        this.job = job;
        this.result = job.result().copy();
        var unused = result.whenComplete((model, failure) -> {
            if (result.isCancelled()) {
                job.leave(this);
            }
        });
    }

    /** Completes when the files are here and have been checked; to cancel it is to {@link #cancel}. */
    public CompletableFuture<StoredModel> result() {
        return result;
    }

    /**
     * Waits until the files are here and have been checked. To be interrupted is not to cancel.
     *
     * @throws ModelFileException when they could not be had; its code says why
     */
    public StoredModel await() throws InterruptedException {
        try {
            return result.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ModelFileException known) {
                throw new ModelFileException(known.code(), String.valueOf(known.getMessage()), known);
            }
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** How far it is now. */
    public DownloadProgress progress() {
        return job.progress();
    }

    /** Wants it no more. What is here of it stays, and the next download goes on with it. Idempotent. */
    public void cancel() {
        if (!result.isDone()) {
            result.completeExceptionally(new ModelFileException(
                    "DOWNLOAD_CANCELLED", "the download of '%s' was cancelled".formatted(job.id())));
        }
        job.leave(this);
    }
}
