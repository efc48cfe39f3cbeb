package dev.hart.speech;

import dev.hart.error.GpuException;
import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.runtime.LoadOptions;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The engines of one model, of which each serves one caller at a time. They are made when they are needed; one that failed is not
 * used again. Who comes when all are busy waits in the order of coming. Thread-safe.
 */
final class Engines<E> {
    private final String model;
    private final int most;
    private final Supplier<E> maker;
    private final Semaphore places;
    private final ConcurrentLinkedDeque<E> idle = new ConcurrentLinkedDeque<>();
    private volatile boolean closed;

    /** Makes the first one, so that what cannot be used fails here. */
    Engines(String model, int most, Supplier<E> maker) {
        this.model = model;
        this.most = most;
        this.maker = maker;
        this.places = new Semaphore(most, true);
        idle.push(maker.get());
    }

    /** @throws GpuException {@code RUNTIME_UNAVAILABLE} when another mode is asked for */
    static void requireProcessor(String engine, LoadOptions options) {
        if (options.mode() != LeaseMode.CPU) {
            throw new GpuException(
                    "RUNTIME_UNAVAILABLE", engine + " runs on the processor only; load with LeaseMode.CPU");
        }
    }

    <T> T with(Function<E, T> call) {
        requireOpen();
        try {
            places.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("the call of model %s was interrupted".formatted(model));
        }
        try {
            requireOpen();
            @Nullable E next = idle.poll();
            E engine = next == null ? maker.get() : next;
            T answer = call.apply(engine);
            idle.push(engine);
            return answer;
        } finally {
            places.release();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("model %s is closed".formatted(model));
        }
    }

    /** Whether the call on this thread must end now. */
    boolean stops() {
        return closed || Thread.currentThread().isInterrupted();
    }

    CancellationException stopped() {
        return new CancellationException("the call of model %s was %s"
                .formatted(model, closed ? "ended, as the model was closed" : "interrupted"));
    }

    void close() {
        closed = true;
        places.acquireUninterruptibly(most);
        idle.clear();
        places.release(most);
    }
}
