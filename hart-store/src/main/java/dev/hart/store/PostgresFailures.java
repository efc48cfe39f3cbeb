package dev.hart.store;

import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What PostgreSQL's errors mean, by SQLSTATE, and which of them leave no doubt. */
final class PostgresFailures extends StoreFailures {
    private static final Set<String> IN_THE_WAY = Set.of("40001", "40P01");
    private static final int MAX_CAUSES = 20;

    PostgresFailures(String database) {
        super(database, Dialect.POSTGRESQL);
    }

    /** Whether the server undid a transaction, for the sake of others, that may go through another time. */
    static boolean mayBeRunAgain(Throwable e) {
        Throwable cause = e;
        for (int i = 0; i < MAX_CAUSES && cause != null; i++, cause = cause.getCause()) {
            if (cause instanceof SQLException sql
                    && sql.getSQLState() != null
                    && IN_THE_WAY.contains(sql.getSQLState())) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether a COMMIT that failed has certainly kept nothing: the server said so, and did not say that it is ending the
     * connection, which it may do after the commit.
     */
    static boolean isCertain(SQLException commit) {
        String state = commit.getSQLState() == null ? "" : commit.getSQLState();
        if (state.startsWith("08") || state.startsWith("57P")) {
            return false;
        }
        return state.equals("25P02") || (commit instanceof PSQLException e && e.getServerErrorMessage() != null);
    }

    @Override
    String explain(SQLException cause) {
        SQLException e = deepest(cause);
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        if (e.getCause() instanceof InterruptedException) {
            return "was not used: the thread was interrupted while it waited for a connection";
        }
        return switch (state) {
            case "08001", "08004" -> "cannot be reached: start the server, or check host and port: " + text(e);
            case "08000", "08003", "08006", "08007" -> "lost the connection: try again once the server can be reached";
            case "28P01", "28000" -> "refuses the login: check user, password and pg_hba.conf: " + text(e);
            case "3D000" -> "does not exist: create it: " + text(e);
            case "25006" -> "refuses to write: write in Store.write, and on the primary server: " + text(e);
            case "40001", "40P01" -> "had other transactions in the way each time: try again later";
            case "42501" -> "does not allow this to the user: grant it: " + text(e);
            case "53100" -> "could not be written because the disk is full: free some space and try again";
            case "53200" -> "is out of memory: give the server more, or do less at once";
            case "53300" -> "has no connection left: raise max_connections, or open fewer stores: " + text(e);
            case "55P03" -> "is locked by another transaction: end it, or try again later";
            case "57014" -> "cancelled a statement: raise statement_timeout, or do less at once: " + text(e);
            case "57P01", "57P02" -> "lost the connection: the server was shut down or ended it: try again";
            case "57P03" -> "is starting or stopping: try again soon";
            default ->
                e instanceof java.sql.SQLTransientConnectionException
                        ? "has no free connection in the pool: do less at once, or wait"
                        : "refused a statement: " + text(e);
        };
    }

    /** A pool wraps what it got from the driver. */
    private static SQLException deepest(SQLException e) {
        SQLException deepest = e;
        for (int i = 0; i < MAX_CAUSES && deepest.getCause() instanceof SQLException; i++) {
            deepest = (SQLException) deepest.getCause();
        }
        return deepest;
    }

    /** The server's words without its details, which have values from the tables. */
    private static @Nullable String text(SQLException e) {
        if (e instanceof PSQLException psql) {
            ServerErrorMessage message = psql.getServerErrorMessage();
            if (message != null) {
                return message.getMessage();
            }
        }
        return e.getMessage();
    }
}
