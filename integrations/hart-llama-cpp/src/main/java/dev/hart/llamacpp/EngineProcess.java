package dev.hart.llamacpp;

import dev.hart.gpu.model.ProcessExit;
import dev.hart.gpu.process.OutputRing;
import dev.hart.gpu.process.ProcessGroup;
import dev.hart.llamacpp.Frame.Kind;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process of one model, seen from here: calls go out as frames, and one thread hands the answers to those who wait for them.
 * Another thread keeps the end of what it writes to standard error. It ends with {@link #kill}, by itself, or with this JVM, whose
 * end closes its standard input. Thread-safe.
 */
final class EngineProcess {
    private static final Logger log = LoggerFactory.getLogger(EngineProcess.class);
    private static final Duration AFTER_THE_KILL = Duration.ofSeconds(10);
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);
    private static final int SHOWN = 1_000;

    private final Process process;
    private final OutputRing words = new OutputRing(List.of());
    private final CompletableFuture<?> wordsRead;
    private final CompletableFuture<ProcessExit> exit = new CompletableFuture<>();
    private final Map<Integer, Call> calls = new ConcurrentHashMap<>();
    private final AtomicInteger lastCall = new AtomicInteger();
    private final Call loading = new Call(0, () -> {});
    private volatile boolean gone;

    private EngineProcess(Process process) {
        this.process = process;
        calls.put(0, loading);
        wordsRead = thread("hart-llama-output-of-" + process.pid(), this::keepWords);
        var unused = thread("hart-llama-answers-of-" + process.pid(), this::handOut);
        var unusedEnd = process.onExit().thenAccept(ended -> ProcessGroup.kill(ended.pid()));
    }

    /**
     * Starts a process that speaks frames.
     *
     * @param environment all that it gets
     */
    static EngineProcess start(List<String> command, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(ProcessGroup.leading(command));
        builder.environment().clear();
        builder.environment().putAll(environment);
        return new EngineProcess(builder.start());
    }

    private static CompletableFuture<?> thread(String name, Runnable work) {
        CompletableFuture<Boolean> end = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } finally {
                        end.complete(true);
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return end;
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    /** Completes once it has ended, before any call is told so. */
    CompletableFuture<ProcessExit> exit() {
        return exit;
    }

    /** The last 64 KiB of its standard error. */
    String output() {
        return words.text();
    }

    /** How it ended, and the last it wrote. */
    String ending() {
        ProcessExit ended = exit.getNow(ProcessExit.unknown());
        String said = words.text().strip();
        String shown = said.length() > SHOWN ? "…" + said.substring(said.length() - SHOWN) : said;
        return ended
                + (ended.kind() == ProcessExit.Kind.OUT_OF_MEMORY ? ", as when memory runs out" : "")
                + (shown.isEmpty() ? "" : "; the last it wrote: " + shown);
    }

    /** The call that the process begins by itself, and that loads the model. */
    Call loading() {
        return loading;
    }

    /**
     * A call to come.
     *
     * @param onEnd run once its last answer is there, whether anybody waits for it or not
     */
    Call call(Runnable onEnd) {
        Call call = new Call(lastCall.incrementAndGet(), onEnd);
        calls.put(call.id, call);
        if (gone) {
            tellGone(call);
        }
        return call;
    }

    /** Kills it, and returns when it is gone. A second call changes nothing. */
    void kill() {
        List<ProcessHandle> descendants = process.descendants().toList();
        if (process.isAlive()) {
            ProcessGroup.kill(process.pid());
            process.destroyForcibly();
        }
        descendants.forEach(ProcessHandle::destroyForcibly);
        boolean interrupted = false;
        long deadline = System.nanoTime() + AFTER_THE_KILL.toNanos();
        while (!exit.isDone()) {
            try {
                var unused = exit.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (TimeoutException | ExecutionException e) {
                log.warn("process {} of a model has not ended {} after it was killed", process.pid(), AFTER_THE_KILL);
                break;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void keepWords() {
        byte[] buffer = new byte[8 << 10];
        try (InputStream in = process.getErrorStream()) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                words.write(buffer, read);
            }
        } catch (IOException e) {
            log.trace("the output of process {} has ended", process.pid(), e);
        }
    }

    private void handOut() {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(process.getInputStream()))) {
            for (Frame frame = Frame.read(in); frame != null; frame = Frame.read(in)) {
                Call call = frame.kind().isLast() ? calls.remove(frame.call()) : calls.get(frame.call());
                if (call != null) {
                    call.take(frame);
                }
            }
        } catch (IOException e) {
            log.debug("what process {} says cannot be read", process.pid(), e);
            process.destroyForcibly();
        } finally {
            ended();
        }
    }

    private void ended() {
        ProcessExit ending;
        try {
            if (!process.waitFor(AFTER_THE_KILL.toNanos(), TimeUnit.NANOSECONDS)) {
                process.destroyForcibly(); // it has closed its output, and lives
            }
            ending = ProcessExit.of(process.waitFor());
            wordsRead.get(LAST_WORDS.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException | TimeoutException | ExecutionException e) {
            ending = process.isAlive() ? ProcessExit.unknown() : ProcessExit.of(process.exitValue());
        }
        exit.complete(ending);
        gone = true;
        List.copyOf(calls.values()).forEach(this::tellGone);
    }

    private void tellGone(Call call) {
        if (calls.remove(call.id, call)) {
            call.take(Frame.of(Kind.GONE, call.id));
        }
    }

    /** One call, and the answers to it that nobody has taken yet. */
    final class Call {
        private final int id;
        private final Runnable onEnd;
        private final BlockingQueue<Frame> answers = new LinkedBlockingQueue<>();

        private Call(int id, Runnable onEnd) {
            this.id = id;
            this.onEnd = onEnd;
        }

        private void take(Frame answer) {
            answers.add(answer);
            if (answer.kind().isLast()) {
                onEnd.run();
            }
        }

        /** Forgets it; nothing may have been sent. */
        void drop() {
            if (calls.remove(id, this)) {
                onEnd.run();
            }
        }

        /** Sends a frame of it. When the process is gone that is an answer, not a failure to send. */
        void send(Kind kind, List<Integer> numbers, List<String> texts) {
            send(new Frame(kind, id, numbers, texts).encoded());
        }

        void send(byte[] frame) {
            OutputStream out = process.getOutputStream();
            try {
                synchronized (out) {
                    out.write(frame);
                    out.flush();
                }
            } catch (IOException e) {
                log.debug("process {} takes nothing more", process.pid(), e);
            }
        }

        int id() {
            return id;
        }

        /** The next answer, or null when none came in time. */
        @Nullable
        Frame next(long deadlineNanos) throws InterruptedException {
            return answers.poll(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
        }

        /** The same; an interrupt is kept for later. */
        @Nullable
        Frame nextInAnyCase(long deadlineNanos) {
            boolean interrupted = false;
            try {
                while (true) {
                    try {
                        return next(deadlineNanos);
                    } catch (InterruptedException e) {
                        interrupted = true;
                    }
                }
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }
}
