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
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
        try (LedgerRows rows = new LedgerRows(newDatabase(), 0)) {
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
        try (LedgerRows rows = new LedgerRows(newDatabase(), 0)) {
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
        try (LedgerRows rows = new LedgerRows(newDatabase(), 0)) {
            GroupCommit commits = new GroupCommit(rows);

            assertThatThrownBy(() -> commits.execute(to -> to.claim(7)))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("changed 0 rows, not one");
        }
    }

    @Test
    void theTablesOfTheLedgerItselfDoAsWell() throws Exception {
        try (Store store = Store.sqlite(folder.resolve("rows.db"))) {
            Ledgers.open(store, InstantSource.system(), "test");
        }

        try (LedgerRows rows = new LedgerRows(connection(), 0)) {
            rows.live(new AtomicLong(), 1);
        }

        assertThat(query("SELECT status FROM task")).containsExactly("completed");
    }

    @Test
    void aColumnThatNobodyKnowsGetsSomethingEmptyWhereItMustHaveAValue() throws Exception {
        try (Connection connection = connection()) {
            new Script("CREATE TABLE t (a TEXT, n INTEGER NOT NULL, b TEXT NOT NULL, c TEXT);\n").run(connection);
            try (TableWrite insert = TableWrite.insert(connection, "t", Map.of("a", "x", "gone", "y"))) {
                insert.set("gone", "z").add();
                insert.set("a", "w").add();
                insert.send();
            }
        }

        assertThat(query("SELECT a || '|' || n || '|' || b || '|' || coalesce(c, 'null') FROM t"))
                .containsExactly("x|0||null", "w|0||null");
    }

    private Connection newDatabase() throws Exception {
        Connection connection = connection();
        Script.resource("ledger-sqlite.sql").run(connection);
        return connection;
    }

    private Connection connection() throws SQLException {
        return SqliteByHand.dataSource(folder.resolve("rows.db")).getConnection();
    }

    private List<String> query(String sql) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Connection connection = connection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                values.add(row.getString(1));
            }
        }
        return values;
    }
}
