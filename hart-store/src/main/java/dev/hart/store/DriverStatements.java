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
    private long written;

    DriverStatements(Connection connection) {
        this.connection = connection;
    }

    @Override
    public PreparedStatement prepare(String sql) throws SQLException {
        if (!isQuery(sql)) {
            written++;
        }
        PreparedStatement known = statements.get(sql);
        if (known == null) {
            known = connection.prepareStatement(sql);
            statements.put(sql, known);
        } else {
            known.clearBatch();
        }
        return known;
    }

    /** How many statements were asked for that may write. */
    long written() {
        return written;
    }

    private static boolean isQuery(String sql) {
        return sql.regionMatches(true, 0, "SELECT", 0, "SELECT".length());
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
