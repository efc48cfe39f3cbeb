package dev.hart.store;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The listeners of one store, and the thread that calls them, which the first listener starts. Thread-safe. */
final class Signals implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Signals.class);
    private static final long POLL_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long CLOSE_MILLIS = 2_000;

    /** Looks for changes that no signal tells of, about once a second while somebody listens. Used by one thread. */
    interface Poll extends AutoCloseable {
        /** Whether something may have changed since the last call. */
        boolean mayHaveChanged();

        @Override
        void close();
    }

    /** A listener, told apart from another with the same action. */
    private static final class Listener {
        private final Runnable action;
        private volatile boolean closed;

        Listener(Runnable action) {
            this.action = action;
        }

        // Whatever it throws is its owner's; the others are told all the same.
        void call(String channel) {
            if (closed) {
                return;
            }
            try {
                action.run();
            } catch (RuntimeException | Error e) {
                log.error("A listener for {} failed", channel, e);
            }
        }
    }

    private final @Nullable Poll poll;
    private final SignalQueue queue = new SignalQueue(System::nanoTime);
    private final Map<String, CopyOnWriteArrayList<Listener>> listeners = new ConcurrentHashMap<>();
    private @Nullable Thread thread; // guarded by this

    /** @param poll owned by the new object; null if there is nothing to look for */
    Signals(@Nullable Poll poll) {
        this.poll = poll;
    }

    Subscription listen(String channel, Runnable action) {
        Listener listener = new Listener(action);
        listeners.compute(channel, (name, known) -> {
            CopyOnWriteArrayList<Listener> all = known == null ? new CopyOnWriteArrayList<>() : known;
            all.add(listener);
            return all;
        });
        start();
        return () -> {
            listener.closed = true;
            listeners.computeIfPresent(channel, (name, known) -> {
                known.remove(listener);
                return known.isEmpty() ? null : known;
            });
        };
    }

    private synchronized void start() {
        if (thread == null && !queue.isClosed()) {
            thread = new Thread(this::run, "hart-store-signals");
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** Calls the listeners of {@code channel} soon; those of every channel for {@link SignalQueue#ALL}. */
    void tell(String channel) {
        if (channel.equals(SignalQueue.ALL) || listeners.containsKey(channel)) {
            queue.add(channel);
        }
    }

    private void run() {
        try {
            long lastPoll = System.nanoTime();
            while (true) {
                long wait = poll == null ? Long.MAX_VALUE : lastPoll + POLL_NANOS - System.nanoTime();
                Set<String> due = queue.take(wait);
                if (queue.isClosed()) {
                    return;
                }
                if (poll != null && System.nanoTime() - lastPoll >= POLL_NANOS) {
                    lastPoll = System.nanoTime();
                    if (!listeners.isEmpty() && poll.mayHaveChanged()) {
                        due = Set.of(SignalQueue.ALL);
                    }
                }
                call(due);
            }
        } catch (InterruptedException e) {
            log.warn("The thread that calls listeners was interrupted; they are told nothing more");
        } finally {
            if (poll != null) {
                poll.close();
            }
        }
    }

    private void call(Set<String> due) {
        Set<String> channels = due.contains(SignalQueue.ALL) ? listeners.keySet() : due;
        for (String channel : channels) {
            var called = listeners.get(channel);
            if (called != null) {
                called.forEach(listener -> listener.call(channel));
            }
        }
    }

    /** Waits a little for a listener that is being called, unless that is who closes. */
    @Override
    public void close() {
        queue.close();
        Thread started;
        synchronized (this) {
            started = thread;
        }
        if (started == null || started == Thread.currentThread()) {
            return;
        }
        try {
            started.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
