package dev.hart.ledger;

import dev.hart.store.Transaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one commit has added to the chains of its ledgers. Several works may share a commit; they chain their events in memory,
 * each head is read and written once, and the events are sent together. Used by one thread.
 */
final class Heads {
    private record Place(LedgerId ledger, int stripe) {}

    private final Map<Place, LedgerTables.Head> heads = new LinkedHashMap<>();
    private final Set<Place> moved = new LinkedHashSet<>();
    private final Map<LedgerId, List<LedgerTables.EventRow>> unsent = new LinkedHashMap<>();
    private final Map<String, LedgerTables.Info> ledgers = new HashMap<>();
    private final Set<String> open = new HashSet<>();

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
            }
        }
        return known;
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

    /** Keeps chained events, to be sent before the commit; the returned action takes them back. */
    Runnable append(LedgerId ledger, List<LedgerTables.EventRow> events) {
        List<LedgerTables.EventRow> all = unsent.computeIfAbsent(ledger, id -> new ArrayList<>());
        all.addAll(events);
        return () -> all.subList(all.size() - events.size(), all.size()).clear();
    }

    /** Sends a ledger's events at once, for a work that reads them. */
    void send(Transaction tx, LedgerId ledger) {
        List<LedgerTables.EventRow> events = unsent.get(ledger);
        if (events != null && !events.isEmpty()) {
            List<LedgerTables.EventRow> sent = List.copyOf(events);
            new LedgerTables(tx, ledger, true).insertEvents(sent);
            events.clear();
            tx.onUndo(() -> events.addAll(0, sent));
        }
    }

    private void write(Transaction tx) {
        unsent.keySet().forEach(ledger -> send(tx, ledger));
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
