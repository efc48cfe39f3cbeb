package dev.hart.ledger;

import dev.hart.store.Store;
import dev.hart.store.Transaction;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;

/**
 * A place in a ledger's history: the last event seen of each stripe.
 *
 * @param seqs by stripe; a stripe that is missing stands at its beginning
 */
public record EventCursor(Map<Integer, Long> seqs) {
    /** Before the first event. */
    public static final EventCursor START = new EventCursor(Map.of());

    public EventCursor {
        seqs = Map.copyOf(seqs);
    }

    /** After that event of a ledger with one stripe. */
    public static EventCursor after(long seq) {
        return new EventCursor(Map.of(0, seq));
    }

    /** The last event seen of a stripe; 0 for none. */
    public long seq(int stripe) {
        return seqs.getOrDefault(stripe, 0L);
    }

    EventCursor with(int stripe, long seq) {
        Map<Integer, Long> moved = new TreeMap<>(seqs);
        moved.put(stripe, seq);
        return new EventCursor(moved);
    }

    /** As text, {@code 12} or {@code 3.0.7} with a number for each stripe. */
    @Override
    public String toString() {
        int last = seqs.keySet().stream().mapToInt(Integer::intValue).max().orElse(0);
        StringBuilder text = new StringBuilder();
        for (int stripe = 0; stripe <= last; stripe++) {
            text.append(stripe == 0 ? "" : ".").append(seq(stripe));
        }
        return text.toString();
    }

    /** @throws dev.hart.error.LedgerException INVALID_ARGUMENT for another text than {@link #toString} gives */
    public static EventCursor parse(String text) {
        if (!text.matches("[0-9]{1,18}(\\.[0-9]{1,18}){0,63}")) {
            throw Limits.invalid(
                    "an event cursor is a number for each stripe, such as 12 or 3.0.7, was '" + text + "'");
        }
        Map<Integer, Long> seqs = new TreeMap<>();
        String[] parts = text.split("\\.", -1);
        for (int stripe = 0; stripe < parts.length; stripe++) {
            seqs.put(stripe, Long.parseLong(parts[stripe]));
        }
        return new EventCursor(seqs);
    }

    static EventCursor stored(Store store, String subscriberId, LedgerId ledger) {
        return store.read(tx -> {
            PreparedStatement select =
                    tx.prepare("SELECT stripe, last_seq FROM subscription WHERE subscriber_id = ? AND ledger_id = ?");
            select.setString(1, subscriberId);
            select.setString(2, ledger.key());
            Map<Integer, Long> seqs = new TreeMap<>();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    seqs.put(rows.getInt(1), rows.getLong(2));
                }
            }
            return new EventCursor(seqs);
        });
    }

    static void store(Transaction tx, String subscriberId, LedgerId ledger, int stripe, long seq) throws SQLException {
        PreparedStatement upsert = tx.prepare("""
                INSERT INTO subscription (subscriber_id, ledger_id, stripe, last_seq) VALUES (?, ?, ?, ?)
                ON CONFLICT (subscriber_id, ledger_id, stripe) DO UPDATE SET last_seq = excluded.last_seq""");
        upsert.setString(1, subscriberId);
        upsert.setString(2, ledger.key());
        upsert.setInt(3, stripe);
        upsert.setLong(4, seq);
        upsert.executeUpdate();
    }
}
