package dev.hart.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.HartException;
import dev.hart.store.Store;
import dev.hart.store.testing.PostgresServer;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What earlier versions wrote is read, whole and as it was; {@code version-1.db} has three runs of the first version. */
class UpgradeTest {
    private static final String EVENTS =
            "SELECT ledger_id, stripe, seq, task_id, type, at, actor, payload, hex(prev_hash), hex(hash) FROM task_event"
                    + " ORDER BY ledger_id, stripe, seq";
    private static final String TASKS =
            "SELECT created_no, ledger_id, task_id, description, task_type, execution_mode, priority, parent_task_id,"
                    + " context_json, container, max_retries, supersedes, created_at, status, updated_at, started_at,"
                    + " completed_at, result_json, result_hash, error_message, failure_reason, blocked_reason,"
                    + " pending_reason, retry_count, not_before, version, owner_node_id, incarnation, last_event_seq"
                    + " FROM task ORDER BY created_no";

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void copy() throws Exception {
        file = folder.resolve("hart.db");
        try (InputStream old = UpgradeTest.class.getResourceAsStream("version-1.db")) {
            Files.copy(old, file);
        }
    }

    private List<List<String>> rows(String query) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<List<String>> all = new ArrayList<>();
            while (rows.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    row.add(rows.getString(i));
                }
                all.add(row);
            }
            return all;
        }
    }

    private void change(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    private Ledgers open() {
        return Ledgers.sqlite(file)
                .clock(() -> Instant.parse("2027-01-01T00:00:00Z"))
                .withoutBackgroundThread()
                .open();
    }

    @Test
    void theFirstVersionsLedgersAreWholeAndTheirTasksAsTheyWere() throws Exception {
        List<List<String>> events = rows(EVENTS);
        List<List<String>> tasks = rows(TASKS);
        assertThat(events).hasSize(70);
        assertThat(tasks).hasSize(9);
        try (Ledgers ledgers = open()) {
            List<LedgerId> ids = ledgers.list("", 10);
            assertThat(ids).hasSize(3);
            assertThat(ids.stream().map(id -> ledgers.ledger(id).verify()))
                    .containsExactly(
                            new VerifyReport.Ok(29, 0), new VerifyReport.Ok(25, 0), new VerifyReport.Ok(16, 0));
            assertThat(ledgers.containersNamed("run", 10, Long.MAX_VALUE))
                    .extracting(task -> task.createdNo() + " " + task.status().wireName())
                    .containsExactly("7 failed", "4 completed", "1 completed");
            Ledger failed = ledgers.ledger(ids.get(2));
            assertThat(failed.tasks())
                    .extracting(task -> task.taskId() + " " + task.status().wireName())
                    .containsExactly("run failed", "action_1 failed", "action_2 cancelled");
            assertThat(failed.waitsFor("action_2")).extracting(Edge::from).containsExactly("action_1");
            assertThat(ledgers.ledger(ids.get(0)).history("run"))
                    .extracting(LedgerEvent::seq)
                    .containsExactly(1L, 2L, 3L, 29L);
        }
        assertThat(rows(EVENTS)).isEqualTo(events);
        assertThat(rows(TASKS)).isEqualTo(tasks);
    }

    @Test
    void theFirstVersionsLedgersGoOn() {
        try (Ledgers ledgers = open()) {
            List<LedgerId> ids = ledgers.list("", 10);
            Ledger failed = ledgers.ledger(ids.get(2));
            Task again = failed.write(l -> {
                l.retryAsNew("run");
                return l.retryAsNew("action_2");
            });
            assertThat(again.createdNo()).isEqualTo(11);
            assertThat(again.parentTaskId()).isNull();
            Ledger done = ledgers.ledger(ids.get(0));
            done.apply("action_2", new TaskCommand.RollBack("bad"), CommandOptions.idempotent("k"));
            assertThat(done.apply("action_2", new TaskCommand.RollBack("bad"), CommandOptions.idempotent("k"))
                            .status())
                    .isEqualTo(TaskStatus.ROLLED_BACK);
            Ledger fresh = ledgers.ledger(LedgerId.run("new"));
            fresh.add(NewTask.of("run", "Run").asContainer());
            for (Ledger ledger : List.of(failed, done, fresh)) {
                assertThat(ledger.verify().isOk()).as(ledger.id().key()).isTrue();
            }
        }
        try (Ledgers again = open()) {
            assertThat(again.list("", 10)).hasSize(4);
        }
    }

    @Test
    void aLedgerOfTheFirstVersionThatWasTamperedWithKeepsNoOtherFromOpening() throws Exception {
        change(
                "UPDATE task_event SET payload = '{}' WHERE seq = 4 AND ledger_id = (SELECT min(ledger_id) FROM ledger)");
        List<List<String>> events = rows(EVENTS);
        try (Ledgers ledgers = open()) {
            List<LedgerId> ids = ledgers.list("", 10);
            Ledger broken = ledgers.ledger(ids.get(0));
            assertThat(broken.verify()).isEqualTo(new VerifyReport.Broken(0, 4, "its hash is not that of its content"));
            assertThatThrownBy(() -> broken.add(NewTask.of("t", "T")))
                    .isInstanceOf(HartException.class)
                    .hasMessageContaining("may only be read");
            assertThat(broken.events(0, 100)).hasSize(29);
            assertThat(ledgers.ledger(ids.get(1)).verify()).isEqualTo(new VerifyReport.Ok(25, 0));
        }
        assertThat(rows(EVENTS)).isEqualTo(events);
    }

    @Test
    void onPostgresqlTheServersClockCountsUnlessAnotherIsGiven() {
        try (Store store = Store.postgres(PostgresServer.freshDatabase())) {
            Instant fixed = Instant.parse("2000-01-01T00:00:00Z");
            DatabaseClock clock = new DatabaseClock(store, () -> fixed);
            assertThat(Duration.between(Instant.now(), clock.instant()).abs()).isLessThan(Duration.ofMinutes(1));
            clock.keepTime();
            Ledgers ledgers = Ledgers.in(store).withoutBackgroundThread().open();
            assertThat(ledgers.clock).isInstanceOf(DatabaseClock.class);
            Task task = ledgers.ledger(new LedgerId("case", "pg")).add(NewTask.of("t", "T"));
            assertThat(Duration.between(task.createdAt(), Instant.now()).abs()).isLessThan(Duration.ofMinutes(1));
        }
    }

    @Test
    void postgresqlsTablesAreMadeOnce() {
        String url = PostgresServer.freshDatabase();
        for (int i = 1; i <= 2; i++) {
            try (Ledgers ledgers =
                    Ledgers.postgres(url).withoutBackgroundThread().open()) {
                Ledger ledger = ledgers.ledger(new LedgerId("case", "pg"));
                ledger.add(NewTask.of("t" + i, "T"));
                assertThat(ledger.tasks()).hasSize(i);
                assertThat(ledger.options().stripes()).isEqualTo(16);
                assertThat(ledger.verify()).isEqualTo(new VerifyReport.Ok(i, 0));
            }
        }
        try (Store store = Store.postgres(url)) {
            List<String> tables = store.read(tx -> {
                List<String> names = new ArrayList<>();
                try (ResultSet rows = tx.prepare(
                                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
                        .executeQuery()) {
                    while (rows.next()) {
                        names.add(rows.getString(1));
                    }
                }
                return names;
            });
            assertThat(tables)
                    .contains(
                            "ledger",
                            "ledger_head",
                            "task_event",
                            "task",
                            "task_edge",
                            "task_message",
                            "task_verification",
                            "task_request",
                            "ledger_snapshot",
                            "ledger_checkpoint",
                            "ledger_key",
                            "subscription");
        }
    }
}
