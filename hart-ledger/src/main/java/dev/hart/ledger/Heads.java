package dev.hart.ledger;

import dev.hart.store.Dialect;
import dev.hart.store.Transaction;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The chain heads that one commit has moved. Several works may share a commit; they chain their events in memory, and each
 * head is read and written once. Used by one thread.
 */
final class Heads {
    private record Place(LedgerId ledger, int stripe) {}

    private final Map<Place, LedgerTables.Head> heads = new LinkedHashMap<>();
    private final Set<Place> moved = new LinkedHashSet<>();
    private final Map<String, LedgerTables.Info> ledgers = new HashMap<>();
    private final Set<String> open = new HashSet<>();
    private long createdNo;

    /** Those of the commit that {@code tx} belongs to. */
    static Heads of(Transaction tx) {
        return tx.shared(Heads.class, () -> {
            Heads made = new Heads();
            tx.beforeCommit(last -> {
                made.write(last);
                return true;
            });
            return made;
        });
    }

    LedgerTables.@Nullable Info info(LedgerTables tables, String ledger) {
        LedgerTables.Info known = ledgers.get(ledger);
        if (known == null) {
            known = tables.info();
            if (known != null) {
                ledgers.put(ledger, known);
                tables.transaction().onUndo(() -> ledgers.remove(ledger));
            }
        }
        return known;
    }

    /** A number for a new task, larger than all that this commit knows of; on PostgreSQL a sequence gives them. */
    long nextCreatedNo(LedgerTables tables) {
        if (createdNo == 0 || tables.transaction().dialect() == Dialect.POSTGRESQL) {
            createdNo = tables.nextCreatedNo();
        } else {
            createdNo++;
        }
        return createdNo;
    }

    /** Forgets what it knew of a ledger's row. */
    void forget(String ledger) {
        ledgers.remove(ledger);
    }

    LedgerTables.Head head(LedgerTables tables, LedgerId ledger, int stripe) {
        return heads.computeIfAbsent(new Place(ledger, stripe), place -> {
            LedgerTables.Head stored = tables.head(stripe);
            return stored == null ? new LedgerTables.Head(0, EventChain.START) : stored;
        });
    }

    /** Moves a head, to be written before the commit; the returned action puts it back. */
    Runnable move(LedgerId ledger, int stripe, LedgerTables.Head to) {
        Place place = new Place(ledger, stripe);
        LedgerTables.Head before = heads.put(place, to);
        moved.add(place);
        return () -> {
            if (before == null) {
                heads.remove(place);
            } else {
                heads.put(place, before);
            }
        };
    }

    private void write(Transaction tx) {
        for (Place place : moved) {
            LedgerTables.Head head = heads.get(place);
            if (head != null) {
                new LedgerTables(tx, place.ledger(), true).moveHead(place.stripe(), head);
            }
        }
    }

    void begin(String ledger) {
        if (!open.add(ledger)) {
            throw new IllegalStateException(
                    ledger + " was written inside another write to it: use the LedgerTransaction that is open");
        }
    }

    void end(String ledger) {
        open.remove(ledger);
    }
}
