package dev.hart.store;

import java.sql.SQLException;

/** What is done within a transaction. May be run again when the database was busy: it must have no effect but its SQL. */
@FunctionalInterface
public interface Work<T> {
    T in(Transaction tx) throws SQLException;
}
