package dev.hart.core.crash;

import dev.hart.tool.Effect;
import dev.hart.tool.Tool;
import dev.hart.tool.ToolContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Tools that leave a trace of every call and of every effect, and are slow enough to be killed before, between and after.
 * Each call answers with an id of its own, so that a result tells which call it came from.
 */
public final class CrashTools {
    /** One line for every call, written before anything else: idempotency key and call id. */
    static final String CALLS = "calls.log";
    /** One line for every effect of a WRITE step: action, idempotency key, call id and number. */
    static final String EFFECTS = "effects.log";

    private static final long WORK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final Path folder;

    CrashTools(Path folder) {
        this.folder = folder;
    }

    /** What a call answers. */
    public record Result(long number, String call) {}

    @Tool(name = "crash.read", description = "Read a number from a file.", effect = Effect.READ)
    public Result read(String file, ToolContext context) throws IOException {
        String call = begin("read", context);
        Result result = new Result(Long.parseLong(Files.readString(folder.resolve(file))), call);
        return end("read", result);
    }

    @Tool(name = "crash.put", description = "Put a number plus one into a file.", effect = Effect.IDEMPOTENT)
    public Result put(String file, long number, ToolContext context) throws IOException {
        String call = begin("put", context);
        Path fresh = folder.resolve(file + "." + call);
        Files.writeString(fresh, Long.toString(number + 1));
        Files.move(fresh, folder.resolve(file), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return end("put", new Result(number + 1, call));
    }

    @Tool(name = "crash.append", description = "Append a number times two to the log.", effect = Effect.WRITE)
    public Result append(long number, ToolContext context) throws IOException {
        String call = begin("append", context);
        append(EFFECTS, "%s %s %s %d".formatted(context.action(), context.idempotencyKey(), call, 2 * number));
        return end("append", new Result(2 * number, call));
    }

    private String begin(String tool, ToolContext context) throws IOException {
        String call = UUID.randomUUID().toString();
        append(CALLS, context.idempotencyKey() + " " + call);
        CrashedProcess.say("begin " + tool);
        LockSupport.parkNanos(WORK_NANOS);
        return call;
    }

    private static Result end(String tool, Result result) {
        LockSupport.parkNanos(WORK_NANOS);
        CrashedProcess.say("end " + tool);
        return result;
    }

    /** One write of the whole line: a killed process leaves it out or leaves it whole. */
    private void append(String file, String line) throws IOException {
        Files.writeString(folder.resolve(file), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
