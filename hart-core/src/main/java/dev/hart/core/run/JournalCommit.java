package dev.hart.core.run;

import dev.hart.ledger.EventPlace;
import dev.hart.ledger.LedgerTransaction;
import dev.hart.store.Transaction;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one commit of a run will hold: ledger commands and events, in order, and the steps that start because of it once it
 * is durable. Not thread-safe.
 */
final class JournalCommit {
    private final List<Part> parts = new ArrayList<>();
    private final List<Runnable> afterwards = new ArrayList<>();

    /** Something to write. */
    @FunctionalInterface
    interface Part {
        void write(Transaction tx, LedgerTransaction ledger, List<Written> written) throws SQLException;
    }

    /** An event that was written, with its place in the journal; null when it is only announced. */
    record Written(JournalEntry entry, @Nullable EventPlace place) {
        /** Its number, once the commit is durable; 0 when it is only announced. */
        long seq() {
            return place == null ? 0 : place.seq();
        }
    }

    void add(Part part) {
        parts.add(part);
    }

    void add(JournalEntry entry) {
        parts.add((tx, ledger, written) -> written.add(append(ledger, entry)));
    }

    static Written append(LedgerTransaction ledger, JournalEntry entry) throws SQLException {
        return new Written(
                entry,
                JournalEntry.isJournalled(entry.type())
                        ? ledger.append(entry.task(), entry.type().name(), entry.payload())
                        : null);
    }

    /** To do once the commit is durable. */
    void afterwards(Runnable action) {
        afterwards.add(action);
    }

    boolean isEmpty() {
        return parts.isEmpty();
    }

    List<Written> write(Transaction tx, LedgerTransaction ledger) throws SQLException {
        List<Written> written = new ArrayList<>();
        for (Part part : parts) {
            part.write(tx, ledger, written);
        }
        return written;
    }

    void runAfterwards() {
        afterwards.forEach(Runnable::run);
    }
}
