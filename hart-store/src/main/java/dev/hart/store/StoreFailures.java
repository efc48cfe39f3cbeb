package dev.hart.store;

import dev.hart.error.StoreUnavailableException;
import java.sql.SQLException;

/** Says in words what a database's error means and what to do about it. Immutable. */
abstract class StoreFailures {
    private final String database;
    private final Dialect dialect;

    /** @param database how messages call it; without a secret */
    StoreFailures(String database, Dialect dialect) {
        this.database = database;
        this.dialect = dialect;
    }

    final String database() {
        return database;
    }

    final Dialect dialect() {
        return dialect;
    }

    final StoreUnavailableException of(SQLException cause) {
        return new StoreUnavailableException(database + " " + explain(cause), cause);
    }

    final StoreUnavailableException closed() {
        return new StoreUnavailableException(database + " is closed: open it again");
    }

    /** What goes on behind the database's name. */
    abstract String explain(SQLException cause);
}
