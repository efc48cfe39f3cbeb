package dev.hart.ledger;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What is done to one ledger inside one transaction. */
@FunctionalInterface
public interface LedgerWork<T extends @Nullable Object> {

    /** Gives commands to {@code ledger}, which must not be kept. */
    T in(LedgerTransaction ledger) throws SQLException;
}
