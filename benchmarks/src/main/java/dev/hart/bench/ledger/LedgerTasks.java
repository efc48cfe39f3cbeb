package dev.hart.bench.ledger;

import dev.hart.ledger.ClaimRequest;
import dev.hart.ledger.CommandOptions;
import dev.hart.ledger.Lease;
import dev.hart.ledger.Ledger;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.LedgerOptions;
import dev.hart.ledger.Ledgers;
import dev.hart.ledger.NewTask;
import dev.hart.ledger.TaskCommand;
import dev.hart.ledger.WorkerProfile;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Tasks in one of HART's ledgers: added, claimed by the next worker, completed under the lease. Thread-safe. */
final class LedgerTasks {
    private static final LedgerId ID = new LedgerId("bench", "tasks");
    private static final Map<String, String> CONTEXT = Map.of("body", SmallTask.BODY);
    private static final Map<String, Boolean> RESULT = Map.of("ok", true);

    private final Ledger ledger;
    private final AtomicLong lastNumber = new AtomicLong();

    /** Makes the ledger; one that is there already must have as many stripes. */
    LedgerTasks(Ledgers ledgers, int stripes) {
        this.ledger = ledgers.create(ID, LedgerOptions.defaults().stripes(stripes));
    }

    Ledger ledger() {
        return ledger;
    }

    static WorkerProfile worker(int number) {
        return WorkerProfile.of("worker-" + number, "bench", "1");
    }

    static String id(long number) {
        return "task-" + number;
    }

    /** The whole life of a task, or of one that another thread has added meanwhile: three commits. */
    void live(int worker) {
        add();
        complete(claim(worker));
    }

    void add() {
        ledger.add(task(lastNumber.incrementAndGet()));
    }

    private static NewTask task(long number) {
        return NewTask.of(id(number), "a task").context(CONTEXT);
    }

    /** The next task. Another thread may have taken it meanwhile, and its own may have come too late to be seen. */
    Lease claim(int worker) {
        ClaimRequest request = ClaimRequest.by(worker(worker));
        for (; ; ) {
            List<Lease> claimed = ledger.claimBatch(request);
            if (!claimed.isEmpty()) {
                return claimed.get(0);
            }
        }
    }

    Lease claim(int worker, Duration lease) {
        return ledger.claim(ClaimRequest.by(worker(worker)).leasedFor(lease))
                .orElseThrow(() -> new IllegalStateException("there was no task to claim"));
    }

    void complete(Lease lease) {
        ledger.apply(lease, TaskCommand.complete(RESULT));
    }

    /** The whole life of so many tasks, with one commit for all commands of a kind. */
    void live(int worker, int tasks) {
        addAll(tasks);
        List<Lease> claimed = ledger.claimBatch(ClaimRequest.by(worker(worker)).atMost(tasks));
        if (claimed.size() != tasks) {
            throw new IllegalStateException("of " + tasks + " tasks " + claimed.size() + " could be claimed");
        }
        ledger.write(tx -> {
            for (Lease lease : claimed) {
                tx.apply(
                        lease.taskId(),
                        TaskCommand.complete(RESULT),
                        CommandOptions.none().under(lease.token()));
            }
            return tasks;
        });
    }

    /** Adds tasks in one commit. */
    void addAll(int tasks) {
        long last = lastNumber.addAndGet(tasks);
        ledger.write(tx -> {
            for (long number = last - tasks + 1; number <= last; number++) {
                tx.add(task(number));
            }
            return tasks;
        });
    }
}
