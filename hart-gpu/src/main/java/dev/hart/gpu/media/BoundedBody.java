package dev.hart.gpu.media;

import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Writes what an answer has into a stream, which it leaves open, and stops when that becomes too much. Gives its length. */
final class BoundedBody implements HttpResponse.BodySubscriber<Long> {
    private final OutputStream to;
    private final long most;
    private final LongConsumer received;
    private final CompletableFuture<Long> result = new CompletableFuture<>();
    private Flow.@Nullable Subscription subscription;
    private long length;

    /** The answer has more than was allowed. */
    static final class TooLong extends IOException {
        private static final long serialVersionUID = 1;

        TooLong(long most) {
            super("it has more than " + most + " bytes");
        }
    }

    /** What was received could not be written. */
    static final class NotWritten extends IOException {
        private static final long serialVersionUID = 1;

        NotWritten(IOException cause) {
            super(cause);
        }
    }

    BoundedBody(OutputStream to, long most, LongConsumer received) {
        this.to = to;
        this.most = most;
        this.received = received;
    }

    @Override
    public CompletionStage<Long> getBody() {
        return result;
    }

    @Override
    public void onSubscribe(Flow.Subscription begun) {
        subscription = begun;
        begun.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        try {
            for (ByteBuffer buffer : buffers) {
                byte[] bytes = new byte[buffer.remaining()];
                buffer.get(bytes);
                length += bytes.length;
                if (length > most) {
                    throw new TooLong(most);
                }
                write(bytes);
            }
            received.accept(length);
        } catch (IOException | RuntimeException e) {
            Flow.Subscription begun = subscription;
            if (begun != null) {
                begun.cancel();
            }
            result.completeExceptionally(e);
        }
    }

    private void write(byte[] bytes) throws NotWritten {
        try {
            to.write(bytes);
        } catch (IOException e) {
            throw new NotWritten(e);
        }
    }

    @Override
    public void onError(Throwable failure) {
        result.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        result.complete(length);
    }
}
