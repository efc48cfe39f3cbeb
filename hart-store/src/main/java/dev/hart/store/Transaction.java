package dev.hart.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/** A transaction that is going on. Only valid inside the {@link Work} it was handed to, and on its thread. */
public final class Transaction {
    private final Connection connection;
    private final Map<String, PreparedStatement> statements = new HashMap<>();

    Transaction(Connection connection) {
        this.connection = connection;
    }

    /**
     * A statement that is kept for the next transaction on this connection: do not close it, and set every parameter. It
     * must not be used for two open results at once.
     */
    public PreparedStatement prepare(String sql) throws SQLException {
        PreparedStatement known = statements.get(sql);
        if (known == null) {
            known = connection.prepareStatement(sql);
            statements.put(sql, known);
        }
        return known;
    }

    Connection connection() {
        return connection;
    }

    void closeStatements() throws SQLException {
        for (PreparedStatement statement : statements.values()) {
            statement.close();
        }
        statements.clear();
    }

    void close() throws SQLException {
        closeStatements();
        connection.close();
    }
}
