package dev.hart.server;

import dev.hart.Hart;
import dev.hart.HartClock;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.Listening;
import dev.hart.gpu.machine.Governor;
import dev.hart.gpu.machine.HealthEvent;
import dev.hart.gpu.machine.SystemHealth;
import dev.hart.gpu.model.ModelEvent;
import dev.hart.gpu.model.Models;
import dev.hart.server.SystemDocuments.AdviceDocument;
import dev.hart.server.SystemDocuments.SnapshotDocument;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * What happens to devices, leases, models and the machine: the last 1,000 events since somebody looked first, for those who look
 * again or follow. Thread-safe.
 */
final class SystemEvents implements AutoCloseable {
    static final int KEPT = 1_000;

    private final Hart hart;
    private final HartClock clock;
    private final List<Listening> listenings = new ArrayList<>();
    /** Guarded by this, as is what follows. */
    private final Deque<Item> kept = new ArrayDeque<>();

    private long newest;
    private boolean closed;

    SystemEvents(Hart hart, HartClock clock) {
        this.hart = hart;
        this.clock = clock;
    }

    /**
     * @param seq 1 for the first event
     * @param type such as {@code gpu.lease.granted}
     */
    record Item(long seq, Instant at, String type, @Nullable Object data) {}

    /** Begins to listen, unless it does already. */
    private void listen() {
        synchronized (listenings) {
            if (listenings.isEmpty()) {
                listenings.add(hart.unwrap(Gpus.class).listen(event -> add(event.name(), JsonText.plain(event))));
                listenings.add(hart.unwrap(Models.class).listen(this::add));
                listenings.add(hart.unwrap(Governor.class).listen(event -> add(event.name(), JsonText.plain(event))));
                listenings.add(hart.unwrap(SystemHealth.class).listen(event -> add(event.name(), document(event))));
            }
        }
    }

    private void add(ModelEvent event) {
        if (event instanceof ModelEvent.DeviceLost) {
            return; // the devices tell it themselves
        }
        add(event.name(), event instanceof ModelEvent.Crashed crash ? document(crash) : JsonText.plain(event));
    }

    private static Map<String, @Nullable Object> document(ModelEvent.Crashed crash) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("model", crash.model());
        document.put("exit", crash.exit().kind().name());
        if (crash.exit().code().isPresent()) {
            document.put("exitCode", (long) crash.exit().code().getAsInt());
        }
        document.put("crashes", (long) crash.crashes());
        crash.restartIn().ifPresent(wait -> document.put("restartIn", wait.toString()));
        return document;
    }

    private static @Nullable Object document(HealthEvent event) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        if (event instanceof HealthEvent.Looked looked) {
            document.put("health_score", looked.report().score());
            document.put(
                    "snapshot",
                    JsonText.plain(SnapshotDocument.of(looked.report().snapshot())));
        } else if (event instanceof HealthEvent.OptimizationApplied done) {
            document.put("action", JsonText.plain(AdviceDocument.of(done.advice())));
        }
        return document;
    }

    private synchronized void add(String type, @Nullable Object data) {
        if (closed) {
            return;
        }
        newest++;
        kept.addLast(new Item(newest, clock.instant(), type, data));
        if (kept.size() > KEPT) {
            kept.removeFirst();
        }
        notifyAll();
    }

    /** The events behind a number that are still kept, at most {@code limit}; all of them for a number that is not reached yet. */
    List<Item> page(long after, int limit) {
        listen();
        synchronized (this) {
            long from = after > newest ? 0 : after;
            return kept.stream().filter(item -> item.seq() > from).limit(limit).toList();
        }
    }

    /** The same and those to come, until the stream is closed; who is too slow misses those that are kept no longer. */
    Stream<Item> follow(long after) {
        listen();
        Feed feed;
        synchronized (this) {
            feed = new Feed(after > newest ? 0 : after);
        }
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(feed, Spliterator.ORDERED), false)
                .onClose(feed::close);
    }

    /** Ends all streams. */
    @Override
    public void close() {
        synchronized (listenings) {
            listenings.forEach(Listening::close);
        }
        synchronized (this) {
            closed = true;
            notifyAll();
        }
    }

    private final class Feed implements Iterator<Item> {
        private final Deque<Item> read = new ArrayDeque<>();
        private long seen;
        private boolean left;

        Feed(long seen) {
            this.seen = seen;
        }

        @Override
        public boolean hasNext() {
            synchronized (SystemEvents.this) {
                try {
                    while (read.isEmpty() && !left && !closed) {
                        kept.stream().filter(item -> item.seq() > seen).forEach(read::addLast);
                        if (read.isEmpty()) {
                            SystemEvents.this.wait();
                        } else {
                            seen = read.getLast().seq();
                        }
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
                return !left && !read.isEmpty();
            }
        }

        @Override
        public Item next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return read.removeFirst();
        }

        void close() {
            synchronized (SystemEvents.this) {
                left = true;
                SystemEvents.this.notifyAll();
            }
        }
    }
}
