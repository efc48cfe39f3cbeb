package dev.hart.gpu.sidecar;

import dev.hart.gpu.process.OutputRing;
import dev.hart.gpu.process.ProcessGroup;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * One process and all that it starts. Its output is drained on two threads of its own, so that it never blocks; its input stays
 * open while this JVM lives, so it can tell when that is gone. Thread-safe.
 */
final class Child {
    private static final Duration AFTER_THE_KILL = Duration.ofSeconds(5);

    private final String tool;
    private final Process process;
    private final OutputRing output;
    private final CompletableFuture<Integer> port = new CompletableFuture<>();
    private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();

    private Child(String tool, Process process, OutputRing output) {
        this.tool = tool;
        this.process = process;
        this.output = output;
    }

    static Child start(
            String tool,
            List<String> command,
            Map<String, String> environment,
            Optional<Path> folder,
            Pattern readyLine,
            OutputRing output)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(ProcessGroup.leading(command));
        folder.ifPresent(path -> builder.directory(path.toFile()));
        builder.environment().clear();
        builder.environment().putAll(environment);
        Child child = new Child(tool, builder.start(), output);
        CompletableFuture<?> out = child.drain(child.process.getInputStream(), readyLine);
        CompletableFuture<?> err = child.drain(child.process.getErrorStream(), readyLine);
        var unused = child.process.onExit().thenAccept(ended -> {
            ProcessGroup.kill(ended.pid()); // what it leaves behind, which may hold the pipes open, too
            // Its last words are of interest to whoever is told.
            var unusedWords = CompletableFuture.allOf(out, err)
                    .completeOnTimeout(null, 1, TimeUnit.SECONDS)
                    .thenRun(() -> child.exitCode.complete(ended.exitValue()));
        });
        return child;
    }

    private CompletableFuture<?> drain(InputStream stream, Pattern readyLine) {
        CompletableFuture<Boolean> end = new CompletableFuture<>();
        ReadyLine ready = new ReadyLine(readyLine, port);
        Thread thread = new Thread(
                () -> {
                    byte[] buffer = new byte[8 << 10];
                    try (stream) {
                        for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
                            output.write(buffer, read);
                            ready.read(buffer, read);
                        }
                    } catch (IOException e) {
                        output.write(new byte[] {'\n'}, 1); // the process is gone and its pipe with it
                    } finally {
                        end.complete(true);
                    }
                },
                "hart-sidecar-output-of-" + tool);
        thread.setDaemon(true);
        thread.start();
        return end;
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    /** Completes once it has named its port; exceptionally when that was none. */
    CompletableFuture<Integer> port() {
        return port;
    }

    /** Completes once it has ended and its output has been read. */
    CompletableFuture<Integer> exitCode() {
        return exitCode;
    }

    OutputRing output() {
        return output;
    }

    /** Asks it to end, and kills it and all that it started when that takes longer. */
    void stop(Duration limit) {
        List<ProcessHandle> descendants = handle().descendants().toList();
        handle().destroy();
        boolean interrupted = !await(limit);
        kill(descendants);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Kills it and all that it started. */
    void kill() {
        kill(handle().descendants().toList());
    }

    private void kill(List<ProcessHandle> descendants) {
        descendants.forEach(ProcessHandle::destroyForcibly);
        if (process.isAlive()) {
            ProcessGroup.kill(process.pid());
            process.destroyForcibly();
        }
        if (!await(AFTER_THE_KILL)) {
            Thread.currentThread().interrupt();
        }
    }

    /** Until it has ended and its group was killed; false when the thread was interrupted. */
    private boolean await(Duration limit) {
        try {
            var unused = exitCode.get(limit.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return true;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            return false;
        }
    }
}
