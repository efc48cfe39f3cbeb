package dev.hart.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.StoreUnavailableException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

class ReadersTest {
    private static final int CONNECTIONS = 4;

    @TempDir
    Path folder;

    private final AtomicInteger opened = new AtomicInteger();
    private Connection writer;
    private Readers readers;

    @BeforeEach
    void makeATable() throws SQLException {
        String url = "jdbc:sqlite:" + folder.resolve("numbers.db");
        writer = DriverManager.getConnection(url);
        write("PRAGMA journal_mode = WAL");
        write("CREATE TABLE number (n INTEGER)");
        write("INSERT INTO number VALUES (1)");
        SQLiteDataSource source = new SQLiteDataSource() {
            @Override
            public Connection getConnection() throws SQLException {
                opened.incrementAndGet();
                return super.getConnection();
            }
        };
        source.setUrl(url);
        readers = new Readers(source, new SqliteFailures("numbers.db"));
    }

    @AfterEach
    void close() throws SQLException {
        readers.close();
        writer.close();
    }

    private void write(String sql) throws SQLException {
        try (var statement = writer.createStatement()) {
            statement.execute(sql);
        }
    }

    private static long sum(Transaction tx) throws SQLException {
        try (ResultSet row = tx.prepare("SELECT sum(n) FROM number").executeQuery()) {
            return row.getLong(1);
        }
    }

    @Test
    void aReadKeepsItsSnapshotAndTheNextSeesWhatWasWrittenMeanwhile() throws SQLException {
        List<Long> sums = readers.read(tx -> {
            long before = sum(tx);
            write("INSERT INTO number VALUES (10)");
            return List.of(before, sum(tx));
        });
        assertThat(sums).containsExactly(1L, 1L);
        assertThat(readers.<Long>read(ReadersTest::sum)).isEqualTo(11);
    }

    @Test
    void noneIsOpenedBeforeTheFirstRead() {
        assertThat(opened).hasValue(0);
    }

    @Test
    void readsOneAfterTheOtherShareAConnection() throws SQLException {
        for (int i = 0; i < 10; i++) {
            readers.read(ReadersTest::sum);
        }
        assertThat(opened).hasValue(1);
    }

    @Test
    void whatTheWorkThrowsPassesAndLeavesTheConnectionUsable() throws SQLException {
        for (int i = 0; i < 2 * CONNECTIONS; i++) {
            assertThatThrownBy(() -> readers.read(tx -> {
                        sum(tx);
                        throw new IllegalStateException("stop");
                    }))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> readers.read(tx -> tx.prepare("SELECT no_such_column FROM number")))
                    .isInstanceOf(SQLException.class);
        }
        assertThat(readers.<Long>read(ReadersTest::sum)).isEqualTo(1);
        assertThat(opened).hasValue(1);
    }

    @Test
    void moreReadersThanConnectionsShareFour() throws Exception {
        AtomicInteger atOnce = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch full = new CountDownLatch(CONNECTIONS);
        ExecutorService threads = Executors.newFixedThreadPool(16);
        try {
            List<Future<Long>> sums = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                sums.add(threads.submit(() -> readers.read(tx -> {
                    most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                    full.countDown();
                    await(full);
                    long sum = sum(tx);
                    atOnce.decrementAndGet();
                    return sum;
                })));
            }
            for (Future<Long> sum : sums) {
                assertThat(sum.get()).isEqualTo(1);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(opened).hasValue(CONNECTIONS);
        assertThat(most).hasValue(CONNECTIONS);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aThreadThatIsInterruptedBeforeItsTurnIsToldSo() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> readers.read(ReadersTest::sum))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("interrupted");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void afterTheCloseNothingIsRead() throws SQLException {
        long late = readers.read(tx -> {
            readers.close();
            return sum(tx);
        });
        assertThat(late).as("what was going on ends well").isEqualTo(1);
        assertThatThrownBy(() -> readers.read(ReadersTest::sum)).hasMessageContaining("open it again");
        assertThat(opened).hasValue(1);
    }
}
