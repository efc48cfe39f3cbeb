package dev.hart.ledger;

import dev.hart.store.Store;
import dev.hart.store.Transaction;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The ledgers of one store. A ledger is an append-only, hash-chained history of events together with the tasks that the
 * events amount to; both are written in one transaction. A ledger comes into being with its first event.
 *
 * <p>Thread-safe; it owns nothing, the store is closed by whoever opened it. Reads and writes throw
 * {@link dev.hart.error.StoreUnavailableException} when the store fails, and {@link dev.hart.error.LedgerException}
 * LEDGER_ID_CLASH for an id whose key is another ledger's.
 */
public final class Ledger {
    private final Store store;
    private final InstantSource clock;
    private final String actor;

    private Ledger(Store store, InstantSource clock, String actor) {
        this.store = store;
        this.clock = clock;
        this.actor = actor;
    }

    /**
     * Makes or updates the ledger's tables.
     *
     * @param actor who the events say has acted, such as the name of the node; 1 to 255 of letters, digits, {@code . _ : ~ -}
     * @throws dev.hart.error.UnsupportedSchemaException if the tables are of a newer version of HART
     */
    public static Ledger open(Store store, InstantSource clock, String actor) {
        Limits.requireId("actor", actor);
        store.migrate("ledger", Ledger.class);
        return new Ledger(store, clock, actor);
    }

    /**
     * Runs {@code work} in a transaction of its own and returns once it is durable. If it throws, nothing of it is kept.
     * See {@link Store#write} for what a work may do.
     */
    public <T extends @Nullable Object> T write(LedgerId id, LedgerWork<T> work) {
        return store.write(tx -> in(tx, id, work));
    }

    /**
     * Runs {@code work} in the caller's transaction. If it throws, the caller must let the exception out of the
     * transaction, which undoes the rest.
     */
    public <T extends @Nullable Object> T in(Transaction tx, LedgerId id, LedgerWork<T> work) throws SQLException {
        LedgerTransaction ledger = new LedgerTransaction(tx, id, clock, actor);
        T result = work.in(ledger);
        ledger.flush();
        return result;
    }

    public boolean exists(LedgerId id) {
        return store.read(tx -> new LedgerTables(tx, id).head() != null);
    }

    public Optional<Task> task(LedgerId id, String taskId) {
        return store.read(tx -> {
            TaskRow row = tables(tx, id).task(taskId);
            return row == null ? Optional.<Task>empty() : Optional.of(row.task());
        });
    }

    /** All tasks in the order of their creation; none if there is no such ledger. */
    public List<Task> tasks(LedgerId id) {
        return store.read(
                tx -> tables(tx, id).tasks().stream().map(TaskRow::task).toList());
    }

    /**
     * The tasks of that name in all ledgers, newest first.
     *
     * @param limit 1 to 1000
     * @param beforeCreatedNo only tasks created before this {@link Task#createdNo}; {@link Long#MAX_VALUE} to begin
     */
    public List<Task> tasksNamed(String taskId, int limit, long beforeCreatedNo) {
        Limits.requireRange("limit", limit, 1, Limits.MAX_EVENTS_PER_PAGE);
        return store.read(tx -> LedgerTables.tasksNamed(tx, taskId, limit, beforeCreatedNo));
    }

    /** The tasks of that name in all ledgers that have not ended, oldest first. */
    public List<Task> openTasksNamed(String taskId) {
        return store.read(tx -> LedgerTables.openTasksNamed(tx, taskId));
    }

    /**
     * A page of the history, oldest first.
     *
     * @param afterSeq only events after this one; 0 to begin
     * @param limit 1 to 1000
     */
    public List<LedgerEvent> events(LedgerId id, long afterSeq, int limit) {
        Limits.requireRange("limit", limit, 1, Limits.MAX_EVENTS_PER_PAGE);
        return store.read(tx -> tables(tx, id).events(afterSeq, limit).stream()
                .map(event -> new LedgerEvent(
                        id,
                        event.seq(),
                        event.taskId(),
                        event.type(),
                        Instant.ofEpochMilli(event.at()),
                        event.actor(),
                        CanonicalJson.readObject(event.payload()),
                        HexFormat.of().formatHex(event.hash())))
                .toList());
    }

    /**
     * Reads the whole history: every hash, no number missing, the head, and that every task follows from its events. A
     * ledger that does not exist is whole.
     */
    public VerifyReport verify(LedgerId id) {
        return store.read(tx -> new Verification(new LedgerTables(tx, id), id).run());
    }

    private static LedgerTables tables(Transaction tx, LedgerId id) {
        LedgerTables tables = new LedgerTables(tx, id);
        tables.head(); // refuses an id whose key is another ledger's
        return tables;
    }
}
