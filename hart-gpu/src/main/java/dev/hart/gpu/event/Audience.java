package dev.hart.gpu.event;

import dev.hart.gpu.Listening;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listeners that may be slow, hang or throw without hurting who tells them or each other. Each is told on a daemon thread of its
 * own, one event after the other in the order in which they were told; the thread ends when there is nothing to tell. Behind a
 * listener at most 10,000 events wait; further ones are lost to it, which is logged once. Telling never waits, so it may be done
 * under a lock. Without listeners it costs one read. Thread-safe.
 *
 * @param <E> what they are told
 */
public final class Audience<E> {
    static final int MOST_WAITING = 10_000;
    private static final Logger log = LoggerFactory.getLogger(Audience.class);

    private final ThreadPoolExecutor threads;
    private volatile List<Seat> seats = List.of();

    /** @param name of the threads */
    public Audience(String name) {
        threads = new ThreadPoolExecutor(0, Integer.MAX_VALUE, 5, TimeUnit.SECONDS, new SynchronousQueue<>(), work -> {
            Thread thread = new Thread(work, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Whether nobody listens, so that no event need be made. */
    public boolean isEmpty() {
        return seats.isEmpty();
    }

    public synchronized Listening listen(Consumer<? super E> listener) {
        Seat seat = new Seat(listener);
        List<Seat> more = new ArrayList<>(seats);
        more.add(seat);
        seats = List.copyOf(more);
        return () -> leave(seat);
    }

    private synchronized void leave(Seat seat) {
        List<Seat> fewer = new ArrayList<>(seats);
        fewer.remove(seat);
        seats = List.copyOf(fewer);
        seat.leave();
    }

    public void tell(E event) {
        for (Seat seat : seats) {
            seat.take(event);
        }
    }

    /** A listener and what it has not been told yet. */
    private final class Seat {
        private final Consumer<? super E> listener;
        /** Guarded by itself, as is what follows. */
        private final Queue<E> waiting = new ArrayDeque<>();

        private boolean isTelling;
        private boolean hasLost;
        private boolean gone;
        private volatile boolean hasFailed;

        Seat(Consumer<? super E> listener) {
            this.listener = listener;
        }

        void take(E event) {
            synchronized (waiting) {
                if (gone) {
                    return;
                }
                if (waiting.size() == MOST_WAITING) {
                    if (!hasLost) {
                        hasLost = true;
                        log.warn("{} events wait for {}, which does not return: it loses some", MOST_WAITING, listener);
                    }
                    return;
                }
                waiting.add(event);
                if (isTelling) {
                    return;
                }
                isTelling = true;
            }
            threads.execute(this::tellAll);
        }

        private void tellAll() {
            for (E event = next(); event != null; event = next()) {
                try {
                    listener.accept(event);
                } catch (RuntimeException | LinkageError | AssertionError e) {
                    failed(event, e);
                }
            }
        }

        /** Called by one thread at a time. */
        private void failed(E event, Throwable failure) {
            if (hasFailed) {
                log.debug("a listener failed again when it was told of {}", event, failure);
            } else {
                hasFailed = true;
                log.error(
                        "a listener failed when it was told of {}; further failures of it are logged as DEBUG",
                        event,
                        failure);
            }
        }

        private @Nullable E next() {
            synchronized (waiting) {
                E event = waiting.poll();
                isTelling = event != null;
                return event;
            }
        }

        void leave() {
            synchronized (waiting) {
                gone = true;
                waiting.clear();
            }
        }
    }
}
