package dev.hart.server.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code hart ledger}. */
@Command(name = "ledger", description = "Verifies the tamper-evident history, or shows it.", mixinStandardHelpOptions = true)
final class LedgerCommand implements Callable<Integer> {
    private final Terminal terminal;

    LedgerCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        terminal.line("");
        return 0;
    }
}
