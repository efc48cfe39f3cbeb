package dev.hart.server;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What a handler answers. */
sealed interface Reply {

    /** A JSON document. */
    record Document(int status, @Nullable Object value) implements Reply {}

    /** Bytes as they are. */
    record Content(String contentType, byte[] bytes) implements Reply {}

    /** A reply that is not there yet; no thread waits for it. */
    record Later(CompletableFuture<Reply> reply) implements Reply {}

    /** The handler writes the response itself until the future completes. */
    record Stream(CompletableFuture<Void> end) implements Reply {}

    static Reply ok(@Nullable Object value) {
        return new Document(200, value);
    }
}
