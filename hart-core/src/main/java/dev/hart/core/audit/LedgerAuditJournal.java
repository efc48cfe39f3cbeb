package dev.hart.core.audit;

import dev.hart.error.StoreUnavailableException;
import dev.hart.ledger.Ledger;
import dev.hart.ledger.LedgerEvent;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.LedgerOptions;
import dev.hart.ledger.LedgerSummary;
import dev.hart.ledger.Ledgers;
import dev.hart.spi.AuditEntry;
import dev.hart.spi.AuditHead;
import dev.hart.spi.AuditJournal;
import dev.hart.store.Store;
import dev.hart.store.Transaction;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The audit log as events {@code AUDIT_RECORDED} and {@code AUDIT_HEAD_SIGNED} of the node's own ledger, each about {@code audit},
 * so that the ledger's chain and checkpoints cover it too. Several processes may write the same log: the newest number stands in a
 * row that one of them moves on. Thread-safe.
 */
public final class LedgerAuditJournal implements AuditJournal {
    private static final String SUBJECT = "audit";
    private static final String ENTRY = "AUDIT_RECORDED";
    private static final String HEAD = "AUDIT_HEAD_SIGNED";
    private static final int PAGE = 1_000;

    private final Store store;
    private final Ledgers ledgers;
    private final LedgerId id;
    private final Ledger ledger;

    /** @param id of the node's own ledger, which has one stripe */
    public LedgerAuditJournal(Store store, Ledgers ledgers, LedgerId id) {
        store.migrate("audit", LedgerAuditJournal.class);
        this.store = store;
        this.ledgers = ledgers;
        this.id = id;
        this.ledger = ledgers.create(id, LedgerOptions.defaults());
    }

    @Override
    public boolean append(AuditEntry entry) {
        return store.write(tx -> {
            if (!moveOn(tx, entry.sequence())) {
                return false;
            }
            ledger.in(tx, work -> work.append(SUBJECT, ENTRY, payload(entry)));
            return true;
        });
    }

    private boolean moveOn(Transaction tx, long sequence) throws SQLException {
        PreparedStatement move = sequence == 1
                ? tx.prepare("INSERT INTO audit_head (sequence, ledger_id) VALUES (?, ?) ON CONFLICT DO NOTHING")
                : tx.prepare("UPDATE audit_head SET sequence = ? WHERE ledger_id = ? AND sequence = ?");
        move.setLong(1, sequence);
        move.setString(2, id.key());
        if (sequence > 1) {
            move.setLong(3, sequence - 1);
        }
        return move.executeUpdate() == 1;
    }

    /** @throws StoreUnavailableException also when entries that were written are not there any more */
    @Override
    public Optional<AuditEntry> last() {
        long written = written();
        for (long after = end(); after > 0; ) {
            long upTo = after;
            after = Math.max(0, after - PAGE);
            List<LedgerEvent> page = page(after, upTo);
            for (int i = page.size() - 1; i >= 0; i--) {
                if (page.get(i).type().equals(ENTRY)) {
                    AuditEntry last = entry(page.get(i).payload());
                    requireAllThere(written, last.sequence());
                    return Optional.of(last);
                }
            }
        }
        requireAllThere(written, 0);
        return Optional.empty();
    }

    private void requireAllThere(long written, long found) {
        if (found < written) {
            throw new StoreUnavailableException("the audit log in " + id.key() + " had " + written + " entries, and "
                    + found + " are left: restore the database from a backup");
        }
    }

    private long written() {
        return store.read(tx -> {
            PreparedStatement select = tx.prepare("SELECT sequence FROM audit_head WHERE ledger_id = ?");
            select.setString(1, id.key());
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getLong(1) : 0L;
            }
        });
    }

    private long end() {
        return ledgers.summary(id)
                .map(LedgerSummary::end)
                .map(end -> end.seq(0))
                .orElse(0L);
    }

    private List<LedgerEvent> page(long after, long upTo) {
        return ledger.events(after, (int) Math.min(PAGE, Math.max(1, upTo - after)));
    }

    @Override
    public void read(long from, Predicate<AuditEntry> each) {
        long after = placeBefore(from);
        List<LedgerEvent> page;
        do {
            page = ledger.events(after, PAGE);
            for (LedgerEvent event : page) {
                after = event.seq();
                if (event.type().equals(ENTRY)) {
                    AuditEntry entry = entry(event.payload());
                    if (entry.sequence() >= from && !each.test(entry)) {
                        return;
                    }
                }
            }
        } while (page.size() == PAGE);
    }

    /** A place in the ledger before which no entry from that number on stands. */
    private long placeBefore(long from) {
        long after = from <= 1 ? 0 : end();
        while (after > 0) {
            long upTo = after;
            after = Math.max(0, after - PAGE);
            boolean reached = page(after, upTo).stream()
                    .anyMatch(event -> event.type().equals(ENTRY) && number(event.payload(), "sequence") < from);
            if (reached) {
                return after;
            }
        }
        return 0;
    }

    @Override
    public void keep(AuditHead head) {
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put("sequence", head.sequence());
        payload.put("envelope", head.envelope());
        ledger.write(work -> work.append(SUBJECT, HEAD, payload));
    }

    @Override
    public void heads(Predicate<AuditHead> each) {
        for (long after = end(); after > 0; ) {
            long upTo = after;
            after = Math.max(0, after - PAGE);
            List<LedgerEvent> page = page(after, upTo);
            for (int i = page.size() - 1; i >= 0; i--) {
                Map<String, @Nullable Object> payload = page.get(i).payload();
                if (page.get(i).type().equals(HEAD)
                        && !each.test(new AuditHead(number(payload, "sequence"), text(payload, "envelope")))) {
                    return;
                }
            }
        }
    }

    private static Map<String, @Nullable Object> payload(AuditEntry entry) {
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put("sequence", entry.sequence());
        payload.put("at", entry.at().toString());
        payload.put("event", entry.event());
        payload.put("actor", entry.actor());
        payload.put("target", entry.target());
        payload.put("action", entry.action());
        payload.put("detail", entry.detail());
        payload.put("previous_hash", entry.previousHash());
        payload.put("hash", entry.hash());
        return payload;
    }

    private static AuditEntry entry(Map<String, @Nullable Object> payload) {
        return new AuditEntry(
                number(payload, "sequence"),
                Instant.parse(text(payload, "at")),
                text(payload, "event"),
                text(payload, "actor"),
                text(payload, "target"),
                text(payload, "action"),
                text(payload, "detail"),
                text(payload, "previous_hash"),
                text(payload, "hash"));
    }

    private static String text(Map<String, @Nullable Object> payload, String key) {
        return String.valueOf(Objects.requireNonNull(payload.get(key), key));
    }

    private static long number(Map<String, @Nullable Object> payload, String key) {
        return ((Number) Objects.requireNonNull(payload.get(key), key)).longValue();
    }
}
