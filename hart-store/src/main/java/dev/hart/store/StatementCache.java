package dev.hart.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The compiled statements of one SQLite connection, by their text, kept between transactions. Used by one thread at a time. */
final class StatementCache implements Statements {
    private static final int MAX_STATEMENTS = 256;

    private final Connection connection;
    private final Map<String, PreparedStatement> statements = new LinkedHashMap<>(64, 0.75f, true);

    StatementCache(Connection connection) {
        this.connection = connection;
    }

    @Override
    public PreparedStatement prepare(String sql) throws SQLException {
        PreparedStatement known = statements.get(sql);
        if (known == null || !isUsable(known)) {
            known = connection.prepareStatement(sql);
            statements.put(sql, known);
        } else {
            known.clearBatch(); // of a work that failed before it executed its batch
        }
        return known;
    }

    /** The driver gives up a statement for good when its execution fails, and does not say so in isClosed(). */
    private static boolean isUsable(PreparedStatement statement) {
        try {
            return statement.getParameterMetaData().getParameterCount() >= 0;
        } catch (SQLException e) {
            return false;
        }
    }

    void execute(String sql) throws SQLException {
        prepare(sql).executeUpdate();
    }

    /** Closes the statements that were not used for longest, down to the limit. Between transactions only. */
    void trim() throws SQLException {
        var eldest = statements.values().iterator();
        for (int surplus = statements.size() - MAX_STATEMENTS; surplus > 0; surplus--) {
            eldest.next().close();
            eldest.remove();
        }
    }

    /** Runs a script of several statements. */
    void executeScript(String script) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.executeUpdate(script);
        }
    }
}
