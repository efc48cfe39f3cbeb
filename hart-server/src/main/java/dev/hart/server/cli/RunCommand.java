package dev.hart.server.cli;

import dev.hart.Hart;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hart run}. */
@Command(
        name = "run",
        description = "Does what a request asks: replays a recipe that fits, or plans, runs and learns a new one.",
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private RuntimeOptions options = new RuntimeOptions();

    @Option(names = "--json", description = "print the run as one JSON document instead")
    private boolean json;

    @Parameters(paramLabel = "REQUEST", arity = "1", description = "what to do, in plain words")
    private String request = "";

    RunCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        try (Hart hart = options.open()) {
            return new RunPrinter(terminal, hart, options.place()).follow(hart.start(request), json);
        }
    }
}
