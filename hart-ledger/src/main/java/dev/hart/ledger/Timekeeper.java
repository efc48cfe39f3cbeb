package dev.hart.ledger;

import dev.hart.error.HartException;
import dev.hart.error.StoreUnavailableException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what time alone demands, on a daemon thread that is started when there is something to wait for. Thread-safe.
 *
 * <p>{@link #nextDue} is never later than the next due task that this process knows of, nor than 5 seconds after the last look:
 * so a process that does nothing but ask for work finds what others made due, too.
 */
final class Timekeeper implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Timekeeper.class);
    private static final long LONGEST_WAIT_MS = 5_000;
    private static final int TASKS_AT_ONCE = 256;
    private static final int LEDGERS_AT_ONCE = 256;
    private static final int EVENTS_PER_CHECKPOINT = 1_000;
    private static final long CHECKPOINT_MS = 60_000;
    private static final long NEVER = Long.MAX_VALUE;

    private record Unsigned(long events, long since) {}

    private record Due(LedgerId ledger, String taskId) {}

    private final Ledgers ledgers;
    private final boolean background;
    private final boolean signs;
    private final AtomicLong nextDue = new AtomicLong(Long.MIN_VALUE);
    private final Map<LedgerId, Unsigned> unsigned = new ConcurrentHashMap<>();
    private final Set<LedgerId> toSign = ConcurrentHashMap.newKeySet();
    private volatile @Nullable ScheduledExecutorService thread;
    private volatile boolean closed;

    Timekeeper(Ledgers ledgers, boolean background, boolean signs) {
        this.ledgers = ledgers;
        this.background = background;
        this.signs = signs;
    }

    /** A transaction was committed: it made tasks due at some time, and events that no checkpoint covers. */
    void committed(LedgerId id, int events, @Nullable Long due) {
        if (due != null) {
            nextDue.accumulateAndGet(due, Math::min);
            start(0);
        }
        if (signs && events > 0) {
            Unsigned all = unsigned.merge(
                    id,
                    new Unsigned(events, ledgers.clock.millis()),
                    (before, now) -> new Unsigned(before.events() + now.events(), before.since()));
            if (all.events() == events) {
                start(LONGEST_WAIT_MS);
            }
            if (all.events() >= EVENTS_PER_CHECKPOINT && all.events() - events < EVENTS_PER_CHECKPOINT) {
                signSoon(id);
            }
        }
    }

    /** Before a read or a claim: what is due is done, so that it sees the present. */
    void catchUp() {
        if (ledgers.clock.millis() >= nextDue.get()) {
            tick();
        }
    }

    int tick() {
        if (ledgers.clock instanceof DatabaseClock server) {
            server.keepTime();
        }
        int looked = 0;
        int changed;
        int due;
        do {
            changed = 0;
            List<Due> now = dueNow();
            due = now.size();
            for (Due one : now) {
                changed += look(one) ? 1 : 0;
            }
            looked += due;
        } while (due == TASKS_AT_ONCE && changed > 0);
        return looked;
    }

    /** What is due; if that cannot be read, it is asked for again next time. */
    private List<Due> dueNow() {
        long now = ledgers.clock.millis();
        try {
            return dueAt(now);
        } catch (RuntimeException e) {
            nextDue.accumulateAndGet(now, Math::min);
            throw e;
        }
    }

    private boolean look(Due one) {
        try {
            return ledgers.ledger(one.ledger()).write(tx -> tx.dueTasks().look(one.taskId()));
        } catch (StoreUnavailableException e) {
            nextDue.set(Long.MIN_VALUE);
            throw e;
        } catch (HartException e) {
            log.warn("task {}/{} is due and cannot be changed", one.ledger().key(), one.taskId(), e);
            return false;
        }
    }

    /** Tasks that are due, and in {@link #nextDue} when to look again. */
    private List<Due> dueAt(long now) {
        nextDue.set(now + LONGEST_WAIT_MS);
        List<Due> due = ledgers.store.read(tx -> {
            PreparedStatement select = tx.prepare("""
                SELECT l.agent_id, l.session_id, t.task_id FROM task t JOIN ledger l ON l.ledger_id = t.ledger_id
                WHERE t.due_at <= ? AND l.status <> 'corrupt' ORDER BY t.due_at, t.created_no LIMIT ?\
                """);
            select.setLong(1, now);
            select.setInt(2, TASKS_AT_ONCE);
            List<Due> found = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    found.add(new Due(new LedgerId(rows.getString(1), rows.getString(2)), rows.getString(3)));
                }
            }
            return found;
        });
        if (due.size() < TASKS_AT_ONCE) {
            long next = ledgers.store.read(tx -> {
                PreparedStatement select = tx.prepare("SELECT min(due_at) FROM task WHERE due_at > ?");
                select.setLong(1, now);
                try (ResultSet row = select.executeQuery()) {
                    row.next();
                    long at = row.getLong(1);
                    return row.wasNull() ? NEVER : at;
                }
            });
            nextDue.accumulateAndGet(next, Math::min);
        }
        return due;
    }

    void forget(LedgerId id) {
        unsigned.remove(id);
    }

    /** A ledger is complete: its checkpoint need not wait. */
    void finished(LedgerId id) {
        if (signs) {
            signSoon(id);
        }
    }

    /** Ledgers that are to be signed while checkpoints are written come together in the next commit of them. */
    private void signSoon(LedgerId id) {
        if (background && toSign.add(id)) {
            soon(this::signWaiting);
        }
    }

    private void signWaiting() {
        List<LedgerId> waiting =
                toSign.stream().limit(LEDGERS_AT_ONCE).collect(Collectors.toCollection(ArrayList::new));
        waiting.forEach(toSign::remove);
        checkpoint(waiting);
    }

    private void checkpoint(List<LedgerId> ids) {
        ids.forEach(unsigned::remove);
        try {
            ledgers.checkpoint(ids);
        } catch (RuntimeException e) {
            if (ids.size() > 1) {
                // Whatever is wrong with one of them shall not keep the others from being signed.
                ids.forEach(id -> checkpoint(List.of(id)));
                return;
            }
            log.warn(
                    "{} has no signed checkpoint of its newest events, which are kept: see to the signer; the next"
                            + " checkpoint covers them too",
                    ids.get(0).key(),
                    e);
        }
    }

    void checkpointAll() {
        List<LedgerId> all = new ArrayList<>(unsigned.keySet());
        for (int from = 0; from < all.size(); from += LEDGERS_AT_ONCE) {
            checkpoint(all.subList(from, Math.min(all.size(), from + LEDGERS_AT_ONCE)));
        }
    }

    void offer(Consumer<Checkpoint> sink, Checkpoint checkpoint) {
        try {
            sink.accept(checkpoint);
        } catch (RuntimeException e) {
            log.warn("the checkpoint sink failed on {}", checkpoint.ledger().key(), e);
        }
    }

    private void soon(Runnable action) {
        start(LONGEST_WAIT_MS);
        ScheduledExecutorService running = thread;
        if (running != null && !closed) {
            try {
                running.execute(() -> safely(action));
            } catch (RejectedExecutionException e) {
                log.debug("the ledgers are closing, which signs what is unsigned", e);
            }
        }
    }

    /** Starts the thread, if it is not there; a first look at what is due comes after {@code delay} milliseconds. */
    private void start(long delay) {
        if (!background || thread != null || closed) {
            return;
        }
        synchronized (this) {
            if (thread == null && !closed) {
                ScheduledThreadPoolExecutor made = new ScheduledThreadPoolExecutor(1, work -> {
                    Thread daemon = new Thread(work, "hart-ledger-timer");
                    daemon.setDaemon(true);
                    return daemon;
                });
                made.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
                thread = made;
                made.schedule(this::round, delay, TimeUnit.MILLISECONDS);
            }
        }
    }

    private void round() {
        if (!ledgers.store.isOpen()) {
            close();
            return;
        }
        safely(this::tick);
        long now = ledgers.clock.millis();
        unsigned.forEach((id, since) -> {
            if (now - since.since() >= CHECKPOINT_MS) {
                signSoon(id);
            }
        });
        ScheduledExecutorService running = thread;
        if (running != null && !closed) {
            long next = nextDue.get();
            long wait = next == NEVER ? LONGEST_WAIT_MS : next - ledgers.clock.millis();
            running.schedule(this::round, Math.max(20, Math.min(LONGEST_WAIT_MS, wait)), TimeUnit.MILLISECONDS);
        }
    }

    private void safely(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            if (!closed && ledgers.store.isOpen()) {
                log.warn("the ledgers' clockwork failed; it goes on", e);
            }
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        ScheduledExecutorService running = thread;
        if (running != null) {
            running.shutdown();
            if (!ledgers.store.isOpen()) {
                return; // called by the thread itself
            }
            try {
                if (!running.awaitTermination(5, TimeUnit.SECONDS)) {
                    running.shutdownNow();
                }
            } catch (InterruptedException e) {
                running.shutdownNow();
                Thread.currentThread().interrupt();
            }
        }
        if (ledgers.store.isOpen()) {
            checkpointAll();
        }
    }
}
