package dev.hart.server.cli;

import dev.hart.HartClock;
import dev.hart.ledger.Ledger;
import dev.hart.ledger.LedgerEvent;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.Ledgers;
import dev.hart.ledger.Task;
import dev.hart.ledger.VerifyReport;
import dev.hart.server.JsonText;
import dev.hart.server.cli.Terminal.Tone;
import dev.hart.store.Store;
import java.nio.file.Files;
import java.nio.file.Path;
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
        description = "Verifies the tamper-evident history of runs, or shows one.",
        mixinStandardHelpOptions = true)
final class LedgerCommand implements Callable<Integer> {
    private static final String DATABASE = "hart.db";
    private static final int PAGE = 1_000;
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
        throw new ParameterException(spec.commandLine(), "verify or show? See below.");
    }

    @Command(
            name = "verify",
            description = "Checks every hash of a run's history, or of the newest 1,000 runs.",
            mixinStandardHelpOptions = true)
    int verify(
            @Mixin Place place,
            @Parameters(paramLabel = "ID", arity = "0..1", description = "the run's id") @Nullable String id) {
        return withLedgers(place, ledgers -> {
            List<LedgerId> ids = id != null
                    ? List.of(LedgerId.run(id))
                    : ledgers.tasksNamed("run", PAGE, Long.MAX_VALUE).stream()
                            .map(Task::ledger)
                            .toList();
            int code = HartCommand.OK;
            long events = 0;
            for (LedgerId one : ids) {
                VerifyReport report = ledgers.ledger(one).verify();
                if (report instanceof VerifyReport.Ok whole && (whole.events() > 0 || id == null)) {
                    events += whole.events();
                } else {
                    code = HartCommand.FAILED;
                    terminal.line(terminal.tone(Tone.BAD, "FAIL  ") + one.sessionId() + "  " + told(report));
                }
            }
            if (code == HartCommand.OK) {
                terminal.line(terminal.tone(Tone.GOOD, "ok    ") + RunPrinter.counted(ids.size(), "run") + ", "
                        + RunPrinter.counted(events, "entry").replace("entrys", "entries")
                        + ": every hash fits, nothing is missing");
            }
            return code;
        });
    }

    private static String told(VerifyReport report) {
        if (!report.isOk()) {
            return report.toString();
        }
        return "has no history: there is no such run";
    }

    @Command(name = "show", description = "Prints the history of one run.", mixinStandardHelpOptions = true)
    int show(
            @Mixin Place place,
            @Parameters(paramLabel = "ID", description = "the run's id") String id,
            @Option(names = "--json", description = "print one JSON document instead") boolean json) {
        return withLedgers(place, ledgers -> {
            Ledger ledger = ledgers.ledger(LedgerId.run(id));
            List<LedgerEvent> page = ledger.events(0, PAGE);
            if (page.isEmpty()) {
                terminal.err().println("hart: there is no run " + id + "; hart runs list shows all");
                return HartCommand.FAILED;
            }
            if (json) {
                terminal.line(JsonText.writeIndented(page));
                return HartCommand.OK;
            }
            while (!page.isEmpty()) {
                page.forEach(this::tell);
                page = ledger.events(page.get(page.size() - 1).seq(), PAGE);
            }
            return HartCommand.OK;
        });
    }

    private void tell(LedgerEvent event) {
        Map<String, @Nullable Object> payload = event.payload();
        terminal.line("%5d  %s  %s  %s  %s  %s"
                .formatted(
                        event.seq(),
                        Moments.local(event.at()),
                        terminal.tone(Tone.QUIET, event.hash().substring(0, 12)),
                        Terminal.pad(event.taskId(), 10),
                        Terminal.pad(event.type(), 20),
                        Terminal.shorten(JsonText.write(payload), 120)));
    }

    private int withLedgers(Place place, ToIntFunction<Ledgers> work) {
        if (place.isMissing()) {
            terminal.err()
                    .println("hart: there is no ledger at " + place.file() + ": name the data directory with --data");
            return HartCommand.FAILED;
        }
        try (Store store = place.open()) {
            return work.applyAsInt(Ledgers.open(store, HartClock.system(), "auditor"));
        }
    }
}
