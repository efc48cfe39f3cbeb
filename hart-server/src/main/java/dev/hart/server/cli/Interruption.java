package dev.hart.server.cli;

import dev.hart.Hart;
import dev.hart.RunHandle;

/**
 * What happens when the process is told to stop (Ctrl-C) while a run goes on: the runtime is closed in order, and the user
 * is told how to go on.
 */
final class Interruption implements AutoCloseable {
    private final Thread hook;

    private Interruption(Thread hook) {
        this.hook = hook;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    static Interruption of(Terminal terminal, Hart hart, RunHandle run) {
        return new Interruption(new Thread(
                () -> {
                    hart.close();
                    terminal.err().println("hart: stopped; go on with: hart runs resume " + run.id());
                },
                "hart-interrupted"));
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is already going down: the hook runs, as it should.
        }
    }
}
