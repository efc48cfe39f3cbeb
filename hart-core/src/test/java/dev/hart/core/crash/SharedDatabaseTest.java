package dev.hart.core.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Hart;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunHandle;
import dev.hart.RunState;
import dev.hart.error.RunBusyException;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.Ledgers;
import dev.hart.store.testing.PostgresServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two machines, each with a data directory of its own, that share a PostgreSQL database. */
@Timeout(120)
class SharedDatabaseTest {
    private final String url = PostgresServer.freshDatabase();

    @TempDir
    private Path folder;

    private Process other;
    private BufferedReader said;
    private String run;

    /** Starts the other machine, and waits until its run stands in its first step. */
    private void startOther(Path data) throws IOException {
        other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        CrashTest.classPath(),
                        MachineProcess.class.getName(),
                        data.toString(),
                        folder.toString(),
                        url)
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("errors.txt").toFile()))
                .start();
        said = other.inputReader(StandardCharsets.UTF_8);
        String line = said.readLine();
        assertThat(line).as("errors: %s", errors()).startsWith("looking ");
        run = line.substring("looking ".length());
    }

    private String errors() throws IOException {
        return Files.readString(folder.resolve("errors.txt"));
    }

    private Hart open() {
        return MachineProcess.open(folder.resolve("here"), folder, url, false);
    }

    @AfterEach
    void end() {
        if (other != null) {
            other.destroyForcibly();
        }
    }

    /** Lets time go by for every process that does not renew its lease in it. */
    private void passLease() {
        sql("UPDATE process SET lease_until = lease_until - 90001");
    }

    private void sql(String change) {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(change)).isPositive();
        } catch (SQLException e) {
            throw new IllegalStateException(change, e);
        }
    }

    private long rows() {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                var row = statement.executeQuery("SELECT count(*) FROM process")) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<String> journal(Hart hart) {
        try (Stream<RunEvent> events = hart.runs().events(run, 0)) {
            return events.map(event -> event.seq() + " " + event.type()).toList();
        }
    }

    private void signal(String name) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(other.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    @Test
    void theRunOfALivingMachineIsLeftAloneAndThatOfADeadOneTakenUpAfterItsLease() throws Exception {
        startOther(folder.resolve("there"));
        try (Hart hart = open()) {
            assertBusy(hart);
            other.destroyForcibly().waitFor();
            assertBusy(hart);
            passLease();
            List<RunHandle> resumed = hart.resume();
            assertThat(resumed).extracting(RunHandle::id).containsExactly(run);
            Run done = resumed.get(0).await();
            assertThat(done.state()).isEqualTo(RunState.SUCCEEDED);
            assertThat(done.output()).isEqualTo("seen");
            assertThat(HaltedProcess.times(folder, "look")).isEqualTo(2);
            assertThat(HaltedProcess.times(folder, "leave")).isEqualTo(1);
            assertThat(hart.unwrap(Ledgers.class)
                            .ledger(LedgerId.run(run))
                            .verify()
                            .isOk())
                    .isTrue();
        }
    }

    private void assertBusy(Hart hart) {
        assertThat(hart.resume()).isEmpty();
        assertThatThrownBy(() -> hart.resume(run))
                .isInstanceOf(RunBusyException.class)
                .hasMessageContaining("another process works on run " + run);
        assertThatThrownBy(() -> hart.runs().cancel(run)).isInstanceOf(RunBusyException.class);
    }

    @Test
    void aMachineThatWasOnlySlowFindsItsRunTakenAndSpoilsNothing() throws Exception {
        startOther(folder.resolve("there"));
        signal("STOP");
        try (Hart hart = open()) {
            passLease();
            assertThat(hart.resume(run).output()).isEqualTo("seen");
            List<String> journal = journal(hart);
            signal("CONT");
            other.getOutputStream().write('x');
            other.getOutputStream().flush();
            assertThat(said.readLine())
                    .as("errors: %s", errors())
                    .startsWith("RUN_BUSY another process has taken up run " + run + ", as this one was not heard of");
            assertThat(other.waitFor()).isZero();
            assertThat(journal(hart)).isEqualTo(journal);
            assertThat(hart.runs().get(run).output()).isEqualTo("seen");
            assertThat(HaltedProcess.times(folder, "leave")).isEqualTo(1);
            assertThat(hart.unwrap(Ledgers.class)
                            .ledger(LedgerId.run(run))
                            .verify()
                            .isOk())
                    .isTrue();
        }
    }

    @Test
    void aMachineThatWasSlowAndWasNotReplacedGoesOn() throws Exception {
        startOther(folder.resolve("there"));
        passLease();
        other.getOutputStream().write('x');
        other.getOutputStream().flush();
        assertThat(said.readLine()).as("errors: %s", errors()).isEqualTo("SUCCEEDED");
        try (Hart hart = open()) {
            assertThat(hart.runs().get(run).output()).isEqualTo("late");
        }
    }

    @Test
    void withOneDataDirectoryADeadProcessIsKnownAtOnce() throws Exception {
        startOther(folder.resolve("here"));
        try (Hart hart = open()) {
            assertBusy(hart);
            other.destroyForcibly().waitFor();
            assertThat(hart.resume(run).state()).isEqualTo(RunState.SUCCEEDED);
            assertThat(rows()).as("of processes that live").isEqualTo(1);
        }
        assertThat(rows()).isZero();
    }
}
