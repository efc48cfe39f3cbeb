package dev.hart.gpu.catalogue;

import dev.hart.error.ModelFileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transfers of a store, four at a time. Who asks for the same file at the same time shares one; it is stopped when nobody wants
 * it any more. Thread-safe.
 */
final class Transfers implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Transfers.class);
    private static final int AT_A_TIME = 4;

    private final Path folder;
    private final Maker maker;
    private final ThreadPoolExecutor threads;
    private final ScheduledThreadPoolExecutor watch;
    private final Object lock = new Object();
    private final Map<Path, Shared> running = new HashMap<>();

    /** Those that nobody wants and that have not ended; another of that file begins after them. */
    private final Map<Path, CompletableFuture<?>> ending = new HashMap<>();

    private boolean closed;

    interface Maker {
        Transfer make(FileRequest request, Path file, ScheduledThreadPoolExecutor watch);
    }

    Transfers(Path folder, Maker maker) {
        this.folder = folder;
        this.threads = new ThreadPoolExecutor(
                AT_A_TIME,
                AT_A_TIME,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                work -> daemon(work, "hart-model-transfer"));
        threads.allowCoreThreadTimeOut(true);
        this.watch = new ScheduledThreadPoolExecutor(1, work -> daemon(work, "hart-model-watch"));
        watch.setRemoveOnCancelPolicy(true);
        watch.setKeepAliveTime(10, TimeUnit.SECONDS);
        watch.allowCoreThreadTimeOut(true);
        this.maker = maker;
    }

    static Thread daemon(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Its name is that of the URL and the digest that is expected. */
    private Path fileOf(FileRequest request) {
        byte[] key = (request.uri() + " " + request.sha256().orElse("")).getBytes(StandardCharsets.UTF_8);
        return folder.resolve(HexFormat.of().formatHex(Transfer.sha256().digest(key)) + ".part");
    }

    private static final class Shared {
        final Transfer transfer;
        final CompletableFuture<Transfer.Received> result = new CompletableFuture<>();
        final Map<Claim, LongConsumer> claims = new HashMap<>();

        Shared(Transfer transfer) {
            this.transfer = transfer;
        }
    }

    /** A share in a transfer. Close it when its file is not needed any more. */
    final class Claim implements AutoCloseable {
        private final Path file;
        private final Shared shared;

        private Claim(Path file, Shared shared) {
            this.file = file;
            this.shared = shared;
        }

        CompletableFuture<Transfer.Received> result() {
            return shared.result;
        }

        long received() {
            return shared.transfer.received();
        }

        /** -1 as long as that is not known. */
        long total() {
            return shared.transfer.total();
        }

        /** The last one stops the transfer; what it brought is deleted when it is whole, and kept for another time when not. */
        @Override
        public void close() {
            synchronized (lock) {
                if (shared.claims.remove(this) == null || !shared.claims.isEmpty()) {
                    return;
                }
                running.remove(file, shared);
                CompletableFuture<?> ended = shared.result.handle(this::cleanUp);
                if (!ended.isDone()) {
                    ending.put(file, ended);
                }
            }
            shared.transfer.cancel();
        }

        private boolean cleanUp(Transfer.@Nullable Received received, @Nullable Throwable failure) {
            if (received != null) {
                delete(received.file());
            }
            synchronized (lock) {
                ending.remove(file);
            }
            return failure == null;
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
            Files.deleteIfExists(PartialFile.noteOf(file));
        } catch (IOException e) {
            log.warn("{} is not needed any more and could not be deleted", file, e);
        }
    }

    /** Begins a transfer or joins the one that runs; the listener is told of every change of what is here. */
    Claim claim(FileRequest request, LongConsumer listener) {
        synchronized (lock) {
            if (closed) {
                throw new IllegalStateException("the model store is closed");
            }
            Path file = fileOf(request);
            Shared shared = running.get(file);
            if (shared == null || shared.result.isCompletedExceptionally()) {
                shared = new Shared(maker.make(request, file, watch));
                running.put(file, shared);
                start(shared, ending.get(file));
            }
            Claim claim = new Claim(file, shared);
            shared.claims.put(claim, listener);
            return claim;
        }
    }

    private void start(Shared shared, @Nullable CompletableFuture<?> before) {
        shared.transfer.listener(bytes -> {
            LongConsumer[] listeners;
            synchronized (lock) {
                listeners = shared.claims.values().toArray(LongConsumer[]::new);
            }
            for (LongConsumer listener : listeners) {
                listener.accept(bytes);
            }
        });
        Runnable work = () -> {
            try {
                threads.execute(() -> run(shared));
            } catch (RejectedExecutionException e) {
                shared.result.completeExceptionally(
                        new ModelFileException("DOWNLOAD_CANCELLED", "the model store was closed", e));
            }
        };
        if (before == null) {
            work.run();
        } else {
            var unused = before.whenComplete((result, failure) -> work.run());
        }
    }

    private static void run(Shared shared) {
        try {
            shared.result.complete(shared.transfer.run());
        } catch (RuntimeException e) {
            shared.result.completeExceptionally(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            shared.result.completeExceptionally(
                    new ModelFileException("DOWNLOAD_CANCELLED", "the model store was closed", e));
        }
    }

    /** Stops all; what is here of them stays. */
    @Override
    public void close() {
        Shared[] all;
        synchronized (lock) {
            closed = true;
            all = running.values().toArray(Shared[]::new);
        }
        for (Shared shared : all) {
            shared.transfer.cancel();
        }
        threads.shutdown();
        watch.shutdown();
    }
}
