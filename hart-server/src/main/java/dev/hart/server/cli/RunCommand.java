package dev.hart.server.cli;

import dev.hart.Goal;
import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.RunHandle;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
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

    @Option(
            names = "--input",
            paramLabel = "NAME=VALUE",
            description = "a text that the plan is to use; repeatable, and plans anew")
    private Map<String, String> inputs = Map.of();

    @ArgGroup
    private @Nullable WhenMissing whenMissing;

    /** Either of both; with one of them the request is planned anew. */
    private static final class WhenMissing {
        @Option(names = "--ask", description = "plan anew, and ask what the request does not say; see hart runs answer")
        private boolean ask;

        @Option(names = "--assume", description = "plan anew; the model assumes what the request does not say")
        private boolean assume;
    }

    @Parameters(paramLabel = "REQUEST", arity = "1", description = "what to do, in plain words")
    private String request = "";

    RunCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        try (Hart hart = options.open()) {
            RunHandle run = inputs.isEmpty() && whenMissing == null ? hart.start(request) : hart.start(goal());
            return new RunPrinter(terminal, hart, options.place()).follow(run, json);
        }
    }

    private Goal goal() {
        Inputs given = Inputs.none();
        for (Map.Entry<String, String> input : inputs.entrySet()) {
            given = given.and(input.getKey(), input.getValue());
        }
        Goal goal = Goal.of(request).inputs(given);
        if (whenMissing == null) {
            return goal;
        }
        return whenMissing.ask ? goal.interactive() : goal.autonomous();
    }
}
