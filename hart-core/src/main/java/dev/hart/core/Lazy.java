package dev.hart.core;

import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A value that is made when first asked for, once. Thread-safe. */
public final class Lazy<T> implements Supplier<T> {
    private static final Logger LOG = LoggerFactory.getLogger(Lazy.class);

    private final Supplier<T> maker;
    private final AtomicBoolean prepared = new AtomicBoolean();
    private volatile @Nullable T value;

    public Lazy(Supplier<T> maker) {
        this.maker = maker;
    }

    @Override
    public T get() {
        T made = value;
        if (made == null) {
            synchronized (this) {
                made = value;
                if (made == null) {
                    made = maker.get();
                    value = made;
                }
            }
        }
        return made;
    }

    /** The value, if it was made; empty before. */
    public Optional<T> made() {
        return Optional.ofNullable(value);
    }

    /**
     * Has the value made on another thread, so that whoever asks for it later need not wait. Nothing happens the second
     * time; a maker that fails is asked again by whoever asks for the value.
     */
    public void prepare(Executor executor) {
        if (value != null || !prepared.compareAndSet(false, true)) {
            return;
        }
        try {
            executor.execute(() -> {
                try {
                    get();
                } catch (RuntimeException e) {
                    LOG.debug("not made ahead of time; who asks for it will be told why", e);
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("the runtime is closing; nothing is made ahead of time", e);
        }
    }
}
