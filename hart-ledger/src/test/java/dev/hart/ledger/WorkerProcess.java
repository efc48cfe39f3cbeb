package dev.hart.ledger;

import dev.hart.error.HartException;
import dev.hart.store.Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A process that works on a ledger until it is killed. It writes what it does to files of its own: {@code effects}, before a
 * task is completed, with the token of the lease; {@code accepted}, once the ledger has taken the completion; {@code refused},
 * when it has not. What it says on standard output is for who started it.
 */
final class WorkerProcess {
    static final LedgerId LEDGER = new LedgerId("killed", "workers");
    /** Said when it works. */
    static final String READY = "ready";
    /** Said with task and token by one that holds its task. */
    static final String HOLDS = "holds";

    private static final int MAX_WORK_MS = 200;

    private final Ledger ledger;
    private final Path files;
    private final boolean holds;

    private WorkerProcess(Ledger ledger, Path files, boolean holds) {
        this.ledger = ledger;
        this.files = files;
        this.holds = holds;
    }

    static Store open(String database) {
        return database.startsWith("jdbc:") ? Store.postgres(database) : Store.sqlite(Path.of(database));
    }

    /**
     * @param arguments the database, the node, which start of it, the beginning of its files' names, threads, the lease in
     *     seconds, and whether it holds its task until a file {@code go} is there
     */
    public static void main(String[] arguments) throws InterruptedException {
        String node = arguments[1];
        String start = arguments[2];
        Store store = open(arguments[0]);
        Ledgers ledgers =
                Ledgers.in(store).actor(node + "." + start).node(node, start).open();
        Ledger ledger = ledgers.ledger(LEDGER);
        WorkerProcess process = new WorkerProcess(ledger, Path.of(arguments[3]), Boolean.parseBoolean(arguments[6]));
        ClaimRequest request = ClaimRequest.by(WorkerProfile.of(node + "." + start, node, start))
                .leasedFor(Duration.ofSeconds(Long.parseLong(arguments[5])));
        Worker.of(ledger, request, Integer.parseInt(arguments[4]), process::work);
        System.out.println(READY);
        Thread.currentThread().join();
    }

    private Object work(Worker.Job job) throws InterruptedException {
        Lease lease = job.lease();
        note("effects", lease);
        if (holds) {
            System.out.println(HOLDS + " " + lease.taskId() + " " + lease.token());
            hold();
        } else {
            LockSupport.parkNanos(
                    TimeUnit.MILLISECONDS.toNanos(ThreadLocalRandom.current().nextInt(MAX_WORK_MS)));
        }
        Map<String, Object> result = Map.of("lease", lease.token());
        // The worker would complete the task; done here, it can be written down that it was.
        try {
            ledger.apply(lease, TaskCommand.complete(result));
            note("accepted", lease);
        } catch (HartException e) {
            note("refused." + e.code(), lease);
        }
        return result;
    }

    private void hold() {
        while (!Files.exists(files.resolveSibling("go"))) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            Thread.interrupted(); // one that does not listen when its lease is lost
        }
    }

    private void note(String kind, Lease lease) {
        try {
            Files.writeString(
                    files.resolveSibling(files.getFileName() + "." + kind),
                    lease.taskId() + " " + lease.token() + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
