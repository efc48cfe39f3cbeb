package dev.hart.store;

import dev.hart.error.StoreUnavailableException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** One open transaction, lent to a {@link Work}. It is used by one thread and is worthless after the work returns. */
public final class Transaction {
    private final StatementCache statements;
    private final String database;
    private final List<Runnable> afterCommit = new ArrayList<>(2);
    private boolean open = true;

    Transaction(StatementCache statements, String database) {
        this.statements = statements;
        this.database = database;
    }

    /**
     * A statement of the connection, compiled once and kept for the next transaction. The caller binds every parameter,
     * closes the result sets, and does not close the statement. The same text gives the same statement, so at most one
     * of its results is open at a time.
     */
    public PreparedStatement prepare(String sql) throws SQLException {
        requireOpen();
        return statements.prepare(sql);
    }

    /**
     * Runs {@code action} once the commit is durable, and never if it fails; on the thread that commits, in the order of
     * the commits, before the write returns. It delays every other writer, so it only hands something on: it must not wait
     * nor use the store. What it throws is logged.
     */
    public void afterCommit(Runnable action) {
        requireOpen();
        afterCommit.add(action);
    }

    /** What to throw when one of this transaction's statements fails: it names the file, the reason and the way out. */
    public StoreUnavailableException unavailable(SQLException cause) {
        return StoreFailures.of(database, cause);
    }

    /** Ends the lending; gives what is to be run after the commit. */
    List<Runnable> end() {
        open = false;
        return afterCommit;
    }

    private void requireOpen() {
        if (!open) {
            throw new IllegalStateException("the transaction is over: use it only inside the work it was lent to");
        }
    }
}
