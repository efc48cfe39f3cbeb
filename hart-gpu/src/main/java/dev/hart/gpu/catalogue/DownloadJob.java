package dev.hart.gpu.catalogue;

import dev.hart.error.ModelFileException;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bringing of one model's files, for all who want it. Thread-safe. */
final class DownloadJob {
    private static final Logger log = LoggerFactory.getLogger(DownloadJob.class);

    private final ModelEntry entry;
    private final CompletableFuture<StoredModel> result = new CompletableFuture<>();
    private final Set<Download> holders = new HashSet<>();
    private final List<Transfers.Claim> claims = new CopyOnWriteArrayList<>();
    private final List<Consumer<DownloadProgress>> listeners = new CopyOnWriteArrayList<>();
    private boolean left;

    DownloadJob(ModelEntry entry) {
        this.entry = entry;
    }

    String id() {
        return entry.id();
    }

    ModelEntry entry() {
        return entry;
    }

    CompletableFuture<StoredModel> result() {
        return result;
    }

    /** A share in it; empty of use when everybody has left, and then refused. */
    synchronized Download join(Consumer<DownloadProgress> listener) {
        if (left) {
            throw new ModelFileException(
                    "MODEL_BUSY", "an earlier download of '%s' is being stopped: try again".formatted(entry.id()));
        }
        Download share = new Download(this);
        holders.add(share);
        listeners.add(listener);
        return share;
    }

    void leave(Download share) {
        synchronized (this) {
            if (!holders.remove(share) || !holders.isEmpty()) {
                return;
            }
            left = true;
        }
        release();
    }

    synchronized boolean isLeft() {
        return left;
    }

    /** @throws ModelFileException DOWNLOAD_CANCELLED when nobody wants it any more */
    void requireWanted() {
        if (isLeft()) {
            throw new ModelFileException(
                    "DOWNLOAD_CANCELLED", "the download of '%s' was cancelled".formatted(entry.id()));
        }
    }

    /** It has a share in that transfer, until {@link #release}. */
    void holds(Transfers.Claim claim) {
        claims.add(claim);
        if (isLeft()) {
            release();
        }
    }

    void release() {
        claims.forEach(Transfers.Claim::close);
    }

    DownloadProgress progress() {
        long received = 0;
        long total = 0;
        boolean known = !claims.isEmpty();
        for (Transfers.Claim claim : claims) {
            received += claim.received();
            total += Math.max(0, claim.total());
            known &= claim.total() >= 0;
        }
        return new DownloadProgress(received, known ? OptionalLong.of(total) : OptionalLong.empty());
    }

    void tellProgress() {
        DownloadProgress now = progress();
        for (Consumer<DownloadProgress> listener : listeners) {
            try {
                listener.accept(now);
            } catch (RuntimeException e) {
                log.error("a listener to the download of {} failed", entry.id(), e);
            }
        }
    }
}
