package dev.hart.server.cli;

import dev.hart.Evidence;
import dev.hart.Hart;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunHandle;
import dev.hart.RunState;
import dev.hart.Runs;
import dev.hart.error.RunNotFoundException;
import dev.hart.server.Documents.RunDocument;
import dev.hart.server.Documents.RunLine;
import dev.hart.server.JsonText;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hart runs}. */
@Command(
        name = "runs",
        description = "Lists runs, shows one, and answers what a run asks.",
        mixinStandardHelpOptions = true)
final class RunsCommand implements Callable<Integer> {
    private static final String RUN = "the run's id";
    private final Terminal terminal;

    @Spec
    private CommandSpec spec;

    @Mixin
    private RuntimeOptions options = new RuntimeOptions();

    RunsCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        return list(options, 20, false);
    }

    @Command(name = "list", description = "Lists the newest runs first.", mixinStandardHelpOptions = true)
    int list(
            @Mixin RuntimeOptions options,
            @Option(names = "--limit", defaultValue = "20", description = "how many, 1 to 1000 (${DEFAULT-VALUE})")
                    int limit,
            @Option(names = "--json", description = "print one JSON document instead") boolean json) {
        if (limit < 1 || limit > 1_000) {
            throw new ParameterException(spec.commandLine(), "--limit must be 1 to 1000, was " + limit);
        }
        try (Hart hart = options.open()) {
            List<Runs.Summary> runs = hart.runs().list(limit);
            Instant now = Instant.now();
            if (json) {
                terminal.line(JsonText.writeIndented(
                        runs.stream().map(run -> RunLine.of(run, now)).toList()));
                return HartCommand.OK;
            }
            if (runs.isEmpty()) {
                terminal.line("No runs yet in " + options.place() + ". Start one: hart run \"...\"");
                return HartCommand.OK;
            }
            terminal.table(
                    List.of("RUN", "STATE", "MODE", "STARTED", "TIME", "REQUEST"),
                    runs.stream()
                            .map(run -> List.of(
                                    run.id(),
                                    run.state().name(),
                                    run.mode().name(),
                                    Moments.local(run.startedAt()),
                                    RunPrinter.time(Duration.between(
                                            run.startedAt(), run.endedAt() == null ? now : run.endedAt())),
                                    Terminal.shorten(run.request(), 80)))
                            .toList());
            return HartCommand.OK;
        }
    }

    @Command(name = "show", description = "Shows one run and its journal.", mixinStandardHelpOptions = true)
    int show(
            @Mixin RuntimeOptions options,
            @Parameters(paramLabel = "ID", description = RUN) String id,
            @Option(names = "--json", description = "print one JSON document instead") boolean json) {
        try (Hart hart = options.open()) {
            Runs.Summary summary = find(hart, id);
            if (json) {
                terminal.line(JsonText.writeIndented(
                        summary.state() == RunState.RUNNING
                                ? RunDocument.of(RunLine.of(summary, Instant.now()))
                                : RunDocument.of(hart, hart.runs().get(id))));
                return HartCommand.OK;
            }
            terminal.field("Request", Terminal.shorten(summary.request(), 200));
            terminal.field("State", summary.state().name());
            terminal.field("Started", Moments.local(summary.startedAt()));
            summary.waitingFor().forEach(waiting -> terminal.field("Waits for", waiting));
            terminal.blank();
            if (summary.state() == RunState.RUNNING) {
                terminal.line("It is still running, or was cut off; in the second case: hart runs resume " + id);
                return HartCommand.OK;
            }
            RunPrinter printer = new RunPrinter(terminal, hart, options.place());
            try (Stream<RunEvent> events = hart.runs().events(id, 0)) {
                printer.follow(events);
            }
            printer.end(hart.runs().get(id));
            return HartCommand.OK;
        }
    }

    @Command(
            name = "evidence",
            description = "Writes the signed record of a run that has ended, which can be checked without HART.",
            mixinStandardHelpOptions = true)
    int evidence(
            @Mixin RuntimeOptions options,
            @Parameters(paramLabel = "ID", description = RUN) String id,
            @Option(names = "--out", paramLabel = "FILE", description = "the file to write (standard output)") @Nullable
                    Path out)
            throws IOException {
        try (Hart hart = options.open()) {
            find(hart, id);
            Evidence evidence = hart.runs().get(id).evidence();
            if (out == null) {
                evidence.writeTo(terminal.out());
            } else {
                evidence.writeTo(out);
                terminal.field("Evidence", out.toString());
                terminal.field("Key", evidence.keyId());
                terminal.field("Public", evidence.publicKey());
            }
            return HartCommand.OK;
        }
    }

    @Command(
            name = "resume",
            description = "Takes up an unfinished run, or every one whose process is gone.",
            mixinStandardHelpOptions = true)
    int resume(
            @Mixin RuntimeOptions options,
            @Parameters(paramLabel = "ID", arity = "0..1", description = RUN) @Nullable String id) {
        try (Hart hart = options.open()) {
            if (id != null) {
                find(hart, id);
                return ended(options, hart, hart.resume(id));
            }
            List<RunHandle> handles = hart.resume();
            if (handles.isEmpty()) {
                terminal.line("Nothing to take up: no run was cut off.");
            }
            int code = HartCommand.OK;
            for (RunHandle handle : handles) {
                Run run = handle.await();
                terminal.line(run.id() + "  " + run.state() + "  " + Terminal.shorten(run.request(), 80));
                code = Math.max(code, RunPrinter.exitCode(run));
            }
            return code;
        }
    }

    @Command(name = "cancel", description = "Asks a run to stop.", mixinStandardHelpOptions = true)
    int cancel(@Mixin RuntimeOptions options, @Parameters(paramLabel = "ID", description = RUN) String id) {
        try (Hart hart = options.open()) {
            find(hart, id);
            hart.runs().cancel(id);
            terminal.line("Asked " + id + " to stop; it is " + find(hart, id).state() + ".");
            return HartCommand.OK;
        }
    }

    @Command(
            name = "approve",
            description = "Lets an action that waits go ahead, and takes the run up.",
            mixinStandardHelpOptions = true)
    int approve(
            @Mixin RuntimeOptions options,
            @Parameters(paramLabel = "ID", description = RUN) String id,
            @Parameters(paramLabel = "ACTION", description = "as hart runs show names it") String action) {
        try (Hart hart = options.open()) {
            find(hart, id);
            hart.runs().approve(id, action);
            return ended(options, hart, hart.resume(id));
        }
    }

    @Command(
            name = "reject",
            description = "Drops an action that waits, and takes the run up.",
            mixinStandardHelpOptions = true)
    int reject(
            @Mixin RuntimeOptions options,
            @Parameters(paramLabel = "ID", description = RUN) String id,
            @Parameters(paramLabel = "ACTION", description = "as hart runs show names it") String action) {
        try (Hart hart = options.open()) {
            find(hart, id);
            hart.runs().reject(id, action);
            return ended(options, hart, hart.resume(id));
        }
    }

    @Command(
            name = "answer",
            description = "Answers a question of a run, and takes the run up.",
            mixinStandardHelpOptions = true)
    int answer(
            @Mixin RuntimeOptions options,
            @Parameters(paramLabel = "ID", description = RUN) String id,
            @Parameters(paramLabel = "QUESTION", description = "as hart runs show names it") String question,
            @Parameters(paramLabel = "VALUE", description = "a text, or JSON where the question asks for more")
                    String value) {
        try (Hart hart = options.open()) {
            find(hart, id);
            hart.runs().answer(id, question, answer(hart, id, question, value));
            return ended(options, hart, hart.resume(id));
        }
    }

    /** A text where the question asks for one, or it is no JSON. */
    private static @Nullable Object answer(Hart hart, String id, String question, String value) {
        boolean text = hart.runs().questions(id).stream()
                .filter(asked -> question.equals(RunPrinter.name(id, asked)))
                .anyMatch(asked ->
                        asked.schema() != null && "string".equals(asked.schema().get("type")));
        if (text) {
            return value;
        }
        try {
            return JsonText.readValue(value);
        } catch (IOException e) {
            return value;
        }
    }

    private int ended(RuntimeOptions options, Hart hart, Run run) {
        new RunPrinter(terminal, hart, options.place()).end(run);
        return RunPrinter.exitCode(run);
    }

    static Runs.Summary find(Hart hart, String id) {
        return hart.runs()
                .find(id)
                .orElseThrow(() -> new RunNotFoundException("there is no run " + id + "; hart runs list shows all"));
    }
}
