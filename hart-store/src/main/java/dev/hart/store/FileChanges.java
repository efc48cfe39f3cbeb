package dev.hart.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out whether anybody has committed to an SQLite file, by a number that SQLite keeps for each connection. */
final class FileChanges implements Signals.Poll {
    private static final Logger log = LoggerFactory.getLogger(FileChanges.class);

    private final DataSource connections;
    private @Nullable Connection connection;
    private long version;

    /** Opens a connection when it is first asked, and keeps it: the number says nothing to another one. */
    FileChanges(DataSource connections) {
        this.connections = connections;
    }

    @Override
    public boolean mayHaveChanged() {
        try {
            Connection open = connection;
            if (open == null) {
                open = connections.getConnection();
                connection = open;
                version = version(open);
                return true;
            }
            long before = version;
            version = version(open);
            return version != before;
        } catch (SQLException e) {
            log.warn("It cannot be seen whether another process has written to the database", e);
            close();
            return true;
        }
    }

    private static long version(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA data_version")) {
            row.next();
            return row.getLong(1);
        }
    }

    @Override
    public void close() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException e) {
                log.warn("A connection could not be closed", e);
            }
        }
    }
}
