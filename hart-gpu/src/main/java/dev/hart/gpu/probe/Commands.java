package dev.hart.gpu.probe;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Real child processes. Each has two daemon threads of its own that drain its output. Thread-safe. */
final class Commands implements CommandRunner {
    static final int MAX_OUTPUT = 4 << 20;
    private static final Duration AFTER_THE_KILL = Duration.ofSeconds(1);

    @Override
    public CommandResult run(List<String> command, Duration limit) throws InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command).start();
        } catch (IOException e) {
            return new CommandResult.NotStarted(String.valueOf(e.getMessage()));
        }
        long end = System.nanoTime() + limit.toNanos();
        try {
            process.getOutputStream().close();
            CompletableFuture<String> output = drain(process.getInputStream(), command);
            CompletableFuture<String> errors = drain(process.getErrorStream(), command);
            if (!process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                return new CommandResult.TimedOut(limit);
            }
            // A descendant that outlives the command may keep the pipes open: the limit holds for reading, too.
            return new CommandResult.Finished(process.exitValue(), await(output, end), await(errors, end));
        } catch (TimeoutException e) {
            return new CommandResult.TimedOut(limit);
        } catch (IOException | ExecutionException e) {
            return new CommandResult.NotStarted(String.valueOf(e.getMessage()));
        } finally {
            kill(process);
        }
    }

    private static String await(CompletableFuture<String> text, long end)
            throws InterruptedException, ExecutionException, TimeoutException {
        return text.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
    }

    private static void kill(Process process) throws InterruptedException {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process.waitFor(AFTER_THE_KILL.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Keeps the first {@link #MAX_OUTPUT} bytes and reads on to the end, so that the child never blocks on a full pipe. */
    private static CompletableFuture<String> drain(InputStream stream, List<String> command) {
        CompletableFuture<String> text = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try (stream) {
                        byte[] kept = stream.readNBytes(MAX_OUTPUT);
                        stream.transferTo(OutputStream.nullOutputStream());
                        text.complete(new String(kept, StandardCharsets.UTF_8));
                    } catch (IOException e) {
                        text.completeExceptionally(e);
                    }
                },
                "hart-gpu-output-of-" + command.get(0));
        thread.setDaemon(true);
        thread.start();
        return text;
    }
}
