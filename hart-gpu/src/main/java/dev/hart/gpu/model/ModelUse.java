package dev.hart.gpu.model;

import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.VramLease;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One call of a model. While it is open the model is neither unloaded nor moved, unless it ends by itself or its device is lost.
 * Thread-safe.
 */
public final class ModelUse<T extends AutoCloseable> implements AutoCloseable {
    private final Model<T> model;
    private final Loaded<T> loaded;
    private final VramLease.Use leaseUse;
    private final AtomicBoolean over = new AtomicBoolean();

    ModelUse(Model<T> model, Loaded<T> loaded, VramLease.Use leaseUse) {
        this.model = model;
        this.loaded = loaded;
        this.leaseUse = leaseUse;
    }

    /** The model. Not to be closed, nor kept beyond {@link #close}. */
    public T get() {
        if (over.get()) {
            throw new IllegalStateException("this use of model '" + model.id() + "' is over: begin a new one");
        }
        return loaded.instance;
    }

    /** Where it runs. */
    public LeaseMode mode() {
        return loaded.lease.mode();
    }

    /** Larger than that of every earlier load: give it to whatever the model changes outside. */
    public long fencingToken() {
        return loaded.lease.fencingToken();
    }

    /** The call worked: earlier crashes of the model no longer count. Otherwise they do until it has run for a minute. */
    public void succeeded() {
        model.proven(loaded);
    }

    /** Ends the call. A second call changes nothing. */
    @Override
    public void close() {
        if (over.compareAndSet(false, true)) {
            try {
                leaseUse.close();
            } finally {
                model.endUse(loaded);
            }
        }
    }
}
