package dev.hart.ledger;

import dev.hart.store.Transaction;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a ledger amounts to, without its tasks.
 *
 * @param tasks how many tasks there are in each status, those that were put away not counted; statuses of no task are missing
 * @param end the newest event of each stripe
 */
public record LedgerSummary(
        LedgerId ledger, Instant createdAt, State state, Map<TaskStatus, Long> tasks, EventCursor end) {

    /** Whether a ledger is in use. */
    public enum State {
        OPEN,
        /** Its tasks are not given out. */
        PAUSED,
        /** It was found to differ from what was written and may only be read. */
        CORRUPT;

        /** Lower case, as in rows and documents. */
        public String wireName() {
            return WireNames.of(this);
        }
    }

    public LedgerSummary {
        tasks = Collections.unmodifiableMap(new EnumMap<>(orEmpty(tasks)));
    }

    private static Map<TaskStatus, Long> orEmpty(Map<TaskStatus, Long> tasks) {
        Map<TaskStatus, Long> counts = new EnumMap<>(TaskStatus.class);
        counts.putAll(tasks);
        return counts;
    }

    public long taskCount() {
        return tasks.values().stream().mapToLong(Long::longValue).sum();
    }

    public long eventCount() {
        return end.seqs().values().stream().mapToLong(Long::longValue).sum();
    }

    static List<LedgerSummary> page(Transaction tx, String afterKey, int limit) throws SQLException {
        String where = afterKey.isEmpty()
                ? ""
                : "WHERE (created_at, ledger_id) < (SELECT created_at, ledger_id FROM ledger WHERE ledger_id = ?) ";
        PreparedStatement select = tx.prepare(SELECT + where + "ORDER BY created_at DESC, ledger_id DESC LIMIT ?");
        int next = 1;
        if (!afterKey.isEmpty()) {
            select.setString(next++, afterKey);
        }
        select.setInt(next, limit);
        return read(tx, select);
    }

    static Optional<LedgerSummary> of(Transaction tx, LedgerId id) throws SQLException {
        PreparedStatement select = tx.prepare(SELECT + "WHERE ledger_id = ? AND agent_id = ? AND session_id = ?");
        select.setString(1, id.key());
        select.setString(2, id.agentId());
        select.setString(3, id.sessionId());
        return read(tx, select).stream().findFirst();
    }

    private static final String SELECT = "SELECT agent_id, session_id, created_at, status FROM ledger ";

    private static List<LedgerSummary> read(Transaction tx, PreparedStatement select) throws SQLException {
        List<LedgerSummary> ledgers = new ArrayList<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                ledgers.add(new LedgerSummary(
                        new LedgerId(rows.getString(1), rows.getString(2)),
                        Instant.ofEpochMilli(rows.getLong(3)),
                        WireNames.parse(State.class, rows.getString(4)),
                        Map.of(),
                        EventCursor.START));
            }
        }
        if (ledgers.isEmpty()) {
            return ledgers;
        }
        Map<String, Map<TaskStatus, Long>> tasks = tasks(tx, ledgers);
        Map<String, Map<Integer, Long>> ends = ends(tx, ledgers);
        return ledgers.stream()
                .map(one -> new LedgerSummary(
                        one.ledger,
                        one.createdAt,
                        one.state,
                        tasks.getOrDefault(one.ledger.key(), Map.of()),
                        new EventCursor(ends.getOrDefault(one.ledger.key(), Map.of()))))
                .toList();
    }

    private static Map<String, Map<TaskStatus, Long>> tasks(Transaction tx, List<LedgerSummary> ledgers)
            throws SQLException {
        PreparedStatement select = tx.prepare("SELECT ledger_id, status, count(*) FROM task WHERE ledger_id IN ("
                + marks(ledgers) + ") AND NOT archived GROUP BY ledger_id, status");
        bind(select, ledgers);
        Map<String, Map<TaskStatus, Long>> counts = new HashMap<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                counts.computeIfAbsent(rows.getString(1), key -> new EnumMap<>(TaskStatus.class))
                        .put(TaskStatus.ofWireName(rows.getString(2)), rows.getLong(3));
            }
        }
        return counts;
    }

    private static Map<String, Map<Integer, Long>> ends(Transaction tx, List<LedgerSummary> ledgers)
            throws SQLException {
        PreparedStatement select = tx.prepare(
                "SELECT ledger_id, stripe, seq FROM ledger_head WHERE ledger_id IN (" + marks(ledgers) + ")");
        bind(select, ledgers);
        Map<String, Map<Integer, Long>> ends = new HashMap<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                ends.computeIfAbsent(rows.getString(1), key -> new TreeMap<>()).put(rows.getInt(2), rows.getLong(3));
            }
        }
        return ends;
    }

    private static String marks(List<LedgerSummary> ledgers) {
        return "?, ".repeat(ledgers.size() - 1) + "?";
    }

    private static void bind(PreparedStatement select, List<LedgerSummary> ledgers) throws SQLException {
        for (int i = 0; i < ledgers.size(); i++) {
            select.setString(i + 1, ledgers.get(i).ledger.key());
        }
    }
}
