package dev.hart.gpu.probe;

import java.time.Duration;
import java.util.List;

/** Runs a command of the system to its end, within a limit. */
@FunctionalInterface
interface CommandRunner {

    /** {@code command} is the program and its arguments; no shell reads them. Returns within {@code limit} and a second. */
    CommandResult run(List<String> command, Duration limit) throws InterruptedException;
}
