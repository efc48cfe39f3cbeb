package dev.hart.gpu.catalogue;

import dev.hart.error.ModelFileException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one file here, over as many connections as it takes: each goes on where the last one broke, as long as the source says
 * that it is still the same file. {@link #run} is one thread's, the rest any thread's.
 */
final class Transfer {
    /** What came, checked. */
    record Received(Path file, long bytes, String sha256) {}

    /** Waits, unless the future completes before. */
    interface Pause {
        void await(Duration duration, CompletableFuture<?> until) throws InterruptedException;
    }

    private static final Logger log = LoggerFactory.getLogger(Transfer.class);
    private static final Pattern CONTENT_RANGE =
            Pattern.compile("bytes (?:(\\d{1,18})-(\\d{1,18})|\\*)/(\\d{1,18}|\\*)");
    private static final int CHUNK = 1 << 16;
    private static final long SYNC_EVERY = 32L << 20;
    private static final long LOOK_AT_DISK_EVERY = 16L << 20;

    private final FileRequest request;
    private final Path file;
    private final HttpSource source;
    private final DiskSpace disk;
    private final TransferLimits limits;
    private final Pause pause;
    private final ScheduledExecutorService watch;

    private final CompletableFuture<Void> cancelled = new CompletableFuture<>();
    private final Object lock = new Object();
    private @Nullable CompletableFuture<?> answer;
    private @Nullable InputStream body;

    private volatile LongConsumer listener = bytes -> {};
    private volatile long received;
    private volatile long total = -1;
    private volatile long lastByteAt;

    Transfer(
            FileRequest request,
            Path file,
            HttpSource source,
            DiskSpace disk,
            TransferLimits limits,
            Pause pause,
            ScheduledExecutorService watch) {
        this.request = request;
        this.file = file;
        this.source = source;
        this.disk = disk;
        this.limits = limits;
        this.pause = pause;
        this.watch = watch;
        this.total = request.size().orElse(-1);
    }

    /** Bytes that are here. */
    long received() {
        return received;
    }

    /** Bytes of the whole, or -1 as long as that is not known. */
    long total() {
        return total;
    }

    /** Is told after every change of {@link #received}. */
    void listener(LongConsumer newListener) {
        listener = newListener;
    }

    /** Stops it; what is here stays for another time. */
    void cancel() {
        cancelled.complete(null);
        InputStream open;
        synchronized (lock) {
            open = body;
            if (answer != null) {
                answer.cancel(true);
            }
        }
        close(open);
    }

    private static void close(@Nullable InputStream stream) {
        if (stream != null) {
            try {
                stream.close();
            } catch (IOException e) {
                log.debug("a connection that is given up could not be closed", e);
            }
        }
    }

    /** @throws ModelFileException by its codes, all but DOWNLOAD_FAILED, DISK_FULL and DOWNLOAD_CANCELLED for good */
    Received run() throws InterruptedException {
        long deadline = System.nanoTime() + limits.whole().toNanos();
        try (PartialFile partial = PartialFile.open(request, file)) {
            advance(partial.length());
            if (partial.total() >= 0) {
                total = partial.total();
            }
            try {
                fetch(partial, deadline);
                return checked(partial);
            } finally {
                if (partial.length() > 0) {
                    partial.sync();
                }
            }
        } catch (IOException e) {
            throw new ModelFileException(
                    "DOWNLOAD_FAILED", "%s cannot be written to %s".formatted(request.name(), file.getParent()), e);
        }
    }

    private void fetch(PartialFile partial, long deadline) throws IOException, InterruptedException {
        List<Exception> failures = new ArrayList<>();
        int inARow = 0;
        for (int attempt = 1; !partial.isComplete(); attempt++) {
            requireWanted(deadline);
            long before = partial.length();
            Duration asked = Duration.ZERO;
            try {
                if (attempt(partial, deadline)) {
                    return;
                }
            } catch (BusySource e) {
                failures.add(e);
                asked = e.retryAfter;
            } catch (BrokenConnection e) {
                failures.add(e);
            }
            requireWanted(deadline);
            inARow = partial.length() > before ? 1 : inARow + 1;
            if (inARow >= limits.failures() || attempt >= limits.attempts()) {
                throw givenUp(attempt, failures);
            }
            log.info(
                    "{} broke off at byte {}: {}",
                    request.name(),
                    partial.length(),
                    last(failures).toString());
            pause.await(TransferLimits.pauseAfter(inARow, asked), cancelled);
        }
    }

    private static Exception last(List<Exception> failures) {
        return failures.get(failures.size() - 1);
    }

    private ModelFileException givenUp(int attempts, List<Exception> failures) {
        Exception last = last(failures);
        ModelFileException e = new ModelFileException(
                "DOWNLOAD_FAILED",
                "%s could not be fetched from %s in %d attempts: %s. To try again goes on where it stopped"
                        .formatted(request.name(), Origin.withoutSecrets(request.uri()), attempts, last.getMessage()),
                last);
        failures.stream().filter(f -> f != last).limit(10).forEach(e::addSuppressed);
        return e;
    }

    private void requireWanted(long deadline) {
        if (cancelled.isDone()) {
            throw new ModelFileException(
                    "DOWNLOAD_CANCELLED", request.name() + " is not wanted any more; what is here of it is kept");
        }
        if (System.nanoTime() - deadline > 0) {
            throw new ModelFileException(
                    "DOWNLOAD_FAILED",
                    "%s took longer than %s. To try again goes on where it stopped"
                            .formatted(request.name(), limits.whole()));
        }
    }

    /** A failure of the network, which may pass. */
    private static class BrokenConnection extends Exception {
        private static final long serialVersionUID = 1;

        BrokenConnection(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The source asks to be asked later. */
    private static final class BusySource extends BrokenConnection {
        private static final long serialVersionUID = 1;
        private final Duration retryAfter;

        BusySource(int status, Duration retryAfter) {
            super("status " + status, null);
            this.retryAfter = retryAfter;
        }
    }

    /** One connection. Whether the whole is here now. */
    private boolean attempt(PartialFile partial, long deadline)
            throws IOException, InterruptedException, BrokenConnection {
        if (partial.length() > 0 && !partial.isResumable()) {
            partial.restart();
        }
        HttpResponse<InputStream> response;
        try {
            response = source.get(request.uri(), partial.length(), partial.etag(), limits.answer(), this::waitFor);
        } catch (CancellationException e) {
            return false;
        } catch (IOException e) {
            throw new BrokenConnection("no answer (" + e + ")", e);
        }
        try (InputStream in = response.body()) {
            return begin(partial, response) && receive(partial, in, deadline);
        }
    }

    private void waitFor(@Nullable CompletableFuture<?> next) {
        synchronized (lock) {
            answer = next;
        }
        if (next != null && cancelled.isDone()) {
            next.cancel(true);
        }
    }

    /** Whether the body of the answer goes on with what is here, which may be nothing by now. */
    private boolean begin(PartialFile partial, HttpResponse<?> response) throws IOException, BrokenConnection {
        Optional<String> etag = response.headers().firstValue("ETag");
        switch (response.statusCode()) {
            case 200 -> {
                if (partial.length() > 0) {
                    partial.restart();
                }
                expect(
                        partial,
                        etag,
                        response.headers().firstValueAsLong("Content-Length").orElse(-1));
                return true;
            }
            case 206 -> {
                return beginRange(partial, response, etag);
            }
            case 416 -> {
                partial.restart(); // there is less of it than is here: it is another file now
                throw new BrokenConnection("the file became shorter", null);
            }
            case 401, 403 ->
                throw new ModelFileException(
                        "DOWNLOAD_REFUSED",
                        "%s is not given to everybody (status %d): accept its licence there, and give a token to the store"
                                .formatted(Origin.withoutSecrets(request.uri()), response.statusCode()));
            case 404, 410 ->
                throw new ModelFileException(
                        "MODEL_NOT_FOUND",
                        "there is no %s (status %d): check the names of repository and file"
                                .formatted(Origin.withoutSecrets(request.uri()), response.statusCode()));
            default -> {
                int status = response.statusCode();
                if (status == 408 || status == 425 || status == 429 || status >= 500) {
                    throw new BusySource(status, retryAfter(response));
                }
                throw new ModelFileException(
                        "DOWNLOAD_FAILED",
                        "%s answered with status %d".formatted(Origin.withoutSecrets(request.uri()), status));
            }
        }
    }

    private boolean beginRange(PartialFile partial, HttpResponse<?> response, Optional<String> etag)
            throws IOException, BrokenConnection {
        Matcher range = CONTENT_RANGE.matcher(
                response.headers().firstValue("Content-Range").orElse(""));
        boolean fits = range.matches()
                && range.group(1) != null
                && Long.parseLong(range.group(1)) == partial.length()
                && (etag.isEmpty() || partial.etag().isEmpty() || etag.equals(partial.etag()));
        long whole = fits && !range.group(3).equals("*") ? Long.parseLong(range.group(3)) : -1;
        if (!fits || (partial.total() >= 0 && whole >= 0 && whole != partial.total())) {
            partial.restart();
            advance(0);
            throw new BrokenConnection("another part came than was asked for, or of another file", null);
        }
        expect(partial, partial.etag().isPresent() ? partial.etag() : etag, whole >= 0 ? whole : partial.total());
        return true;
    }

    private static Duration retryAfter(HttpResponse<?> response) {
        return response.headers()
                .firstValue("Retry-After")
                .filter(seconds -> seconds.matches("\\d{1,6}"))
                .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))
                .orElse(Duration.ZERO);
    }

    /** Notes what the bytes are the beginning of, and refuses what cannot be it. */
    private void expect(PartialFile partial, Optional<String> etag, long whole) throws IOException {
        if (request.size().isPresent() && whole >= 0 && whole != request.size().getAsLong()) {
            partial.remove();
            throw new ModelFileException(
                    "FILE_REFUSED",
                    "%s should have %d bytes, but its source announces %d: see whether it was changed"
                            .formatted(request.name(), request.size().getAsLong(), whole));
        }
        partial.describe(etag, whole);
        total = whole >= 0 ? whole : request.size().orElse(-1);
        disk.require(Math.max(0, total - partial.length()), request.name());
        advance(partial.length());
    }

    private boolean receive(PartialFile partial, InputStream in, long deadline) throws IOException, BrokenConnection {
        synchronized (lock) {
            body = in;
        }
        lastByteAt = System.nanoTime();
        long stall = limits.stall().toNanos();
        ScheduledFuture<?> stalls = watch.scheduleWithFixedDelay(
                () -> {
                    if (System.nanoTime() - lastByteAt > stall) {
                        close(in);
                    }
                },
                stall / 4,
                stall / 4,
                TimeUnit.NANOSECONDS);
        try {
            copy(partial, in, deadline);
        } finally {
            stalls.cancel(false);
            synchronized (lock) {
                body = null;
            }
        }
        long whole = partial.total() >= 0 ? partial.total() : request.size().orElse(-1);
        if (partial.length() < whole) {
            throw new BrokenConnection("the answer ended early", new EOFException());
        }
        partial.complete();
        return true;
    }

    private void copy(PartialFile partial, InputStream in, long deadline) throws IOException, BrokenConnection {
        byte[] chunk = new byte[CHUNK];
        long syncAt = partial.length() + SYNC_EVERY;
        long lookAt = partial.length() + LOOK_AT_DISK_EVERY;
        while (true) {
            requireWanted(deadline);
            int read;
            try {
                read = in.read(chunk);
            } catch (IOException e) {
                boolean stalled =
                        System.nanoTime() - lastByteAt > limits.stall().toNanos();
                throw new BrokenConnection(stalled ? "nothing came for " + limits.stall() : "it broke (" + e + ")", e);
            }
            if (read < 0) {
                return;
            }
            lastByteAt = System.nanoTime();
            requireNotTooLong(partial, read);
            partial.write(chunk, read);
            advance(partial.length());
            if (partial.length() >= syncAt) {
                partial.sync();
                syncAt = partial.length() + SYNC_EVERY;
            }
            if (partial.length() >= lookAt) {
                disk.require(0, request.name());
                lookAt = partial.length() + LOOK_AT_DISK_EVERY;
            }
        }
    }

    private void requireNotTooLong(PartialFile partial, int more) throws IOException {
        if (total >= 0 && partial.length() + more > total) {
            partial.remove();
            throw new ModelFileException(
                    "FILE_REFUSED",
                    "more than %d bytes came for %s: see whether it was changed".formatted(total, request.name()));
        }
    }

    private void advance(long length) {
        received = length;
        try {
            listener.accept(length);
        } catch (RuntimeException e) {
            log.error("a listener to the progress of {} failed", request.name(), e);
        }
    }

    private Received checked(PartialFile partial) throws IOException {
        String digest = partial.digest(sha256());
        String wrong = null;
        if (request.size().isPresent() && partial.length() != request.size().getAsLong()) {
            wrong = "has %d bytes instead of %d"
                    .formatted(partial.length(), request.size().getAsLong());
        } else if (request.sha256().isPresent() && !request.sha256().get().equals(digest)) {
            wrong = "has the SHA-256 %s instead of %s"
                    .formatted(digest, request.sha256().get());
        } else {
            Optional<FileKind> kind = FileKind.of(request.name());
            if (kind.isPresent() && !kind.get().begins(partial.head(FileKind.HEAD))) {
                wrong = "does not begin as a " + kind.get() + " file does";
            }
        }
        if (wrong != null) {
            partial.remove();
            throw new ModelFileException(
                    "FILE_REFUSED",
                    "%s from %s %s; it has been removed"
                            .formatted(request.name(), Origin.withoutSecrets(request.uri()), wrong));
        }
        return new Received(file, partial.length(), digest);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
