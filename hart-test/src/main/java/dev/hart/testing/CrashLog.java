package dev.hart.testing;

import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunState;
import dev.hart.error.RunPausedException;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolContext;
import dev.hart.tool.ToolResult;
import dev.hart.tool.ToolSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the processes of a scenario did, a JSON value on each line. A line is handed to the operating system before the process
 * goes on, so that it survives the process. Thread-safe.
 */
final class CrashLog implements AutoCloseable {
    private final FileChannel file;

    private CrashLog(FileChannel file) {
        this.file = file;
    }

    /** Appends to a log; it is made when it is missing. */
    static CrashLog append(Path file) throws IOException {
        return new CrashLog(FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
    }

    void processStarts() {
        write(Map.of("kind", "process"));
    }

    /** A run was begun by that call of the scenario, from 0. */
    void begun(int call, String run) {
        write(Map.of("kind", "begun", "call", call, "run", run));
    }

    void commit(int number, RunEvent last) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("kind", "commit");
        line.put("number", number);
        line.put("run", last.runId());
        line.put("what", last.action() + " " + last.type().wireName());
        line.put("at", last.at().toString());
        write(line);
    }

    void runStarted(String run) {
        write(Map.of("kind", "started", "run", run));
    }

    void call(int number, ToolSpec tool, Map<String, @Nullable Object> arguments, ToolContext context) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("kind", "call");
        line.put("number", number);
        line.put("run", context.runId());
        line.put("action", context.action());
        line.put("tool", tool.name());
        line.put("effect", tool.effect().name());
        line.put("key", context.idempotencyKey());
        line.put("arguments", JsonText.compact(arguments));
        write(line);
    }

    void answer(int number, ToolResult<?> result) {
        write(Map.of(
                "kind",
                "answer",
                "number",
                number,
                "code",
                result instanceof ToolResult.Failed<?> f ? f.code() : "OK"));
    }

    void end(List<Run> runs, @Nullable Throwable thrown) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("kind", "end");
        line.put("runs", runs.stream().map(CrashLog::json).toList());
        line.put("thrown", thrown == null ? null : thrown.toString());
        write(line);
    }

    private static Map<String, @Nullable Object> json(Run run) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("id", run.id());
        json.put("state", run.state().name());
        json.put("code", run.failure().map(e -> e.code()).orElse(null));
        json.put("outputs", run.state() == RunState.SUCCEEDED ? JsonText.compact(run.outputs()) : null);
        json.put(
                "waitingFor",
                run.failure().orElse(null) instanceof RunPausedException paused ? paused.waitingFor() : List.of());
        return json;
    }

    private void write(Map<String, ?> line) {
        ByteBuffer bytes = ByteBuffer.wrap((JsonText.compact(line) + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            synchronized (this) {
                while (bytes.hasRemaining()) {
                    file.write(bytes);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the log of the scenario cannot be written", e);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    /**
     * One call of a tool.
     *
     * @param process from 1
     * @param code {@code OK}, why it failed, or null when it was not answered
     */
    record Call(
            int process,
            int number,
            String run,
            String action,
            String tool,
            Effect effect,
            String key,
            String arguments,
            @Nullable String code) {}

    /** A commit of a process. */
    record Commit(int process, int number, String what) {}

    /**
     * How a run ended.
     *
     * @param outputs as JSON; null unless it succeeded
     */
    record End(
            String id,
            RunState state,
            @Nullable String code,
            @Nullable String outputs,
            List<String> waitingFor) {
        boolean isInDoubt() {
            return waitingFor.stream().anyMatch(reason -> reason.contains("IN_DOUBT"));
        }
    }

    /**
     * What a log says.
     *
     * @param begun ids of runs in the order in which the scenario began them; one whose begin was cut off before
     *     the scenario had it included
     * @param at time of the last commit; null when there is none
     * @param ended whether the scenario came to its end; {@code ends} and {@code thrown} say how
     */
    record Content(
            List<String> begun,
            List<Commit> commits,
            List<Call> calls,
            @Nullable Instant at,
            boolean ended,
            List<End> ends,
            @Nullable String thrown) {}

    /** Reads a log; an empty one when there is no file. */
    static Content read(Path file) throws IOException {
        Map<Integer, String> begun = new TreeMap<>();
        List<String> started = new ArrayList<>();
        List<Commit> commits = new ArrayList<>();
        List<Call> calls = new ArrayList<>();
        List<End> ends = new ArrayList<>();
        Instant at = null;
        boolean ended = false;
        String thrown = null;
        int process = 0;
        for (String text : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
            Map<?, ?> line = (Map<?, ?>) Objects.requireNonNull(JsonText.parse(text));
            switch (text(line, "kind")) {
                case "process" -> process++;
                case "begun" -> begun.put(number(line, "call"), text(line, "run"));
                case "started" -> started.add(text(line, "run"));
                case "commit" -> {
                    at = Instant.parse(text(line, "at"));
                    commits.add(new Commit(process, number(line, "number"), text(line, "what")));
                }
                case "call" ->
                    calls.add(new Call(
                            process,
                            number(line, "number"),
                            text(line, "run"),
                            text(line, "action"),
                            text(line, "tool"),
                            Effect.valueOf(text(line, "effect")),
                            text(line, "key"),
                            text(line, "arguments"),
                            null));
                case "answer" -> answered(calls, process, number(line, "number"), text(line, "code"));
                case "end" -> {
                    ended = true;
                    thrown = (String) line.get("thrown");
                    ((List<?>) Objects.requireNonNull(line.get("runs"))).forEach(run -> ends.add(end((Map<?, ?>) run)));
                }
                default -> throw new IllegalArgumentException("an unknown line: " + text);
            }
        }
        started.stream().filter(run -> !begun.containsValue(run)).forEach(run -> begun.put(begun.size(), run));
        return new Content(List.copyOf(begun.values()), commits, calls, at, ended, ends, thrown);
    }

    private static void answered(List<Call> calls, int process, int number, String code) {
        calls.replaceAll(call -> call.process() == process && call.number() == number
                ? new Call(
                        process,
                        number,
                        call.run(),
                        call.action(),
                        call.tool(),
                        call.effect(),
                        call.key(),
                        call.arguments(),
                        code)
                : call);
    }

    private static End end(Map<?, ?> run) {
        return new End(
                text(run, "id"),
                RunState.valueOf(text(run, "state")),
                (String) run.get("code"),
                (String) run.get("outputs"),
                ((List<?>) Objects.requireNonNull(run.get("waitingFor")))
                        .stream().map(String::valueOf).toList());
    }

    private static String text(Map<?, ?> line, String field) {
        return (String) Objects.requireNonNull(line.get(field), field);
    }

    private static int number(Map<?, ?> line, String field) {
        return Math.toIntExact((Long) Objects.requireNonNull(line.get(field), field));
    }
}
