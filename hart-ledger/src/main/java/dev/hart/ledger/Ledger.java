package dev.hart.ledger;

import dev.hart.error.IllegalTransitionException;
import dev.hart.error.LedgerException;
import dev.hart.store.Store;
import dev.hart.store.Transaction;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One ledger: an append-only, hash-chained history of events together with the tasks that the events amount to; both are
 * written in one transaction.
 *
 * <p>Thread-safe; a handle that owns nothing and needs no closing. Reads and writes throw
 * {@link dev.hart.error.StoreUnavailableException} when the store fails, and {@link LedgerException} LEDGER_ID_CLASH for an
 * id whose key is another ledger's. Writes to a ledger that was found corrupt throw LEDGER_CORRUPT.
 */
public final class Ledger {
    private final Ledgers ledgers;
    private final Store store;
    private final LedgerId id;
    private final LedgerOptions ifNew;
    private final String channel;

    Ledger(Ledgers ledgers, LedgerId id, LedgerOptions ifNew) {
        this.ledgers = ledgers;
        this.store = ledgers.store;
        this.id = id;
        this.ifNew = ifNew;
        this.channel = channel(id);
    }

    /** A name of bounded length, the same in every process. */
    private static String channel(LedgerId id) {
        String key = id.key();
        return key.length() <= 100 ? key : CanonicalJson.sha256OfText(key).substring(0, 40);
    }

    public LedgerId id() {
        return id;
    }

    /** How it behaves; those of a new ledger if it is not there yet. */
    public LedgerOptions options() {
        return store.read(tx -> {
            LedgerTables.Info info = new LedgerTables(tx, id, false).info();
            return info == null ? ifNew : info.options();
        });
    }

    /**
     * Runs {@code work} in a transaction of its own and returns once it is durable. If it throws, nothing of it is kept.
     * See {@link Store#write} for what a work may do.
     */
    public <T extends @Nullable Object> T write(LedgerWork<T> work) {
        return store.write(channel, tx -> in(tx, work));
    }

    /**
     * Runs {@code work} in the caller's transaction. If it throws, the caller must let the exception out of the
     * transaction, which undoes the rest.
     */
    public <T extends @Nullable Object> T in(Transaction tx, LedgerWork<T> work) throws SQLException {
        ledgers.requireSound(id);
        LedgerJournal journal = new LedgerJournal(tx, Changes.of(tx), id, ifNew, ledgers.clock.millis(), ledgers.actor);
        try {
            LedgerTransaction ledger = new LedgerTransaction(id, journal);
            T result = work.in(ledger);
            ledger.end();
            int events = journal.flush();
            Long due = journal.earliestDue();
            if (events > 0 || due != null) {
                tx.afterCommit(() -> {
                    ledgers.timekeeper.committed(id, events, due);
                    if (events > 0) {
                        store.signal(channel);
                    }
                });
            }
            return result;
        } finally {
            journal.end();
        }
    }

    /** The same as {@link #write}, without waiting; what the work throws completes the future exceptionally. */
    public <T extends @Nullable Object> CompletableFuture<T> writeAsync(LedgerWork<T> work, Executor executor) {
        return CompletableFuture.supplyAsync(() -> write(work), executor);
    }

    /** Adds a task in a transaction of its own, see {@link LedgerTransaction#add(NewTask)}. */
    public Task add(NewTask task) {
        return write(tx -> tx.add(task));
    }

    /** Adds tasks that may name each other in any order; all or none. */
    public List<Task> addAll(NewTask... tasks) {
        return write(tx -> tx.addAll(Arrays.asList(tasks)));
    }

    /** Gives a command to a task in a transaction of its own, see {@link LedgerTransaction#apply(String, TaskCommand)}. */
    public Task apply(String taskId, TaskCommand command) {
        return apply(taskId, command, CommandOptions.none());
    }

    /** The same under conditions, see {@link LedgerTransaction#apply(String, TaskCommand, CommandOptions)}. */
    public Task apply(String taskId, TaskCommand command, CommandOptions options) {
        return write(tx -> tx.apply(taskId, command, options));
    }

    /**
     * Gives a command under a lease.
     *
     * @throws LedgerException STALE_LEASE, without any change, if the lease is not the task's present one
     */
    public Task apply(Lease lease, TaskCommand command) {
        return apply(lease.taskId(), command, CommandOptions.none().under(lease.token()));
    }

    /** The same as {@link #apply(String, TaskCommand)}; empty, without any change, where the task's state does not allow it. */
    public Optional<Task> tryApply(String taskId, TaskCommand command) {
        try {
            return Optional.of(apply(taskId, command));
        } catch (IllegalTransitionException e) {
            return Optional.empty();
        } catch (LedgerException e) {
            if (REFUSED_BY_STATE.contains(e.code())) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static final List<String> REFUSED_BY_STATE =
            List.of("NO_CHANGE", "NOT_READY", "OPEN_CHILDREN", "BUDGET_EXHAUSTED");

    /** The same as {@link #apply(String, TaskCommand)}, without waiting. */
    public CompletableFuture<Task> applyAsync(String taskId, TaskCommand command, Executor executor) {
        return CompletableFuture.supplyAsync(() -> apply(taskId, command), executor);
    }

    /** The next task for a worker, if there is one that it may have. */
    public Optional<Lease> claim(ClaimRequest request) {
        return claimBatch(request.atMost(1)).stream().findFirst();
    }

    /** As many tasks as the request asks for, or as there are, in one commit. */
    public List<Lease> claimBatch(ClaimRequest request) {
        ledgers.timekeeper.catchUp();
        return write(tx -> tx.claim(request));
    }

    /** See {@link LedgerTransaction#heartbeat}. */
    public Heartbeat heartbeat(Lease lease) {
        return write(tx -> tx.heartbeat(lease));
    }

    /**
     * Ends a task and tells which one comes next.
     *
     * @param outcome {@link Outcome#SUCCESS} completes it, {@link Outcome#FAILURE} counts a failed attempt
     * @param result the result, or the text of the error
     * @return the next task that is ready, or empty
     */
    public Optional<Task> completeAndRoute(String taskId, Outcome outcome, @Nullable Object result) {
        TaskCommand command = switch (outcome) {
            case SUCCESS -> TaskCommand.complete(result);
            case FAILURE -> TaskCommand.failAttempt(result == null ? "failed" : result.toString());
            case ANY -> throw Limits.invalid("outcome must be success or failure");
        };
        return write(tx -> {
            tx.apply(taskId, command);
            return tx.journal().tables().claimable(101, 0, 1).stream()
                    .findFirst()
                    .map(row -> new Task(id, row));
        });
    }

    /** Pauses every task in progress, and counts them. */
    public int pauseAllActive(String reason) {
        return write(tx -> tx.applyToAll(List.of(TaskStatus.IN_PROGRESS), new TaskCommand.Pause(reason)));
    }

    /** Resumes every paused or stopped task, and counts them. */
    public int resumeAllPaused() {
        return write(
                tx -> tx.applyToAll(List.of(TaskStatus.PAUSED, TaskStatus.USER_STOPPED), new TaskCommand.Resume("")));
    }

    /** Puts every pending task off, and counts them. */
    public int deferAllPending(String reason, @Nullable Instant until) {
        return write(tx -> tx.applyToAll(List.of(TaskStatus.PENDING), new TaskCommand.Defer(reason, until)));
    }

    /** Makes every deferred task pending, and counts them. */
    public int undeferAll() {
        return write(tx -> tx.applyToAll(List.of(TaskStatus.DEFERRED), new TaskCommand.Undefer()));
    }

    /** Puts ended tasks away that ended before {@code olderThan}; their events and edges stay. Gives how many. */
    public int archive(Instant olderThan) {
        return write(tx -> tx.archive(olderThan));
    }

    /** Gives out no more tasks until {@link #unpause}; what was claimed goes on. */
    public void pause() {
        setStatus(LedgerJournal.Status.PAUSED);
    }

    public void unpause() {
        setStatus(LedgerJournal.Status.OPEN);
    }

    private void setStatus(String status) {
        ledgers.requireSound(id);
        write(tx -> {
            tx.journal().establish();
            tx.journal().setStatus(status);
            return true;
        });
        store.signal(channel);
    }

    /**
     * Records what a verifier says of a completed task's result. When {@code expected} verifiers have spoken and not more
     * than half agreed, the task is rolled back and repeated as a new one, at most 3 times.
     *
     * @param expected how many verifiers decide, 2 to 100
     * @throws LedgerException ALREADY_VOTED for a second, different vote; NOT_OWNER for the worker that produced the result;
     *     NOT_READY for a task that is not completed
     */
    public Consensus vote(String taskId, String verifier, boolean verdict, @Nullable Object evidence, int expected) {
        return write(tx -> tx.votes(expected).vote(tx.journal().require(taskId), verifier, verdict, evidence));
    }

    /** What was said of a task's results, oldest first. */
    public List<Vote> votes(String taskId) {
        return read(tables -> tables.votes(taskId));
    }

    /** What the votes on a completed task's present result amount to. */
    public Consensus consensus(String taskId) {
        return read(tables -> {
            TaskRow row = require(tables, taskId);
            return Consensus.of(tables.votes(taskId).stream()
                    .filter(vote -> vote.attempt() == row.retryCount + 1
                            && vote.resultHash().equals(row.resultHash))
                    .toList());
        });
    }

    public boolean exists() {
        return store.read(tx -> new LedgerTables(tx, id, false).info() != null);
    }

    public Optional<Task> task(String taskId) {
        return read(tables -> Optional.ofNullable(tables.task(taskId)).map(row -> new Task(id, row)));
    }

    /**
     * The task of that id.
     *
     * @throws LedgerException TASK_NOT_FOUND
     */
    public Task require(String taskId) {
        return read(tables -> new Task(id, require(tables, taskId)));
    }

    private TaskRow require(LedgerTables tables, String taskId) {
        TaskRow row = tables.task(taskId);
        if (row == null) {
            throw Refusals.taskNotFound(id.key() + "/" + taskId);
        }
        return row;
    }

    /** All tasks in the order of their creation; none if there is no such ledger. */
    public List<Task> tasks() {
        return read(tables -> shown(tables.tasks()));
    }

    private List<Task> shown(Collection<TaskRow> rows) {
        return rows.stream().map(row -> new Task(id, row)).toList();
    }

    /** A page of the tasks that a filter lets through, in the order of their creation. */
    public List<Task> find(TaskFilter filter) {
        return read(tables -> shown(filter.rows(tables)));
    }

    /** Tasks that could be claimed now, the most urgent first; at most {@code limit}, 1 to 1000. */
    public List<Task> ready(int limit) {
        Limits.requireRange("limit", limit, 1, Limits.MAX_EVENTS_PER_PAGE);
        return read(tables -> shown(tables.claimable(101, 0, limit)));
    }

    /** The most urgent task that could be claimed now. */
    public Optional<Task> next() {
        return ready(1).stream().findFirst();
    }

    /** All edges of the graph. */
    public List<Edge> edges() {
        return read(LedgerTables::edges);
    }

    /** What a task waits for. */
    public List<Edge> waitsFor(String taskId) {
        return read(tables -> tables.edgesTo(taskId));
    }

    /** What waits for a task. */
    public List<Edge> waiters(String taskId) {
        return read(tables -> tables.edgesFrom(taskId));
    }

    /** What a task was told by those it waited for, oldest first. */
    public List<TaskMessage> messages(String taskId) {
        return read(tables -> tables.messages(taskId, null));
    }

    /** The events that changed a task, oldest first. */
    public List<LedgerEvent> history(String taskId) {
        return read(tables -> {
            TaskRow row = require(tables, taskId);
            LedgerTables.Info info = java.util.Objects.requireNonNull(tables.info());
            int stripe = EventChain.stripe(taskId, info.options().stripes());
            return tables.history(stripe, row.lastEventSeq).stream()
                    .map(this::event)
                    .toList();
        });
    }

    /**
     * A page of the history, oldest first, of a ledger with one stripe.
     *
     * @param afterSeq only events after this one; 0 to begin
     * @param limit 1 to 1000
     */
    public List<LedgerEvent> events(long afterSeq, int limit) {
        return events(0, afterSeq, limit);
    }

    /**
     * A page of one stripe's history, oldest first.
     *
     * @param stripe 0 to the number of stripes, exclusive
     * @param afterSeq only events after this one; 0 to begin
     * @param limit 1 to 1000
     */
    public List<LedgerEvent> events(int stripe, long afterSeq, int limit) {
        Limits.requireRange("limit", limit, 1, Limits.MAX_EVENTS_PER_PAGE);
        return read(tables ->
                tables.events(stripe, afterSeq, limit).stream().map(this::event).toList());
    }

    private LedgerEvent event(LedgerTables.EventRow event) {
        return new LedgerEvent(
                id,
                event.stripe(),
                event.seq(),
                event.taskId(),
                event.type(),
                Instant.ofEpochMilli(event.at()),
                event.actor(),
                CanonicalJson.readObject(event.payload()),
                HexFormat.of().formatHex(event.hash()));
    }

    /**
     * Tells {@code listener} every event from now on and, in its stripe, in order: each at least once, and none is skipped.
     * It runs on a thread of its own, so a slow one delays no writer. What it throws is logged and the event told again after a
     * while; after ten times the subscription stops, see {@link Subscription#failure}.
     *
     * @param from where to begin, {@link EventCursor#START} for the first event
     */
    public Subscription subscribe(EventCursor from, Consumer<LedgerEvent> listener) {
        return new Subscription(ledgers, this, channel, null, from, listener).begin();
    }

    /**
     * The same for a subscriber with a name: it goes on where it was when it last ended, in whatever process. One of a name
     * may be open at a time.
     *
     * @param subscriberId 1 to 255 of letters, digits, {@code . _ : ~ -}
     */
    public Subscription subscribe(String subscriberId, Consumer<LedgerEvent> listener) {
        Limits.requireId("subscriber id", subscriberId);
        return new Subscription(
                        ledgers, this, channel, subscriberId, EventCursor.stored(store, subscriberId, id), listener)
                .begin();
    }

    /** Calls {@code action} soon after something happened here, in whatever process. */
    dev.hart.store.Subscription onNews(Runnable action) {
        return store.listen(channel, action);
    }

    /** Whether the store is still there to be asked. */
    boolean isOpen() {
        return store.isOpen();
    }

    /** Signs the newest events; empty when there are none since the last checkpoint, or nobody signs. */
    public Optional<Checkpoint> checkpoint() {
        return ledgers.checkpoint(id);
    }

    /** Tells that nothing more will happen here, so that the last checkpoint is signed soon. */
    public void finished() {
        ledgers.timekeeper.finished(id);
    }

    /** Signed checkpoints, oldest first. */
    public List<Checkpoint> checkpoints() {
        return store.read(tx -> Checkpoints.all(tx, id));
    }

    /**
     * Reads the whole history: every hash, no number missing, the heads, every signed checkpoint, and that every row follows
     * from the events. A ledger that does not exist is whole. One that is not may only be read from then on.
     */
    public VerifyReport verify() {
        VerifyReport report = store.read(tx -> {
            tables(tx);
            return new Verification(tx, id, ledgers.signer()).run();
        });
        if (!report.isOk()) {
            ledgers.markCorrupt(id, report);
        }
        return report;
    }

    /** Checks what came after the newest checkpoint only; as {@link #verify} otherwise. */
    public VerifyReport verifyTail() {
        VerifyReport report = store.read(tx -> {
            tables(tx);
            return new Verification(tx, id, ledgers.signer()).runTail();
        });
        if (!report.isOk()) {
            ledgers.markCorrupt(id, report);
        }
        return report;
    }

    /**
     * Makes the rows anew from the events, and lets a ledger be written again whose rows only were wrong.
     *
     * @return what {@link #verify} says afterwards
     */
    public VerifyReport rebuild() {
        store.write(tx -> {
            Ledgers.rebuild(tx, id);
            return true;
        });
        VerifyReport report = verify();
        if (report.isOk()) {
            ledgers.markSound(id);
            store.write(tx -> {
                new LedgerTables(tx, id, true).setStatus(LedgerJournal.Status.OPEN);
                Changes.of(tx).ledger(id).forgetInfo();
                return true;
            });
        }
        return report;
    }

    @FunctionalInterface
    private interface Read<T extends @Nullable Object> {
        T of(LedgerTables tables) throws SQLException;
    }

    private <T extends @Nullable Object> T read(Read<T> read) {
        ledgers.timekeeper.catchUp();
        return store.read(tx -> read.of(tables(tx)));
    }

    private LedgerTables tables(Transaction tx) {
        LedgerTables tables = new LedgerTables(tx, id, false);
        tables.info(); // refuses an id whose key is another ledger's
        return tables;
    }
}
