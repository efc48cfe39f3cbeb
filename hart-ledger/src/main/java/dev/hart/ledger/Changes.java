package dev.hart.ledger;

import dev.hart.store.Dialect;
import dev.hart.store.Transaction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What one commit changes in its ledgers. Several works may share a commit; their changes are kept here and sent together:
 * each head is read and written once, and PostgreSQL gets rows of a kind in one message. Used by one thread.
 */
final class Changes {
    private static final int CREATED_NUMBERS = 16;

    private final LedgerMemory memory;
    private final Map<LedgerId, LedgerChanges> ledgers = new LinkedHashMap<>();

    private final Deque<Long> createdNumbers = new ArrayDeque<>();
    private long lastCreatedNo;

    private Changes(LedgerMemory memory) {
        this.memory = memory;
    }

    /** Those of the commit that {@code tx} belongs to. */
    static Changes of(Transaction tx, LedgerMemory memory) {
        return tx.shared(Changes.class, () -> {
            Changes made = new Changes(memory);
            tx.beforeCommit(last -> {
                made.send(last, made.ledgers.values());
                last.afterCommit(() -> made.ledgers.values().forEach(LedgerChanges::committed));
                return true;
            });
            return made;
        });
    }

    /** The number of a new task, larger than those of all tasks before it; some may be left out. */
    long nextCreatedNo(LedgerTables tables) {
        if (tables.transaction().dialect() == Dialect.SQLITE) {
            lastCreatedNo = lastCreatedNo == 0 ? tables.lastCreatedNo() + 1 : lastCreatedNo + 1;
            return lastCreatedNo;
        }
        if (createdNumbers.isEmpty()) {
            createdNumbers.addAll(tables.createdNumbers(CREATED_NUMBERS));
        }
        lastCreatedNo = createdNumbers.remove();
        return lastCreatedNo;
    }

    LedgerChanges ledger(LedgerId id) {
        return ledgers.computeIfAbsent(id, of -> new LedgerChanges(of, memory));
    }

    /** Sends the changes of one ledger at once, for a work that has to see them in the database. */
    void send(Transaction tx, LedgerChanges ledger) {
        if (ledger.hasUnsent()) {
            tx.onUndo(ledger.restorer());
            send(tx, List.of(ledger));
        }
    }

    private void send(Transaction tx, Collection<LedgerChanges> all) {
        List<LedgerChanges> changed =
                all.stream().filter(LedgerChanges::hasUnsent).toList();
        if (changed.isEmpty()) {
            return;
        }
        LedgerTables any = new LedgerTables(tx, changed.get(0).id, true);
        for (LedgerChanges ledger : changed) {
            ledger.establish(tx);
        }
        lockHeads(any, changed);
        List<LedgerTables.EventRow> events = new ArrayList<>();
        for (LedgerChanges ledger : changed) {
            ledger.chain(events);
        }
        List<TaskRow> added = new ArrayList<>();
        List<TaskRow> updated = new ArrayList<>();
        for (LedgerChanges ledger : changed) {
            ledger.takeRows(added, updated);
        }
        any.insertTasks(added);
        any.updateTasks(updated);
        changed.forEach(LedgerChanges::sendEdges);
        any.insertEvents(events);
        any.moveHeads(changed);
        changed.forEach(LedgerChanges::sent);
    }

    /** In one order everywhere, by key and stripe, so that commits do not wait for each other in a circle. */
    private static void lockHeads(LedgerTables any, List<LedgerChanges> changed) {
        Map<String, LedgerChanges> byKey =
                new TreeMap<>(changed.stream().collect(Collectors.toMap(ledger -> ledger.id.key(), ledger -> ledger)));
        if (any.transaction().dialect() == Dialect.POSTGRESQL) {
            any.lockHeads(byKey.values());
        } else {
            byKey.values().forEach(LedgerChanges::readHeads);
        }
    }
}
