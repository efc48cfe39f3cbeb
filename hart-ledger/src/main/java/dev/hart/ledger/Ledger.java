package dev.hart.ledger;

import dev.hart.error.LedgerException;
import dev.hart.store.Store;
import dev.hart.store.Transaction;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The ledgers of one database: durable tasks, and the append-only, hash-chained history that is their truth. Thread-safe.
 */
public final class Ledger {
    private static final int MAX_PAGE = 1_000;

    private final Store store;
    private final InstantSource clock;
    private final String actor;

    private Ledger(Store store, InstantSource clock, String actor) {
        this.store = store;
        this.clock = clock;
        this.actor = actor;
    }

    /**
     * Opens the ledgers, and brings their tables up to date.
     *
     * @param actor who writes, as the history will say
     */
    public static Ledger open(Store store, InstantSource clock, String actor) {
        store.migrate("ledger", Ledger.class);
        return new Ledger(store, clock, actor);
    }

    /** What is done with one ledger inside a transaction. */
    @FunctionalInterface
    public interface Work<T> {
        T in(LedgerTransaction ledger) throws SQLException;
    }

    /** Runs the work in a transaction of its own, and returns once it is durable. The ledger is made when it is not there. */
    public <T> T write(LedgerId id, Work<T> work) {
        return store.write(tx -> in(tx, id, work));
    }

    /** The same inside a transaction that is going on. */
    public <T> T in(Transaction tx, LedgerId id, Work<T> work) throws SQLException {
        LedgerTransaction ledger = LedgerTransaction.open(tx, id, clock.millis(), actor);
        T result = work.in(ledger);
        ledger.flush();
        return result;
    }

    public Optional<Task> task(LedgerId id, String taskId) {
        return store.read(tx -> Optional.ofNullable(TaskRows.find(tx, id, taskId)));
    }

    /** In the order in which they were made. */
    public List<Task> tasks(LedgerId id) {
        return store.read(tx -> TaskRows.all(tx, id));
    }

    /** The tasks called {@code run} of all ledgers, the newest first. */
    public List<Task> runTasks(int limit) {
        return store.read(tx -> TaskRows.runs(tx, limit));
    }

    /** The tasks called {@code run} that have not ended, the oldest first. */
    public List<Task> openRunTasks() {
        return store.read(TaskRows::openRuns);
    }

    /**
     * The history after a place in it.
     *
     * @param afterSeq 0 for all of it
     * @param limit 1 to 1,000
     */
    public List<LedgerEvent> events(LedgerId id, long afterSeq, int limit) {
        if (limit < 1 || limit > MAX_PAGE) {
            throw new LedgerException("INVALID_ARGUMENT", "limit must be 1 to " + MAX_PAGE + ", was " + limit);
        }
        return store.read(tx -> {
            List<LedgerEvent> events = new ArrayList<>();
            for (Row row : rows(tx, id, afterSeq, limit)) {
                events.add(row.event());
            }
            return events;
        });
    }

    private record Row(long seq, String taskId, String type, long at, String actor, String payload, byte[] hash) {
        @SuppressWarnings("unchecked")
        LedgerEvent event() {
            return new LedgerEvent(
                    seq,
                    taskId,
                    type,
                    Instant.ofEpochMilli(at),
                    actor,
                    (Map<String, @Nullable Object>) Objects.requireNonNull(CanonicalJson.read(payload)),
                    HexFormat.of().formatHex(hash));
        }
    }

    private static List<Row> rows(Transaction tx, LedgerId id, long afterSeq, int limit) throws SQLException {
        PreparedStatement select = tx.prepare("""
                SELECT seq, task_id, type, at, actor, payload, hash FROM task_event
                WHERE ledger_id = ? AND stripe = 0 AND seq > ? ORDER BY seq LIMIT ?""");
        select.setString(1, id.key());
        select.setLong(2, afterSeq);
        select.setInt(3, limit);
        List<Row> rows = new ArrayList<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                rows.add(new Row(
                        row.getLong(1),
                        row.getString(2),
                        row.getString(3),
                        row.getLong(4),
                        row.getString(5),
                        row.getString(6),
                        row.getBytes(7)));
            }
        }
        return rows;
    }

    /** Reads the whole history of a ledger again, and says whether it is whole and the tasks stand where it says. */
    public VerifyReport verify(LedgerId id) {
        return store.read(tx -> verify(tx, id));
    }

    private static VerifyReport verify(Transaction tx, LedgerId id) throws SQLException {
        EventChain chain = new EventChain();
        byte[] hash = EventChain.start();
        long seq = 0;
        Map<String, String> statuses = new HashMap<>();
        for (List<Row> page = rows(tx, id, 0, MAX_PAGE); !page.isEmpty(); page = rows(tx, id, seq, MAX_PAGE)) {
            for (Row row : page) {
                if (row.seq() != seq + 1) {
                    return new VerifyReport.Missing(seq + 1);
                }
                seq = row.seq();
                hash = chain.next(
                        hash,
                        EventChain.canonical(
                                id.key(), 0, seq, row.taskId(), row.type(), row.at(), row.actor(), row.payload()));
                if (!java.util.Arrays.equals(hash, row.hash())) {
                    return new VerifyReport.Broken(seq);
                }
                LedgerTransaction.statusAfter(row.event()).ifPresent(status -> statuses.put(row.taskId(), status));
            }
        }
        LedgerTransaction.Head head = LedgerTransaction.Head.find(tx, id);
        if (head != null && (head.seq() != seq || !java.util.Arrays.equals(head.hash(), hash))) {
            return head.seq() > seq ? new VerifyReport.Missing(seq + 1) : new VerifyReport.Broken(head.seq() + 1);
        }
        for (Task task : TaskRows.all(tx, id)) {
            String history = statuses.getOrDefault(task.taskId(), "unknown");
            if (!history.equals(task.status().wireName())) {
                return new VerifyReport.TaskDiffers(
                        task.taskId(), history, task.status().wireName());
            }
        }
        return new VerifyReport.Whole(seq);
    }
}
