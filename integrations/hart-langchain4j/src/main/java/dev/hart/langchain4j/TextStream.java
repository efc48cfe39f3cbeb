package dev.hart.langchain4j;

import dev.hart.error.RunCancelledException;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings the pieces of a streamed answer from the provider's thread to the caller's. A caller that reads slowly slows the
 * provider down; one that has left no longer holds it up.
 */
final class TextStream implements StreamingChatResponseHandler {
    private static final int MAX_WAITING = 1_024;

    private final String model;
    private final Duration timeout;
    private final BlockingQueue<Event> events = new ArrayBlockingQueue<>(MAX_WAITING);
    private volatile boolean abandoned;
    private @Nullable Thread thread;

    private sealed interface Event {
        record Piece(String text) implements Event {}

        record Done(ChatResponse response) implements Event {}

        record Failed(Throwable failure) implements Event {}
    }

    TextStream(String model, Duration timeout) {
        this.model = model;
        this.timeout = timeout;
    }

    /** Starts the call in a thread of its own: clients differ in whether they return before the answer is there. */
    void open(Runnable call) {
        thread = new Thread(
                () -> {
                    try {
                        call.run();
                    } catch (RuntimeException e) {
                        onError(e);
                    }
                },
                "hart-model-stream");
        thread.setDaemon(true);
        thread.start();
    }

    /** Hands over the pieces, and returns the whole answer. */
    ChatResponse drain(Consumer<String> onText) {
        long end = System.nanoTime() + timeout.toNanos();
        try {
            while (true) {
                Event event = events.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (event == null) {
                    throw ModelErrors.timeout(model, timeout);
                }
                if (event instanceof Event.Piece piece) {
                    onText.accept(piece.text());
                } else if (event instanceof Event.Done done) {
                    return done.response();
                } else if (event instanceof Event.Failed failed) {
                    throw ModelErrors.of(model, failed.failure());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunCancelledException("interrupted while model " + model + " was answering", e);
        } finally {
            abandoned = true;
            events.clear();
            if (thread != null) {
                thread.interrupt();
            }
        }
    }

    @Override
    public void onPartialResponse(String text) {
        put(new Event.Piece(text));
    }

    @Override
    public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
        if (abandoned) {
            context.streamingHandle().cancel();
        } else {
            put(new Event.Piece(piece.text()));
        }
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
        put(new Event.Done(response));
    }

    @Override
    public void onError(Throwable failure) {
        put(new Event.Failed(failure));
    }

    private void put(Event event) {
        try {
            if (!abandoned) {
                events.put(event);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
