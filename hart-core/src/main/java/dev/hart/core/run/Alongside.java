package dev.hart.core.run;

import dev.hart.store.Transaction;
import java.sql.SQLException;

/** What is written in the commit that begins a run. */
@FunctionalInterface
public interface Alongside {
    /**
     * Writes it.
     *
     * @return false when the run must not begin after all; nothing of the commit is written then
     */
    boolean write(Transaction tx, String runId) throws SQLException;
}
