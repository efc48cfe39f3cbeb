package dev.hart.gpu.probe;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Answers for commands; one without an answer is not installed. */
final class ScriptedCommands implements CommandRunner {
    private final Map<List<String>, CommandResult> answers = new HashMap<>();
    final List<List<String>> called = new ArrayList<>();

    ScriptedCommands on(List<String> command, int exitCode, String output) {
        answers.put(command, new CommandResult.Finished(exitCode, output, ""));
        return this;
    }

    ScriptedCommands hanging(List<String> command) {
        answers.put(command, new CommandResult.TimedOut(Duration.ofSeconds(5)));
        return this;
    }

    @Override
    public CommandResult run(List<String> command, Duration limit) {
        called.add(command);
        return answers.getOrDefault(command, new CommandResult.NotStarted("error=2, No such file or directory"));
    }
}
