package dev.hart.ledger;

import dev.hart.error.IllegalTransitionException;
import dev.hart.error.LedgerException;
import dev.hart.error.StoreUnavailableException;
import dev.hart.store.Store;
import dev.hart.store.Transaction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One ledger: an append-only, hash-chained history of events together with the tasks that the events amount to; both are
 * written in one transaction.
 *
 * <p>Thread-safe; a handle that owns nothing and needs no closing. Reads and writes throw
 * {@link dev.hart.error.StoreUnavailableException} when the store fails, and {@link LedgerException} LEDGER_ID_CLASH for an
 * id whose key is another ledger's. Writes to a ledger that was found corrupt throw LEDGER_CORRUPT.
 */
public final class Ledger {
    private static final Logger log = LoggerFactory.getLogger(Ledger.class);
    private static final int MAX_TASKS_FOR_CLASSIFIER = 200;

    private final Ledgers ledgers;
    private final Store store;
    private final LedgerId id;
    private final LedgerOptions ifNew;
    private final String channel;
    private final String actor;

    Ledger(Ledgers ledgers, LedgerId id, LedgerOptions ifNew) {
        this(ledgers, id, ifNew, ledgers.actor);
    }

    private Ledger(Ledgers ledgers, LedgerId id, LedgerOptions ifNew, String actor) {
        this.ledgers = ledgers;
        this.store = ledgers.store;
        this.id = id;
        this.ifNew = ifNew;
        this.channel = channel(id);
        this.actor = actor;
    }

    /**
     * The same ledger for somebody else: what is written through it has {@code actor} as its actor, instead of that of the
     * {@link Ledgers}.
     *
     * @param actor 1 to 255 of letters, digits, {@code . _ : ~ -}
     */
    public Ledger as(String actor) {
        return new Ledger(ledgers, id, ifNew, Limits.requireId("actor", actor));
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
        try {
            return store.write(channel, tx -> in(tx, work));
        } catch (LedgerException e) {
            ledgers.keepIfCorrupt(id);
            throw e;
        }
    }

    /**
     * Runs {@code work} in the caller's transaction. If it throws, the caller must let the exception out of the
     * transaction, which undoes the rest.
     */
    public <T extends @Nullable Object> T in(Transaction tx, LedgerWork<T> work) throws SQLException {
        LedgerJournal journal = new LedgerJournal(
                tx, Changes.of(tx, ledgers.memory), id, ifNew, ledgers.clock.millis(), actor, ledgers::randomHex);
        try {
            ledgers.requireSound(tx, id, journal.exists());
            journal.requireSound();
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
        } catch (StoreUnavailableException e) {
            throw e;
        } catch (RuntimeException e) {
            journal.confirm();
            throw e;
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
     * Ends a task and tells which one comes next, were somebody to claim it now.
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
        apply(taskId, command);
        return next();
    }

    /**
     * Adds a task {@code dynamic_{n}} that was discovered at run time where the {@link Classifier} says it belongs; one that
     * fails or answers nonsense has it added as an independent task.
     *
     * @param discoveredBy the task that was being done, or null
     */
    public DiscoveredTask addDynamic(
            String description, Map<String, ? extends @Nullable Object> context, @Nullable String discoveredBy) {
        List<Task> newest = read(tables -> tables
                .tasks(
                        "WHERE ledger_id = ? AND NOT archived ORDER BY created_no DESC LIMIT ?",
                        MAX_TASKS_FOR_CLASSIFIER)
                .stream()
                .sorted(Comparator.comparingLong(row -> row.createdNo))
                .map(row -> new Task(id, row))
                .toList());
        Discovery discovery = new Discovery(description, context, discoveredBy, newest);
        String answer;
        try {
            answer = ledgers.classifier.classify(discovery);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LedgerException("INTERRUPTED", "the classifier was interrupted; nothing was added", e);
        } catch (Exception e) {
            log.warn("{}: a discovered task was not classified", id.key(), e);
            answer = "";
        }
        String said = answer;
        return write(tx -> tx.addDiscovered(discovery, said));
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

    /** Notes where every task stands now, see {@link LedgerTransaction#snapshot}. */
    public Snapshot snapshot(String label) {
        return write(tx -> tx.snapshot(label));
    }

    /** All snapshots, oldest first. */
    public List<Snapshot> snapshots() {
        return read(tables -> new Snapshots(id, tables).find(null));
    }

    /**
     * What happened since a snapshot.
     *
     * @throws LedgerException SNAPSHOT_NOT_FOUND
     */
    public Snapshot.Comparison compare(String snapshotId) {
        return read(tables -> {
            Snapshots snapshots = new Snapshots(id, tables);
            return snapshots.require(snapshotId).compareWith(snapshots.now("now", "", ledgers.clock.instant()));
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

    /** All tasks that were not put away, in the order of their creation; none if there is no such ledger. */
    public List<Task> tasks() {
        return read(tables -> shown(tables.tasks("WHERE ledger_id = ? AND NOT archived ORDER BY created_no")));
    }

    private List<Task> shown(Collection<TaskRow> rows) {
        return rows.stream().map(row -> new Task(id, row)).toList();
    }

    /** A page of the tasks that a filter lets through, in the order of their creation. */
    public List<Task> find(TaskFilter filter) {
        return read(tables -> shown(filter.rows(tables)));
    }

    /**
     * Tasks that could be claimed now, the most urgent first; none while the ledger is paused.
     *
     * @param limit 1 to 1000
     */
    public List<Task> ready(int limit) {
        return ready(limit, row -> true);
    }

    /** The same, but only tasks of {@link ExecutionMode#PARALLEL}. */
    public List<Task> readyParallel(int limit) {
        return ready(limit, row -> row.executionMode == ExecutionMode.PARALLEL);
    }

    /** The same, but only tasks that this worker may have. */
    public List<Task> readyFor(WorkerProfile worker, int limit) {
        Placement placement = new Placement(worker, options());
        return ready(limit, placement::allows);
    }

    private List<Task> ready(int limit, Predicate<TaskRow> filter) {
        Limits.requireRange("limit", limit, 1, Limits.MAX_EVENTS_PER_PAGE);
        return read(tables -> {
            LedgerTables.Info info = tables.info();
            List<TaskRow> ready = new ArrayList<>();
            if (info != null && !info.status().equals(LedgerJournal.Status.PAUSED)) {
                Claims.walk(tables, limit, row -> {
                    if (filter.test(row) && !new Task(id, row).isBudgetExhausted(ledgers.clock.instant())) {
                        ready.add(row);
                    }
                    return ready.size() < limit;
                });
            }
            return shown(ready);
        });
    }

    /** The same, of the tasks that this worker may have. */
    public List<Task> ready(WorkerProfile worker, int limit) {
        Limits.requireRange("limit", limit, 1, Limits.MAX_EVENTS_PER_PAGE);
        return read(tables -> {
            LedgerTables.Info info = tables.info();
            if (info == null) {
                return List.of();
            }
            Placement placement = new Placement(worker, info.options());
            List<TaskRow> allowed = new ArrayList<>();
            int priority = 101;
            long createdNo = 0;
            List<TaskRow> page;
            do {
                page = tables.claimable(priority, createdNo, Claims.PAGE);
                for (TaskRow row : page) {
                    priority = row.priority;
                    createdNo = row.createdNo;
                    if (allowed.size() < limit && placement.allows(row)) {
                        allowed.add(row);
                    }
                }
            } while (page.size() == Claims.PAGE && allowed.size() < limit);
            return shown(allowed);
        });
    }

    /** The most urgent task that could be claimed now. */
    public Optional<Task> next() {
        return ready(1).stream().findFirst();
    }

    /** All tasks with their parents and what they wait for, read at one moment. */
    public TaskGraph graph() {
        return read(tables -> {
            LedgerTables.Info info = tables.info();
            return new TaskGraph(
                    id,
                    info != null && info.status().equals(LedgerJournal.Status.PAUSED),
                    shown(tables.tasks()),
                    tables.edges());
        });
    }

    /** What the tasks amount to now: progress, summaries, advice. */
    public LedgerReport report() {
        return new LedgerReport(graph());
    }

    /** How long tasks took; reads the whole history. */
    public LedgerTimings timings() {
        return read(tables -> {
            LedgerTimings timings = new LedgerTimings(ledgers.clock.millis());
            LedgerTables.Info info = tables.info();
            if (info != null) {
                tables.eachEvent(info.options().stripes(), timings::add);
            }
            return timings;
        });
    }

    /**
     * Everything about one task, as the JSON object with which routes answer: {@link TaskDocument#of} with its histories,
     * edges, children, siblings and messages.
     *
     * @throws LedgerException TASK_NOT_FOUND
     */
    public Map<String, @Nullable Object> document(String taskId) {
        return read(tables -> {
            TaskRow row = require(tables, taskId);
            TaskPast past = new TaskPast();
            int stripe = EventChain.stripe(
                    taskId, Objects.requireNonNull(tables.info()).options().stripes());
            tables.history(stripe, row.lastEventSeq)
                    .forEach(event -> past.add(event.type(), event.at(), CanonicalJson.readObject(event.payload())));
            Task task = new Task(id, row);
            List<Edge> edgesFrom = tables.edgesFrom(taskId);
            Map<String, @Nullable Object> document = TaskDocument.full(
                    task,
                    tables.edgesTo(taskId),
                    edgesFrom,
                    tables.children(taskId),
                    tables.messages(taskId, null),
                    JsonExport.sent(tables, taskId, edgesFrom),
                    past);
            Set<String> siblings =
                    new LinkedHashSet<>(row.parentTaskId == null ? List.of() : tables.children(row.parentTaskId));
            siblings.addAll(task.linkedSiblings());
            siblings.remove(taskId);
            document.put("sibling_task_ids", List.copyOf(siblings));
            return document;
        });
    }

    /**
     * Writes the ledger as it stands at one moment. JSON is written while it is read, so {@code out} should not wait for
     * anybody long.
     *
     * @throws IOException if {@code out} does
     */
    public void export(ExportFormat format, Appendable out) throws IOException {
        if (format != ExportFormat.JSON && format != ExportFormat.JSON_WITH_EVENTS) {
            GraphDrawing drawing = new GraphDrawing(graph(), out);
            switch (format) {
                case DOT -> drawing.dot();
                case MERMAID -> drawing.mermaid();
                default -> drawing.tree();
            }
            return;
        }
        try {
            read(tables -> {
                try {
                    new JsonExport(id, tables, out).write(format == ExportFormat.JSON_WITH_EVENTS);
                    return true;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** The same as one text. */
    public String export(ExportFormat format) {
        StringBuilder out = new StringBuilder();
        try {
            export(format, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString();
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

    /**
     * Whether a task's definition is still the one that was sealed with {@link NewTask#sealed}; true if it was not sealed.
     * The priority and the prerequisites belong to it and are sealed anew when commands change them.
     */
    public boolean isDefinitionIntact(String taskId) {
        return read(tables -> {
            TaskRow row = require(tables, taskId);
            String sealed = row.text(Fields.DATA_HASH);
            return sealed == null || sealed.equals(Definition.hash(row, tables.edgesTo(taskId)));
        });
    }

    /** The events that changed a task, oldest first. */
    public List<LedgerEvent> history(String taskId) {
        return read(tables -> {
            TaskRow row = require(tables, taskId);
            LedgerTables.Info info = Objects.requireNonNull(tables.info());
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
        return event(id, event);
    }

    static LedgerEvent event(LedgerId id, LedgerTables.EventRow event) {
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

    /**
     * Calls {@code action} soon after something happened here, in whatever process; perhaps late or more often than needed, so
     * whoever waits for it looks by itself from time to time too. The action must be short.
     */
    public dev.hart.store.Subscription onNews(Runnable action) {
        return store.listen(channel, action);
    }

    /** Whether the store is still there to be asked. */
    boolean isOpen() {
        return store.isOpen();
    }

    /** Signs the newest events; empty when there are none since the last checkpoint, or nobody signs. */
    public Optional<Checkpoint> checkpoint() {
        return ledgers.checkpoint(List.of(id)).stream().findFirst();
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
            return ledgers.verification(tx, id).run();
        });
        if (!report.isOk()) {
            ledgers.markCorrupt(id, report);
        }
        return report;
    }

    /**
     * Checks what came after the newest checkpoint, or the last events if there is none, and the rows of the tasks that
     * changed last; as {@link #verify} otherwise. The first write to a ledger does this too.
     */
    public VerifyReport verifyTail() {
        VerifyReport report = store.read(tx -> {
            tables(tx);
            return ledgers.verification(tx, id).runTail();
        });
        if (!report.isOk()) {
            ledgers.markCorrupt(id, report);
        }
        return report;
    }

    /**
     * Makes the rows anew from the events, and lets a ledger be written again whose rows only were wrong. If the events are
     * not what was written, nothing is changed.
     *
     * @return what {@link #verify} says afterwards
     */
    public VerifyReport rebuild() {
        VerifyReport chain = store.write(tx -> {
            tables(tx);
            ledgers.send(tx, id);
            VerifyReport found = ledgers.verification(tx, id).runChain();
            if (found.isOk()) {
                ledgers.rebuild(tx, id);
            }
            return found;
        });
        if (!chain.isOk()) {
            ledgers.markCorrupt(id, chain);
            return chain;
        }
        VerifyReport report = verify();
        if (report.isOk()) {
            ledgers.markSound(id);
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
