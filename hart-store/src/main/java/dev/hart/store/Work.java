package dev.hart.store;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * What is done inside one transaction.
 *
 * <p>A work may run more than once: on PostgreSQL it is run again when the server ended its transaction because it was in
 * the way of another (a deadlock, a serialization failure). Until it returns it has no effect outside the database but on
 * what it made itself and on {@linkplain Transaction#shared shared} objects. What is to happen once goes into
 * {@link Transaction#afterCommit}, or after the write. A statement that fails ends the transaction on PostgreSQL, so a work
 * does not go on after one.
 */
@FunctionalInterface
public interface Work<T extends @Nullable Object> {

    /**
     * Reads and writes through {@code tx}, which must not be kept.
     *
     * @throws SQLException to roll back; the caller of the store gets a {@link dev.hart.error.StoreUnavailableException}
     */
    T in(Transaction tx) throws SQLException;
}
