package dev.hart.bench.ledger;

import dev.hart.ledger.ClaimRequest;
import dev.hart.ledger.Ledgers;
import dev.hart.ledger.NewTask;
import dev.hart.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** What other processes do with a ledger on SQLite, until they are killed: {@code write}, {@code reopen} or {@code hold}. */
final class LedgerProcess {
    private static final double NANOS_PER_MILLI = 1e6;

    private LedgerProcess() {}

    /** @param args what to do, the database file, and a number */
    public static void main(String[] args) throws IOException {
        Path file = Path.of(args[1]);
        int number = Integer.parseInt(args[2]);
        switch (args[0]) {
            case "write" -> write(file, number);
            case "reopen" -> reopen(file, number);
            case "hold" -> hold(file, Duration.ofSeconds(number));
            default -> throw new IllegalArgumentException("there is no work " + args[0]);
        }
    }

    private static Ledgers open(Path file) {
        return Ledgers.in(Store.sqlite(file)).actor("bench").open();
    }

    /** Says when so many tasks have ended, and goes on. */
    private static void write(Path file, int tasks) {
        LedgerTasks ledger = new LedgerTasks(open(file), 1);
        int batch = Load.BATCH_100.batch();
        for (long ended = 0; ; ended += batch) {
            if (ended >= tasks && ended < tasks + batch) {
                System.out.println(ended);
            }
            ledger.live(0, batch);
        }
    }

    /** Says how many milliseconds it took from the opening of the database until a command was accepted. */
    private static void reopen(Path file, int number) throws IOException {
        long start = System.nanoTime();
        LedgerTasks ledger = new LedgerTasks(open(file), 1);
        ledger.ledger().add(NewTask.of("after-" + number, "the first after the crash"));
        System.out.println((System.nanoTime() - start) / NANOS_PER_MILLI);
        waitToBeKilled();
    }

    /** Adds a task and claims it in the same commit, says its id, and neither works nor gives a sign of life. */
    private static void hold(Path file, Duration lease) throws IOException {
        LedgerTasks ledger = new LedgerTasks(open(file), 1);
        String id = "held-" + ProcessHandle.current().pid();
        ledger.ledger().write(tx -> {
            tx.add(NewTask.of(id, "held by a process that will die"));
            return tx.claim(ClaimRequest.by(LedgerTasks.worker(0)).task(id).leasedFor(lease));
        });
        System.out.println(id);
        waitToBeKilled();
    }

    /** Also ends when the process that started this one ends. */
    private static void waitToBeKilled() throws IOException {
        while (System.in.read() >= 0) {
            // nothing is sent
        }
    }
}
