package dev.hart.server;

import dev.hart.RunEvent;
import dev.hart.spi.TaskKeeper;
import io.javalin.util.ConcurrencyUtil;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Server-sent events to everyone who watches a run or a ledger. Each viewer has a thread of its own (a virtual one where the JVM has
 * them) that waits for what comes; a heartbeat comment tells apart a quiet stream from a viewer that has gone, and ends the
 * latter. Thread-safe.
 */
final class EventStreams implements AutoCloseable {
    static final int MAX_VIEWERS = 256;
    private static final Logger LOG = LoggerFactory.getLogger(EventStreams.class);
    private static final String LAST_EVENT_ID = "Last-Event-ID";
    private static final Pattern STREAM = Pattern.compile("(?i)(^|[,\\s])text/event-stream($|[;,\\s])");

    private final Semaphore places = new Semaphore(MAX_VIEWERS);
    private final Set<Viewer> viewers = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = ConcurrencyUtil.executorService("hart-events", true);
    private final TaskKeeper.Kept beats;
    private volatile boolean closed;

    EventStreams(Duration heartbeat, TaskKeeper keeper) {
        beats = keeper.keep("event-heartbeat", heartbeat, alive -> {
            try {
                viewers.forEach(viewer -> threads.execute(viewer::beat));
            } catch (RejectedExecutionException e) {
                LOG.debug("the streams end", e);
            }
            return heartbeat;
        });
    }

    /** Whether a call asks for a stream where a page could be had, too. */
    static boolean isWanted(Call call) {
        String accept = call.context().header("Accept");
        return accept != null && STREAM.matcher(accept).find();
    }

    /** The number of the last event that a viewer saw who comes back; {@code otherwise} for one that is new. */
    static long lastEventId(Call call, long otherwise) {
        String header = call.context().header(LAST_EVENT_ID);
        if (header == null || header.isBlank()) {
            return otherwise;
        }
        try {
            return Long.parseUnsignedLong(header.strip());
        } catch (NumberFormatException e) {
            throw new Refused(400, "invalid_header", LAST_EVENT_ID + " must be the number of an event");
        }
    }

    /** How many are watching. */
    int viewers() {
        return viewers.size();
    }

    /**
     * @param id where a viewer goes on that comes back
     */
    record Message(String type, String id, Object data) {}

    /**
     * Answers a call with the events, until they end or the viewer has gone, and then one event {@code end}.
     *
     * @param events opened by the viewer's own thread, because that may wait; closing the stream must end the wait
     * @param last what the last event holds
     */
    Reply answer(Call call, Supplier<Stream<Message>> events, Supplier<Map<String, Object>> last) {
        HttpServletResponse response = call.context().res();
        response.setContentType("text/event-stream");
        response.setCharacterEncoding("utf-8");
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("X-Accel-Buffering", "no");
        try {
            return new Reply.Stream(send(response.getOutputStream(), events, last));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private CompletableFuture<Void> send(
            OutputStream out, Supplier<Stream<Message>> events, Supplier<Map<String, Object>> last) {
        if (closed || !places.tryAcquire()) {
            throw new Refused(
                    503,
                    "too_many_viewers",
                    MAX_VIEWERS + " viewers are watching; try again when one has gone",
                    Map.of("Retry-After", "5"));
        }
        Viewer viewer = new Viewer(out, events, last);
        viewers.add(viewer);
        threads.execute(viewer::follow);
        return viewer.end;
    }

    /** Ends every stream; the viewers see the end of their connection and may come back elsewhere. */
    @Override
    public void close() {
        closed = true;
        beats.close();
        viewers.forEach(Viewer::leave);
        threads.shutdown();
    }

    private final class Viewer {
        private final OutputStream out;
        private final Supplier<Stream<Message>> source;
        private final Supplier<Map<String, Object>> last;
        private final CompletableFuture<Void> end = new CompletableFuture<>();
        /** Held while writing; never while waiting for an event. */
        private final ReentrantLock writing = new ReentrantLock();

        private volatile boolean gone;
        private volatile @Nullable Stream<Message> opened;

        Viewer(OutputStream out, Supplier<Stream<Message>> source, Supplier<Map<String, Object>> last) {
            this.out = out;
            this.source = source;
            this.last = last;
        }

        void follow() {
            try {
                write(": following\n\n");
                tell();
            } catch (IOException e) {
                LOG.debug("a viewer has gone", e);
            } catch (RuntimeException e) {
                if (!gone) {
                    LOG.warn("a stream of events broke off", e);
                }
            } finally {
                gone = true;
                viewers.remove(this);
                places.release();
                end.complete(null);
            }
        }

        private void tell() throws IOException {
            try (Stream<Message> events = source.get()) {
                opened = events;
                Iterator<Message> each = events.iterator();
                while (!gone && each.hasNext()) {
                    Message message = each.next();
                    write(text(message.type(), "id: " + message.id() + "\n", message.data()));
                }
                if (!gone) {
                    write(text("end", "", last.get()));
                }
            }
        }

        void beat() {
            if (gone || !writing.tryLock()) {
                return;
            }
            try {
                write(": still here\n\n");
            } catch (IOException | RuntimeException e) {
                LOG.debug("a viewer has gone", e);
                leave();
            } finally {
                writing.unlock();
            }
        }

        void leave() {
            gone = true;
            Stream<Message> events = opened;
            if (events != null) {
                events.close();
            }
        }

        private void write(String text) throws IOException {
            writing.lock();
            try {
                out.write(text.getBytes(StandardCharsets.UTF_8));
                out.flush();
            } finally {
                writing.unlock();
            }
        }
    }

    private static String text(String type, String id, Object data) {
        return id + "event: " + type + "\ndata: " + JsonText.write(data) + "\n\n";
    }

    /** An event of a run on the wire. */
    static Message message(RunEvent event) {
        return new Message(event.type().wireName(), Long.toString(event.seq()), document(event));
    }

    private static Map<String, @Nullable Object> document(RunEvent event) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("runId", event.runId());
        document.put("seq", event.seq());
        document.put("at", event.at());
        document.put("type", event.type().wireName());
        document.put("action", event.action());
        document.put("data", event.data());
        return document;
    }
}
