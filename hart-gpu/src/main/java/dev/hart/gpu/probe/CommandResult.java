package dev.hart.gpu.probe;

import java.time.Duration;

/** How a command of the system ended. */
sealed interface CommandResult {

    /** It ran to its end. Output beyond {@link Commands#MAX_OUTPUT} bytes is cut off. */
    record Finished(int exitCode, String output, String errors) implements CommandResult {}

    /** It could not be started: not installed, or not permitted. */
    record NotStarted(String reason) implements CommandResult {}

    /** It was still running after {@code limit} and was killed with all its descendants. */
    record TimedOut(Duration limit) implements CommandResult {}
}
