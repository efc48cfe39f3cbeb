package dev.hart.gpu.model;

import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.VramLease;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A loaded model that knows its lease and dies when a test wants. */
final class Toy implements ModelProcess {
    final LeaseMode mode;
    final VramLease lease;
    private final CompletableFuture<ProcessExit> exit = new CompletableFuture<>();
    int closes;

    Toy(LeaseMode mode, VramLease lease) {
        this.mode = mode;
        this.lease = lease;
    }

    void dies(int code) {
        exit.complete(ProcessExit.of(code));
    }

    void disappears() {
        exit.complete(ProcessExit.unknown());
    }

    @Override
    public CompletionStage<ProcessExit> exit() {
        return exit;
    }

    @Override
    public void close() {
        closes++;
        exit.complete(ProcessExit.of(143));
    }
}
