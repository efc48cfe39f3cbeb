package dev.hart.store;

import static java.util.Objects.requireNonNull;

import dev.hart.error.StoreUnavailableException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * One open transaction, lent to a {@link Work}. It is used by one thread and is worthless after the work returns.
 *
 * <p>Several works may share one commit: on SQLite those that arrive while another commit is under way, at most 256; on
 * PostgreSQL each has its own. They run one after the other, in one database transaction. A work that fails is undone
 * alone. So that they need not each read and write what they all change, {@link #shared} keeps objects for the length of
 * the commit, {@link #beforeCommit} writes them once, and {@link #onUndo} puts them back when a work fails:
 *
 * <pre>
 * Heads heads = tx.shared(Heads.class, () -&gt; {
 *     Heads made = new Heads();
 *     tx.beforeCommit(made::writeAll);
 *     return made;
 * });
 * Head before = heads.get(id);
 * tx.onUndo(() -&gt; heads.put(id, before));
 * heads.put(id, before.next());
 * </pre>
 */
public final class Transaction {
    private final Statements statements;
    private final StoreFailures failures;
    private final Map<Class<?>, Object> shared;
    private final boolean writes;
    private final List<Class<?>> made = new ArrayList<>(0);
    private final List<Work<?>> beforeCommit = new ArrayList<>(0);
    private final List<Runnable> afterCommit = new ArrayList<>(2);
    private final List<Runnable> onUndo = new ArrayList<>(0);
    private boolean open = true;

    private Transaction(Statements statements, StoreFailures failures, Map<Class<?>, Object> shared, boolean writes) {
        this.statements = statements;
        this.failures = failures;
        this.shared = shared;
        this.writes = writes;
    }

    /** One work of a commit, whose works all have the same {@code shared}. */
    static Transaction writing(Statements statements, StoreFailures failures, Map<Class<?>, Object> shared) {
        return new Transaction(statements, failures, shared, true);
    }

    static Transaction reading(Statements statements, StoreFailures failures) {
        return new Transaction(statements, failures, new HashMap<>(0), false);
    }

    /** Which SQL the database speaks. */
    public Dialect dialect() {
        return failures.dialect();
    }

    /**
     * A statement of the connection, compiled once and kept for later. The caller binds every parameter, closes the result
     * sets, and does not close the statement. The same text gives the same statement, so at most one of its results is open
     * at a time.
     */
    public PreparedStatement prepare(String sql) throws SQLException {
        requireOpen();
        return statements.prepare(sql);
    }

    /**
     * The object of {@code type} that all works of this commit share. It is made by {@code make} on first use and gone after
     * the commit. If the work that made it fails, it is gone with that work, and the next one makes another. In a read the
     * object is shared by that read alone.
     *
     * @param make gives a new object, never null; it may use this transaction
     */
    public <T> T shared(Class<T> type, Supplier<T> make) {
        requireOpen();
        Object known = shared.get(type);
        if (known == null) {
            known = requireNonNull(make.get(), () -> "no " + type.getName() + " was made");
            if (shared.putIfAbsent(type, known) != null) {
                throw new IllegalStateException(type.getName() + " was made while it was being made");
            }
            made.add(type);
        }
        return type.cast(known);
    }

    /**
     * Runs {@code work} once, after the last work of this commit and before its COMMIT, in the same database transaction, in
     * the order of registration. It gets a transaction of its own to use. If it throws, nothing of the commit is kept and
     * the caller of every work in it gets what it threw. It is dropped if the work that registered it fails.
     *
     * @throws IllegalStateException in a read, which has no commit
     */
    public void beforeCommit(Work<?> work) {
        requireWriting();
        beforeCommit.add(requireNonNull(work));
    }

    /**
     * Runs {@code action} if this work fails and is undone, so that shared objects can be put back before another work uses
     * them; in the reverse order of registration. It does not use the database. If it throws, nothing of the commit is kept.
     * It does not run when the commit fails as a whole: nobody uses its shared objects any more.
     *
     * @throws IllegalStateException in a read, which changes nothing
     */
    public void onUndo(Runnable action) {
        requireWriting();
        onUndo.add(requireNonNull(action));
    }

    /**
     * Runs {@code action} once the commit is durable, and never if it fails; on the thread that commits, before the write
     * returns, and on SQLite in the order of the commits. It delays other writers, so it only hands something on: it must
     * not wait, nor use the store except for {@link Store#signal}. What it throws is logged.
     */
    public void afterCommit(Runnable action) {
        requireOpen();
        afterCommit.add(requireNonNull(action));
    }

    /** What to throw when one of this transaction's statements fails: it names the database, the reason and the way out. */
    public StoreUnavailableException unavailable(SQLException cause) {
        return failures.of(cause);
    }

    /** Ends the lending. */
    void end() {
        open = false;
    }

    List<Class<?>> made() {
        return made;
    }

    List<Work<?>> beforeCommit() {
        return beforeCommit;
    }

    List<Runnable> afterCommit() {
        return afterCommit;
    }

    List<Runnable> onUndo() {
        return onUndo;
    }

    private void requireWriting() {
        requireOpen();
        if (!writes) {
            throw new IllegalStateException("a read has no commit and nothing to undo: use Store.write");
        }
    }

    private void requireOpen() {
        if (!open) {
            throw new IllegalStateException("the transaction is over: use it only inside the work it was lent to");
        }
    }
}
