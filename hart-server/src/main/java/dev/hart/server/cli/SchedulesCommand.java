package dev.hart.server.cli;

import dev.hart.Hart;
import dev.hart.Run;
import dev.hart.Schedules;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code hart schedules}. */
@Command(
        name = "schedules",
        description =
                "Lists when recipes run by themselves, and lets them pause. Due recipes run while hart serve does.",
        mixinStandardHelpOptions = true)
final class SchedulesCommand implements Callable<Integer> {
    private static final String ID = "as hart schedules names it";
    private final Terminal terminal;

    @Mixin
    private RuntimeOptions options = new RuntimeOptions();

    SchedulesCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        return list(options);
    }

    @Command(name = "list", description = "Lists what is due soonest first.", mixinStandardHelpOptions = true)
    int list(@Mixin RuntimeOptions options) {
        try (Hart hart = options.open()) {
            List<Schedules.Entry> entries = hart.schedules().list();
            if (entries.isEmpty()) {
                terminal.line("No recipe in " + options.place() + " has a schedule.");
                return HartCommand.OK;
            }
            terminal.table(
                    List.of("SCHEDULE", "RECIPE", "TIMES", "NEXT", "LAST"),
                    entries.stream()
                            .map(entry -> List.of(
                                    entry.id(),
                                    entry.recipe(),
                                    entry.schedule().cron() + " "
                                            + entry.schedule().zone(),
                                    next(entry),
                                    last(entry)))
                            .toList());
            return HartCommand.OK;
        }
    }

    private static String next(Schedules.Entry entry) {
        return entry.paused() ? "paused" : entry.next() == null ? "never" : Moments.local(entry.next());
    }

    private static String last(Schedules.Entry entry) {
        if (entry.last() == null) {
            return "";
        }
        return Moments.local(entry.last())
                + (entry.lastRun() == null ? " skipped, " + entry.lastSkipped() : " run " + entry.lastRun());
    }

    @Command(name = "pause", description = "Keeps one from running.", mixinStandardHelpOptions = true)
    int pause(@Mixin RuntimeOptions options, @Parameters(paramLabel = "ID", description = ID) String id) {
        try (Hart hart = options.open()) {
            hart.schedules().pause(id);
            terminal.line("Paused " + id + ".");
            return HartCommand.OK;
        }
    }

    @Command(name = "unpause", description = "Lets a paused one run at its next time.", mixinStandardHelpOptions = true)
    int unpause(@Mixin RuntimeOptions options, @Parameters(paramLabel = "ID", description = ID) String id) {
        try (Hart hart = options.open()) {
            hart.schedules().unpause(id);
            terminal.line("Unpaused " + id + ".");
            return HartCommand.OK;
        }
    }

    @Command(name = "run", description = "Runs one now, whatever the time.", mixinStandardHelpOptions = true)
    int run(@Mixin RuntimeOptions options, @Parameters(paramLabel = "ID", description = ID) String id) {
        try (Hart hart = options.open()) {
            Run run = hart.schedules().runNow(id).await();
            new RunPrinter(terminal, hart, options.place()).end(run);
            return RunPrinter.exitCode(run);
        }
    }
}
