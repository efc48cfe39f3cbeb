package dev.hart.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.SocketException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

class PostgresFailuresTest {
    private final PostgresFailures failures = new PostgresFailures("database d");

    private static PSQLException said(String state, String message) {
        return new PSQLException(
                new ServerErrorMessage("SERROR\0C" + state + "\0M" + message + "\0DKey (text)=(secret) exists.\0"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    08001 | cannot be reached: start the server, or check host and port: why
                    08006 | lost the connection: try again once the server can be reached
                    28P01 | refuses the login: check user, password and pg_hba.conf: why
                    3D000 | does not exist: create it: why
                    25006 | refuses to write: write in Store.write, and on the primary server: why
                    40P01 | had other transactions in the way each time: try again later
                    42501 | does not allow this to the user: grant it: why
                    53100 | could not be written because the disk is full: free some space and try again
                    53200 | is out of memory: give the server more, or do less at once
                    53300 | has no connection left: raise max_connections, or open fewer stores: why
                    55P03 | is locked by another transaction: end it, or try again later
                    57014 | cancelled a statement: raise statement_timeout, or do less at once: why
                    57P01 | lost the connection: the server was shut down or ended it: try again
                    57P03 | is starting or stopping: try again soon
                    23505 | refused a statement: why
                    """)
    void eachFailureSaysWhatToDoAndQuotesNoRow(String state, String text) {
        SQLException error = said(state, "why");
        assertThat(failures.of(error)).hasMessage("database d " + text).hasCause(error);
    }

    @Test
    void whatAPoolWrapsIsTold() {
        SQLException wrapped =
                new SQLTransientConnectionException("timed out", "08001", said("28P01", "no password for ann"));
        assertThat(failures.of(wrapped))
                .hasMessage("database d refuses the login: check user, password and pg_hba.conf: no password for ann");
        assertThat(failures.of(new SQLTransientConnectionException("timed out")))
                .hasMessage("database d has no free connection in the pool: do less at once, or wait");
        assertThat(failures.of(new SQLException("interrupted", new InterruptedException())))
                .hasMessage("database d was not used: the thread was interrupted while it waited for a connection");
    }

    @Test
    void onlyAnAnswerOfTheServerMakesAFailedCommitCertain() {
        assertThat(PostgresFailures.isCertain(said("23505", "twice"))).isTrue();
        assertThat(PostgresFailures.isCertain(said("40001", "in the way"))).isTrue();
        assertThat(PostgresFailures.isCertain(said("57P01", "going down"))).isFalse();
        assertThat(PostgresFailures.isCertain(
                        new PSQLException("gone", PSQLState.CONNECTION_FAILURE, new SocketException("reset"))))
                .isFalse();
        assertThat(PostgresFailures.isCertain(new PSQLException("rolled back", PSQLState.IN_FAILED_SQL_TRANSACTION)))
                .isTrue();
    }

    @Test
    void onlyTransactionsInTheWayOfOthersMayBeRunAgain() {
        assertThat(PostgresFailures.mayBeRunAgain(said("40001", ""))).isTrue();
        assertThat(PostgresFailures.mayBeRunAgain(failures.of(said("40P01", ""))))
                .isTrue();
        assertThat(PostgresFailures.mayBeRunAgain(said("55P03", ""))).isFalse();
        assertThat(PostgresFailures.mayBeRunAgain(new SQLException("no state"))).isFalse();
        assertThat(PostgresFailures.mayBeRunAgain(new IllegalStateException("no")))
                .isFalse();
    }
}
