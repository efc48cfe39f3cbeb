package dev.hart.core;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * A value whose making begins at once on a daemon thread of its own, while the caller does something else; whoever asks
 * for it waits until it is there. A maker that fails fails everyone who asks. Thread-safe.
 */
final class Early<T> implements Supplier<T> {
    private final FutureTask<T> making;

    private Early(FutureTask<T> making) {
        this.making = making;
    }

    /** @param thread the name of the thread that makes the value */
    static <T> Early<T> begin(String thread, Supplier<T> maker) {
        FutureTask<T> making = new FutureTask<>(maker::get);
        Thread worker = new Thread(making, thread);
        worker.setDaemon(true);
        worker.start();
        return new Early<>(making);
    }

    /** The value. An interrupt does not end the wait, and is kept for the caller. */
    @Override
    public T get() {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return making.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw failure(e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static RuntimeException failure(ExecutionException e) {
        if (e.getCause() instanceof Error error) {
            throw error;
        }
        return e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e.getCause());
    }
}
