package dev.hart.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The statements of one PostgreSQL transaction. Once they are closed, the driver keeps what it has compiled, by connection
 * and text. Used by one thread.
 */
final class DriverStatements implements Statements, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DriverStatements.class);

    private final Connection connection;
    private final Map<String, PreparedStatement> statements = new HashMap<>();

    DriverStatements(Connection connection) {
        this.connection = connection;
    }

    @Override
    public PreparedStatement prepare(String sql) throws SQLException {
        PreparedStatement known = statements.get(sql);
        if (known == null) {
            known = connection.prepareStatement(sql);
            statements.put(sql, known);
        } else {
            known.clearBatch();
        }
        return known;
    }

    @Override
    public void close() {
        for (PreparedStatement statement : statements.values()) {
            try {
                statement.close();
            } catch (SQLException e) { // the connection is gone, which the transaction's own statements have told
                log.debug("A statement could not be closed", e);
            }
        }
    }
}
