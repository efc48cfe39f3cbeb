package dev.hart.ledger;

import dev.hart.store.Store;
import dev.hart.store.Transaction;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One ledger: an append-only, hash-chained history of events together with the tasks that the events amount to; both are
 * written in one transaction.
 *
 * <p>Thread-safe; a handle that owns nothing and needs no closing. Reads and writes throw
 * {@link dev.hart.error.StoreUnavailableException} when the store fails, and {@link dev.hart.error.LedgerException}
 * LEDGER_ID_CLASH for an id whose key is another ledger's.
 */
public final class Ledger {
    private final Ledgers ledgers;
    private final Store store;
    private final LedgerId id;

    Ledger(Ledgers ledgers, LedgerId id) {
        this.ledgers = ledgers;
        this.store = ledgers.store;
        this.id = id;
    }

    public LedgerId id() {
        return id;
    }

    /**
     * Runs {@code work} in a transaction of its own and returns once it is durable. If it throws, nothing of it is kept.
     * See {@link Store#write} for what a work may do.
     */
    public <T extends @Nullable Object> T write(LedgerWork<T> work) {
        return store.write(tx -> in(tx, work));
    }

    /**
     * Runs {@code work} in the caller's transaction. If it throws, the caller must let the exception out of the
     * transaction, which undoes the rest.
     */
    public <T extends @Nullable Object> T in(Transaction tx, LedgerWork<T> work) throws SQLException {
        LedgerTransaction ledger = new LedgerTransaction(tx, id, ledgers.clock, ledgers.actor);
        T result = work.in(ledger);
        ledger.flush();
        return result;
    }

    public boolean exists() {
        return store.read(tx -> new LedgerTables(tx, id).head() != null);
    }

    public Optional<Task> task(String taskId) {
        return store.read(tx -> {
            TaskRow row = tables(tx).task(taskId);
            return row == null ? Optional.<Task>empty() : Optional.of(row.task());
        });
    }

    /** All tasks in the order of their creation; none if there is no such ledger. */
    public List<Task> tasks() {
        return store.read(tx -> tables(tx).tasks().stream().map(TaskRow::task).toList());
    }

    /**
     * A page of the history, oldest first.
     *
     * @param afterSeq only events after this one; 0 to begin
     * @param limit 1 to 1000
     */
    public List<LedgerEvent> events(long afterSeq, int limit) {
        Limits.requireRange("limit", limit, 1, Limits.MAX_EVENTS_PER_PAGE);
        return store.read(tx -> tables(tx).events(afterSeq, limit).stream()
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
    public VerifyReport verify() {
        return store.read(tx -> new Verification(new LedgerTables(tx, id), id).run());
    }

    private LedgerTables tables(Transaction tx) {
        LedgerTables tables = new LedgerTables(tx, id);
        tables.head(); // refuses an id whose key is another ledger's
        return tables;
    }
}
