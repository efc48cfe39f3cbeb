package dev.hart.store;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What is done inside one transaction. */
@FunctionalInterface
public interface Work<T extends @Nullable Object> {

    /**
     * Reads and writes through {@code tx}, which must not be kept.
     *
     * @throws SQLException to roll back; the caller of the store gets a {@link dev.hart.error.StoreUnavailableException}
     */
    T in(Transaction tx) throws SQLException;
}
