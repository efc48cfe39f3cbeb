package dev.hart.server.cli;

import dev.hart.HartClock;
import dev.hart.error.InvalidConfigurationException;
import dev.hart.error.LedgerException;
import dev.hart.error.StoreUnavailableException;
import dev.hart.ledger.Checkpoint;
import dev.hart.ledger.EventCursor;
import dev.hart.ledger.ExportFormat;
import dev.hart.ledger.ImportReport;
import dev.hart.ledger.Ledger;
import dev.hart.ledger.LedgerEvent;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.LedgerSummary;
import dev.hart.ledger.Ledgers;
import dev.hart.ledger.ReferenceLedger;
import dev.hart.ledger.Task;
import dev.hart.ledger.TaskFilter;
import dev.hart.ledger.TaskStatus;
import dev.hart.ledger.VerifyReport;
import dev.hart.security.NodeKey;
import dev.hart.server.JsonText;
import dev.hart.server.LedgerDocuments;
import dev.hart.server.LedgerGraph;
import dev.hart.server.cli.Terminal.Tone;
import dev.hart.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hart ledger}. It reads the database itself, so an auditor needs no runtime. */
@Command(
        name = "ledger",
        description = "Shows ledgers, their tasks and their tamper-evident history, and verifies it.",
        mixinStandardHelpOptions = true)
final class LedgerCommand implements Callable<Integer> {
    private static final String DATABASE = "hart.db";
    private static final int PAGE = 1_000;
    private static final String ID = "a run's id, a ledger's key, or AGENT/SESSION";
    private static final String JSON = "print one JSON document instead";
    private final Terminal terminal;

    @Spec
    private CommandSpec spec;

    LedgerCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Where the data directory is. */
    static final class Place {
        @Option(names = "--data", paramLabel = "DIR", description = "the data directory (./hart-data)")
        private Path data = Path.of("hart-data");

        @Option(
                names = "--database",
                paramLabel = "URL",
                defaultValue = "${env:HART_DATABASE}",
                description = "the PostgreSQL database, if it is in one; like HART_DATABASE")
        private @Nullable String url;

        private Path file() {
            return data.toAbsolutePath().normalize().resolve(DATABASE);
        }

        private Store open() {
            return url == null || url.isBlank() ? Store.sqlite(file()) : Store.postgres(url.strip());
        }

        private boolean isMissing() {
            return (url == null || url.isBlank()) && !Files.isRegularFile(file());
        }
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "list, show, verify or another of these? See below.");
    }

    @Command(name = "list", description = "Lists the ledgers, the newest first.", mixinStandardHelpOptions = true)
    int list(
            @Mixin Place place,
            @Option(names = "--limit", defaultValue = "20", description = "how many, 1 to 1000 (${DEFAULT-VALUE})")
                    int limit,
            @Option(names = "--after", paramLabel = "KEY", description = "only those after this one, to go on")
                    @Nullable
                    String after,
            @Option(names = "--json", description = JSON) boolean json) {
        requireLimit(limit);
        return withLedgers(place, ledgers -> {
            List<LedgerSummary> page = ledgers.summaries(after == null ? "" : after, limit);
            if (json) {
                terminal.line(JsonText.writeIndented(
                        page.stream().map(LedgerDocuments::summary).toList()));
            } else if (page.isEmpty()) {
                terminal.line("No ledgers. Each run has one: hart run \"...\"");
            } else {
                terminal.table(
                        List.of("LEDGER", "STATE", "TASKS", "DONE", "EVENTS", "CREATED"),
                        page.stream().map(LedgerCommand::cells).toList());
                if (page.size() == limit) {
                    terminal.blank();
                    terminal.line(
                            "More: --after " + page.get(limit - 1).ledger().key());
                }
            }
            return HartCommand.OK;
        });
    }

    private static List<String> cells(LedgerSummary summary) {
        return List.of(
                name(summary.ledger()),
                summary.state().wireName(),
                Long.toString(summary.taskCount()),
                Long.toString(summary.tasks().getOrDefault(TaskStatus.COMPLETED, 0L)),
                Long.toString(summary.eventCount()),
                Moments.local(summary.createdAt()));
    }

    /** As the commands take it. */
    private static String name(LedgerId id) {
        return id.agentId() + "/" + id.sessionId();
    }

    @Command(
            name = "show",
            description = "Shows a ledger: its tasks as a tree, or its history.",
            mixinStandardHelpOptions = true)
    int show(
            @Mixin Place place,
            @Parameters(paramLabel = "ID", description = ID) String id,
            @Option(names = "--events", description = "the history, entry by entry, instead of the tasks")
                    boolean events,
            @Option(names = "--json", description = JSON) boolean json) {
        return withLedger(place, id, (ledgers, ledger) -> {
            if (json) {
                terminal.line(JsonText.writeIndented(events ? allEvents(ledger) : document(ledgers, ledger)));
            } else if (events) {
                eachEvent(ledger, this::tell);
            } else {
                showTree(ledgers, ledger);
            }
            return HartCommand.OK;
        });
    }

    private static Map<String, @Nullable Object> document(Ledgers ledgers, Ledger ledger) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        ledgers.summary(ledger.id()).ifPresent(summary -> document.putAll(LedgerDocuments.summary(summary)));
        document.putAll(LedgerGraph.of(ledger).json());
        return document;
    }

    private static List<Map<String, @Nullable Object>> allEvents(Ledger ledger) {
        List<Map<String, @Nullable Object>> events = new ArrayList<>();
        eachEvent(ledger, event -> events.add(LedgerDocuments.event(event, null)));
        return events;
    }

    private static void eachEvent(Ledger ledger, java.util.function.Consumer<LedgerEvent> action) {
        int stripes = ledger.options().stripes();
        for (int stripe = 0; stripe < stripes; stripe++) {
            List<LedgerEvent> page = ledger.events(stripe, 0, PAGE);
            while (!page.isEmpty()) {
                page.forEach(action);
                page = ledger.events(stripe, page.get(page.size() - 1).seq(), PAGE);
            }
        }
    }

    private void showTree(Ledgers ledgers, Ledger ledger) {
        LedgerSummary summary = ledgers.summary(ledger.id()).orElseThrow();
        long completed = summary.tasks().getOrDefault(TaskStatus.COMPLETED, 0L);
        terminal.field("Ledger", name(ledger.id()));
        terminal.field("State", summary.state().wireName());
        terminal.field("Created", Moments.local(summary.createdAt()));
        terminal.field("Tasks", summary.taskCount() + ", " + completed + " completed" + open(summary));
        terminal.field("Events", Long.toString(summary.eventCount()));
        terminal.blank();
        List<LedgerGraph.Branch> branches = LedgerGraph.of(ledger).branches();
        int widest = branches.stream().mapToInt(branch -> width(branch)).max().orElse(0);
        int longest = branches.stream()
                .mapToInt(branch -> told(branch.task()).length())
                .max()
                .orElse(0);
        for (LedgerGraph.Branch branch : branches) {
            Task task = branch.task();
            String indent = "  ".repeat(branch.depth());
            terminal.line("  " + indent + terminal.tone(tone(task.status()), LedgerGraph.icon(task.status())) + "  "
                    + Terminal.pad(task.taskId(), Math.max(0, widest - indent.length()))
                    + "  " + terminal.tone(tone(task.status()), Terminal.pad(told(task), longest + 1))
                    + Terminal.shorten(task.description(), 70));
        }
    }

    private static int width(LedgerGraph.Branch branch) {
        return 2 * branch.depth() + branch.task().taskId().length();
    }

    private static String open(LedgerSummary summary) {
        StringBuilder text = new StringBuilder();
        summary.tasks().forEach((status, count) -> {
            if (status != TaskStatus.COMPLETED) {
                text.append(", ").append(count).append(' ').append(words(status));
            }
        });
        return text.toString();
    }

    private static String words(TaskStatus status) {
        return status.wireName().replace('_', ' ');
    }

    private static String told(Task task) {
        boolean partly = task.isOpen() && task.progress() > 0;
        return words(task.status()) + (partly ? " " + task.progress() + "%" : "");
    }

    private static Tone tone(TaskStatus status) {
        if (status.isResolved()) {
            return Tone.GOOD;
        }
        if (status.isTerminal() || status == TaskStatus.BLOCKED) {
            return Tone.BAD;
        }
        return status.isActive() ? Tone.MARKED : Tone.QUIET;
    }

    @Command(name = "tasks", description = "Lists the tasks of a ledger.", mixinStandardHelpOptions = true)
    int tasks(
            @Mixin Place place,
            @Parameters(paramLabel = "ID", description = ID) String id,
            @Option(names = "--status", description = "only in this status; may be given again") @Nullable
                    List<TaskStatus> statuses,
            @Option(names = "--text", description = "only with this in the id or description") @Nullable String text,
            @Option(names = "--parent", paramLabel = "TASK", description = "only children of this task") @Nullable
                    String parent,
            @Option(names = "--limit", defaultValue = "100", description = "how many, 1 to 1000 (${DEFAULT-VALUE})")
                    int limit,
            @Option(names = "--json", description = JSON) boolean json) {
        requireLimit(limit);
        return withLedger(place, id, (ledgers, ledger) -> {
            TaskFilter filter = TaskFilter.all().limit(limit);
            if (statuses != null) {
                filter = filter.status(statuses.get(0), statuses.toArray(TaskStatus[]::new));
            }
            filter = text == null ? filter : filter.containing(text);
            List<Task> tasks = ledger.find(parent == null ? filter : filter.parent(parent));
            if (json) {
                terminal.line(JsonText.writeIndented(
                        tasks.stream().map(LedgerDocuments::task).toList()));
            } else if (tasks.isEmpty()) {
                terminal.line("No such tasks in " + name(ledger.id()) + ".");
            } else {
                terminal.table(
                        List.of("TASK", "STATUS", "PRIORITY", "WORKER", "UPDATED", "DESCRIPTION"),
                        tasks.stream().map(LedgerCommand::cells).toList());
            }
            return HartCommand.OK;
        });
    }

    private static List<String> cells(Task task) {
        String owner = task.workerId() == null ? task.ownerNodeId() : task.workerId();
        return List.of(
                task.taskId(),
                told(task),
                Integer.toString(task.priority()),
                owner == null ? "" : Terminal.shorten(owner, 36),
                Moments.local(task.updatedAt()),
                Terminal.shorten(task.description(), 80));
    }

    @Command(name = "history", description = "Prints what happened to one task.", mixinStandardHelpOptions = true)
    int history(
            @Mixin Place place,
            @Parameters(paramLabel = "ID", description = ID) String id,
            @Parameters(paramLabel = "TASK", description = "the task's id") String taskId,
            @Option(names = "--json", description = JSON) boolean json) {
        return withLedger(place, id, (ledgers, ledger) -> {
            List<LedgerEvent> events = ledger.history(taskId);
            if (json) {
                terminal.line(JsonText.writeIndented(events.stream()
                        .map(event -> LedgerDocuments.event(event, null))
                        .toList()));
            } else {
                events.forEach(this::tell);
            }
            return HartCommand.OK;
        });
    }

    private void tell(LedgerEvent event) {
        terminal.line("%5d  %s  %s  %s  %s  %s"
                .formatted(
                        event.seq(),
                        Moments.local(event.at()),
                        terminal.tone(Tone.QUIET, event.hash().substring(0, 12)),
                        Terminal.pad(event.taskId(), 10),
                        Terminal.pad(event.type(), 20),
                        Terminal.shorten(JsonText.write(event.payload()), 120)));
    }

    @Command(
            name = "verify",
            description = "Checks every hash of a ledger's history, or of all ledgers.",
            mixinStandardHelpOptions = true)
    int verify(
            @Mixin Place place,
            @Parameters(paramLabel = "ID", arity = "0..1", description = ID) @Nullable String id,
            @Option(names = "--json", description = JSON) boolean json) {
        if (id != null) {
            return withLedger(place, id, (ledgers, ledger) -> verify(List.of(ledger), json));
        }
        return withLedgers(place, ledgers -> {
            List<Ledger> all = new ArrayList<>();
            List<LedgerId> page = ledgers.list("", PAGE);
            while (!page.isEmpty()) {
                page.forEach(one -> all.add(ledgers.ledger(one)));
                page = ledgers.list(page.get(page.size() - 1).key(), PAGE);
            }
            return verify(all, json);
        });
    }

    private int verify(List<Ledger> all, boolean json) {
        List<Map<String, @Nullable Object>> documents = new ArrayList<>();
        long broken = 0;
        long events = 0;
        long checkpoints = 0;
        long unknown = 0;
        for (Ledger one : all) {
            VerifyReport report = one.verify();
            Map<String, @Nullable Object> document = new LinkedHashMap<>();
            document.put("ledger_id", one.id().key());
            document.putAll(LedgerDocuments.verification(report));
            documents.add(document);
            if (report instanceof VerifyReport.Ok whole) {
                events += whole.events();
                checkpoints += whole.checkpoints();
                unknown += whole.unknown();
            } else {
                broken++;
                if (!json) {
                    fail(one.id(), report);
                }
            }
        }
        if (json) {
            terminal.line(JsonText.writeIndented(documents));
        } else if (broken == 0) {
            good(RunPrinter.counted(all.size(), "ledger") + ", " + entries(events)
                    + (checkpoints == 0 ? "" : ", " + RunPrinter.counted(checkpoints, "signed checkpoint"))
                    + (unknown == 0 ? "" : ", " + unknown + " more by keys not known here")
                    + ": every hash fits, nothing is missing");
        } else {
            terminal.line("      " + broken + " of " + RunPrinter.counted(all.size(), "ledger")
                    + " broken; they may only be read from now on");
        }
        return broken == 0 ? HartCommand.OK : HartCommand.FAILED;
    }

    private static String entries(long events) {
        return events == 1 ? "1 entry" : events + " entries";
    }

    private void good(String text) {
        terminal.line(terminal.tone(Tone.GOOD, "ok    ") + text);
    }

    private void fail(LedgerId id, VerifyReport report) {
        terminal.line(terminal.tone(Tone.BAD, "FAIL  ") + name(id) + "  " + report);
    }

    @Command(
            name = "rebuild",
            description = "Makes the tasks of a ledger anew from its history.",
            mixinStandardHelpOptions = true)
    int rebuild(@Mixin Place place, @Parameters(paramLabel = "ID", description = ID) String id) {
        return withLedger(place, id, (ledgers, ledger) -> {
            VerifyReport report = ledger.rebuild();
            if (report instanceof VerifyReport.Ok whole) {
                good(name(ledger.id()) + ": "
                        + RunPrinter.counted(ledger.tasks().size(), "task") + " made anew from "
                        + entries(whole.events()));
                return HartCommand.OK;
            }
            fail(ledger.id(), report);
            return HartCommand.FAILED;
        });
    }

    @Command(
            name = "checkpoints",
            description = "Lists the signed checkpoints of a ledger.",
            mixinStandardHelpOptions = true)
    int checkpoints(
            @Mixin Place place,
            @Parameters(paramLabel = "ID", description = ID) String id,
            @Option(names = "--json", description = JSON) boolean json) {
        return withLedger(place, id, (ledgers, ledger) -> {
            List<Checkpoint> checkpoints = ledger.checkpoints();
            if (json) {
                terminal.line(JsonText.writeIndented(
                        checkpoints.stream().map(LedgerDocuments::checkpoint).toList()));
            } else if (checkpoints.isEmpty()) {
                terminal.line("No checkpoints: nobody has signed the history of " + name(ledger.id()) + ".");
            } else {
                terminal.table(
                        List.of("NO", "SIGNED", "KEY", "UP TO", "HASH"),
                        checkpoints.stream().map(LedgerCommand::cells).toList());
            }
            return HartCommand.OK;
        });
    }

    private static List<String> cells(Checkpoint checkpoint) {
        Map<Integer, Long> seqs = new LinkedHashMap<>();
        checkpoint.heads().forEach(head -> seqs.put(head.stripe(), head.seq()));
        return List.of(
                Long.toString(checkpoint.no()),
                Moments.local(checkpoint.at()),
                checkpoint.keyId(),
                new EventCursor(seqs).toString(),
                checkpoint.heads().isEmpty()
                        ? ""
                        : checkpoint.heads().get(0).hash().substring(0, 16));
    }

    @Command(
            name = "export",
            description = "Writes the tasks of a ledger and what waits for what.",
            mixinStandardHelpOptions = true)
    int export(
            @Mixin Place place,
            @Parameters(paramLabel = "ID", description = ID) String id,
            @Option(
                            names = "--format",
                            defaultValue = "JSON",
                            description =
                                    "json, json_with_events, dot for Graphviz, mermaid, or tree for a text (json)")
                    ExportFormat format,
            @Option(names = "--out", paramLabel = "FILE", description = "a new file to write to instead") @Nullable
                    Path out) {
        return withLedger(place, id, (ledgers, ledger) -> {
            if (out == null) {
                terminal.out().print(ledger.export(format));
                terminal.out().flush();
                return HartCommand.OK;
            }
            try (var file = Files.newBufferedWriter(out, java.nio.file.StandardOpenOption.CREATE_NEW)) {
                ledger.export(format, file);
            } catch (IOException e) {
                terminal.err().println("hart: cannot write " + out + ": " + reason(e));
                return HartCommand.FAILED;
            }
            good(name(ledger.id()) + " as " + format.wireName() + " in " + out);
            return HartCommand.OK;
        });
    }

    @Command(
            name = "import",
            description = "Takes a ledger of the reference over, from its JSON document; all of it, or nothing.",
            mixinStandardHelpOptions = true)
    int importReference(
            @Mixin Place place,
            @Parameters(paramLabel = "FILE", description = "the document") Path file,
            @Option(
                            names = "--zone",
                            defaultValue = "UTC",
                            description = "the zone of its clock times, which name none (${DEFAULT-VALUE})")
                    ZoneId zone) {
        ReferenceLedger document;
        try {
            document = ReferenceLedger.read(file);
        } catch (IOException e) {
            terminal.err().println("hart: cannot read " + file + ": " + e);
            return HartCommand.FAILED;
        }
        return withLedgers(place, ledgers -> {
            ImportReport report = ledgers.importReference(document, zone);
            good(name(report.ledger()) + ": " + RunPrinter.counted(report.tasks(), "task") + " taken over");
            report.notes().forEach(note -> terminal.field("Note", Terminal.shorten(note, 200)));
            return HartCommand.OK;
        });
    }

    private static String reason(IOException e) {
        return e instanceof java.nio.file.FileAlreadyExistsException
                ? "it is there already; name another file"
                : e.toString();
    }

    private void requireLimit(int limit) {
        if (limit < 1 || limit > 1_000) {
            throw new ParameterException(spec.commandLine(), "--limit must be 1 to 1000, was " + limit);
        }
    }

    @FunctionalInterface
    private interface LedgerUse {
        int apply(Ledgers ledgers, Ledger ledger);
    }

    private int withLedger(Place place, String id, LedgerUse work) {
        return withLedgers(place, ledgers -> {
            Ledger ledger = find(ledgers, id);
            return work.apply(ledgers, ledger);
        });
    }

    private static Ledger find(Ledgers ledgers, String id) {
        Ledger found = null;
        int slash = id.indexOf('/');
        if (slash > 0) {
            found = ledgers.ledger(new LedgerId(id.substring(0, slash), id.substring(slash + 1)));
        } else if (id.startsWith("ledger_")) {
            found = ledgers.find(id).orElse(null);
        } else {
            found = ledgers.ledger(LedgerId.run(id));
        }
        if (found == null || !found.exists()) {
            throw new LedgerException(
                    "LEDGER_NOT_FOUND", "there is no ledger or run " + id + "; hart ledger list shows all");
        }
        return found;
    }

    private int withLedgers(Place place, ToIntFunction<Ledgers> work) {
        if (place.isMissing()) {
            terminal.err()
                    .println("hart: there is no ledger at " + place.file() + ": name the data directory with --data");
            return HartCommand.FAILED;
        }
        try (Store store = place.open();
                Ledgers ledgers = trusting(place, Ledgers.in(store))
                        .clock(HartClock.system())
                        .actor("auditor")
                        .withoutBackgroundThread()
                        .open()) {
            return work.applyAsInt(ledgers);
        }
    }

    /** Checkpoints are checked with the key of the data directory; without one, with those that are stored beside them. */
    private Ledgers.Builder trusting(Place place, Ledgers.Builder ledgers) {
        try {
            NodeKey.find(place.data).ifPresent(key -> ledgers.trust(key.keyId(), key.publicKey()));
        } catch (InvalidConfigurationException | StoreUnavailableException e) {
            terminal.err()
                    .println(
                            "hart: checkpoints are checked with the keys that are stored beside them, as the node's own"
                                    + " cannot be used: " + e.getMessage());
        }
        return ledgers.leaveUnknownKeysAside();
    }
}
