package dev.hart.gpu.model;

import dev.hart.gpu.VramLease;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A model in its memory, from one load to the end of it. */
final class Loaded<T extends AutoCloseable> {
    private static final Logger log = LoggerFactory.getLogger(Loaded.class);

    final T instance;
    final VramLease lease;
    final long since;

    // Guarded by the model's lock.
    int uses;
    /** It is no longer the model's: whoever ends the last use closes it. */
    boolean retired;
    /** A call of it worked, so crashes before this load no longer count. */
    boolean proven;

    private final AtomicBoolean closed = new AtomicBoolean();
    private VramLease.@Nullable Use kept;

    Loaded(T instance, VramLease lease, long since) {
        this.instance = instance;
        this.lease = lease;
        this.since = since;
    }

    /** Keeps others from having it give way, or no longer. */
    synchronized void keep(boolean wanted) {
        VramLease.Use now = kept;
        if (wanted && now == null && !closed.get()) {
            try {
                kept = lease.use();
            } catch (IllegalStateException e) {
                log.debug("{} is over and cannot be kept", lease, e);
            }
        } else if (!wanted && now != null) {
            now.close();
            kept = null;
        }
    }

    /** The model first, then its memory. A second call changes nothing. */
    void close(String model) {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        keep(false);
        try {
            instance.close();
        } catch (Exception | LinkageError e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            log.error("model '{}' failed when it was unloaded", model, e);
        } finally {
            lease.close();
        }
    }
}
