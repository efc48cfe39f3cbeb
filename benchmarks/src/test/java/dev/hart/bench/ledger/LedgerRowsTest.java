package dev.hart.bench.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.ledger.Ledgers;
import dev.hart.store.Store;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerRowsTest {
    @TempDir
    private Path folder;

    @Test
    void theLifeOfATaskByHandIsOneRowAndThreeEvents() throws Exception {
        try (LedgerRows rows = newRows()) {
            assertThat(rows.live(new AtomicLong(), 2)).isEqualTo(2);
        }

        assertThat(query("SELECT task_id || ' ' || status || ' ' || last_event_seq FROM task ORDER BY created_no"))
                .containsExactly("task-1 completed 5", "task-2 completed 6");
        assertThat(query("SELECT type FROM task_event WHERE task_id = 'task-1' ORDER BY seq"))
                .containsExactly("TASK_CREATED", "TASK_CLAIMED", "TASK_TRANSITIONED");
        assertThat(query("SELECT seq FROM ledger_head")).containsExactly("6");
    }

    @Test
    void commandsOfManyThreadsAreAllWritten() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(16);
        AtomicLong lastNumber = new AtomicLong();
        try (LedgerRows rows = newRows()) {
            GroupCommit commits = new GroupCommit(rows);
            List<Future<?>> done = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                done.add(threads.submit(() -> {
                    long number = lastNumber.incrementAndGet();
                    commits.execute(to -> to.create(number));
                    commits.execute(to -> to.claim(number));
                    commits.execute(to -> to.complete(number));
                    return number;
                }));
            }
            for (Future<?> one : done) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(query("SELECT count(*) FROM task WHERE status = 'completed'"))
                .containsExactly("300");
        assertThat(query("SELECT max(seq) || ' ' || count(*) FROM task_event")).containsExactly("900 900");
    }

    @Test
    void whoCommandsATaskThatIsNotThereIsTold() throws Exception {
        try (LedgerRows rows = newRows()) {
            GroupCommit commits = new GroupCommit(rows);

            assertThatThrownBy(() -> commits.execute(to -> to.claim(7)))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("changed 0 rows, not one");
        }
    }

    @Test
    void theRowsAreThoseOfTheLedgerButForIdsTimesAndHashes() throws Exception {
        try (LedgerRows rows = newRows()) {
            rows.live(new AtomicLong(), 1);
        }
        String columns =
                "status, pending_reason IS NULL, claimable, due_at IS NULL, lease_until IS NULL, owner_node_id IS NULL,"
                        + " worker_id, lease_token, version, result_json, length(result_hash), length(context_json)";
        String byHand = "SELECT " + columns.replace(", ", " || '|' || ") + " FROM task";
        List<String> written = query(byHand);
        try (Store store = Store.sqlite(folder.resolve("ledger.db"));
                Ledgers ledgers = Ledgers.in(store).actor("bench").open()) {
            new LedgerTasks(ledgers, 1).live(0);
        }

        assertThat(written).isEqualTo(query("ledger.db", byHand));
        assertThat(query("SELECT type || length(payload) FROM task_event ORDER BY seq"))
                .isEqualTo(query("ledger.db", "SELECT type || length(payload) FROM task_event ORDER BY seq"));
    }

    private LedgerRows newRows() throws SQLException {
        Path file = folder.resolve("rows.db");
        return new LedgerRows(RowsOfTask.learn(Store.sqlite(file), 1, this::connection), connection(), 0);
    }

    private Connection connection() throws SQLException {
        return SqliteByHand.dataSource(folder.resolve("rows.db")).getConnection();
    }

    private List<String> query(String sql) throws SQLException {
        return query("rows.db", sql);
    }

    private List<String> query(String file, String sql) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Connection connection =
                        SqliteByHand.dataSource(folder.resolve(file)).getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                values.add(row.getString(1));
            }
        }
        return values;
    }
}
