package dev.hart.store;

import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Where a transaction's statements come from. Used by one thread at a time. */
interface Statements {
    /** The statement of this text, ready to be bound; the same one each time in a transaction. */
    PreparedStatement prepare(String sql) throws SQLException;
}
