package dev.hart.core.lease;

import dev.hart.ledger.EventPlace;
import dev.hart.ledger.Ledger;
import dev.hart.ledger.LedgerEvent;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.LedgerOptions;
import dev.hart.ledger.LedgerSummary;
import dev.hart.ledger.Ledgers;
import dev.hart.spi.LeaseEntry;
import dev.hart.spi.LeaseEntry.Kind;
import dev.hart.spi.LeaseJournal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Leases on device memory as events {@code GPU_LEASE_…} of the machine's own ledger, each about {@code lease:<id>}. The number of
 * the event that grants a lease is its fencing token, so that ledger has one stripe.
 *
 * <p>Now and then an event {@code GPU_LEASES_LIVE} notes which leases live, and up to which event it has counted, so that to
 * begin, only what came after needs to be read. Thread-safe.
 */
public final class LedgerLeaseJournal implements LeaseJournal {
    private static final String PREFIX = "GPU_LEASE_";
    private static final String LIVE = "GPU_LEASES_LIVE";
    private static final String SUBJECT = "lease:";
    private static final String ALL = SUBJECT + "all";
    private static final int PAGE = 1000;

    private final Ledgers ledgers;
    private final LedgerId id;
    private final int eventsPerNote;
    private @Nullable Ledger ledger;
    /** Guarded by this, as are those below: what was read so far. */
    private final Map<String, LiveLease> live = new LinkedHashMap<>();

    private long readUpTo = -1;
    private long notedUpTo;

    /** @param id of this machine's own ledger */
    public LedgerLeaseJournal(Ledgers ledgers, LedgerId id) {
        this(ledgers, id, 5 * PAGE);
    }

    LedgerLeaseJournal(Ledgers ledgers, LedgerId id, int eventsPerNote) {
        this.ledgers = ledgers;
        this.id = id;
        this.eventsPerNote = eventsPerNote;
    }

    @Override
    public long append(LeaseEntry entry) {
        Map<String, @Nullable Object> payload = LeasePayload.of(entry);
        EventPlace place = ledger().write(tx ->
                tx.append(SUBJECT + entry.leaseId(), PREFIX + entry.kind().name(), payload));
        long seq = place.seq();
        if (seq % eventsPerNote == 0) {
            live();
        }
        return seq;
    }

    @Override
    public synchronized List<LiveLease> live() {
        Optional<LedgerSummary> summary = ledgers.summary(id);
        if (summary.isEmpty()) {
            return List.of();
        }
        if (readUpTo < 0) {
            begin(summary.get().end().seq(0));
        }
        readOn();
        if (readUpTo - notedUpTo >= eventsPerNote) {
            note();
        }
        return List.copyOf(live.values());
    }

    /** Goes back from the end to the newest note. */
    private void begin(long end) {
        readUpTo = 0;
        for (long after = end; after > 0 && readUpTo == 0; ) {
            after = Math.max(0, after - PAGE);
            List<LedgerEvent> page = ledger().events(after, PAGE);
            for (int i = page.size() - 1; i >= 0 && readUpTo == 0; i--) {
                if (page.get(i).type().equals(LIVE)) {
                    readNote(page.get(i).payload());
                }
            }
        }
    }

    private void readNote(Map<String, @Nullable Object> note) {
        readUpTo = LeasePayload.number(note, "up_to");
        notedUpTo = readUpTo;
        if (note.get("leases") instanceof List<?> leases) {
            for (Object item : leases) {
                if (item instanceof Map<?, ?> lease) {
                    String leaseId = LeasePayload.text(lease, "lease_id");
                    live.put(
                            leaseId,
                            LeasePayload.read(Kind.valueOf(LeasePayload.text(lease, "kind")), leaseId, 0, lease));
                }
            }
        }
    }

    private void readOn() {
        List<LedgerEvent> page;
        do {
            page = ledger().events(readUpTo, PAGE);
            for (LedgerEvent event : page) {
                readUpTo = event.seq();
                if (event.type().startsWith(PREFIX)) {
                    apply(event);
                }
            }
        } while (page.size() == PAGE);
    }

    private void apply(LedgerEvent event) {
        Kind kind = Kind.valueOf(event.type().substring(PREFIX.length()));
        String leaseId = event.taskId().substring(SUBJECT.length());
        if (kind.isEnd()) {
            live.remove(leaseId);
        } else if (kind == Kind.GRANTED || live.containsKey(leaseId)) {
            // What two threads did at once may stand in the other order: nothing comes after an end.
            live.put(leaseId, LeasePayload.read(kind, leaseId, event.seq(), event.payload()));
        }
    }

    private void note() {
        List<Object> leases = new ArrayList<>();
        live.values().forEach(lease -> leases.add(LeasePayload.of(lease)));
        Map<String, @Nullable Object> note = new LinkedHashMap<>();
        note.put("up_to", readUpTo);
        note.put("leases", leases);
        ledger().write(tx -> tx.append(ALL, LIVE, note));
        notedUpTo = readUpTo;
    }

    private synchronized Ledger ledger() {
        Ledger opened = ledger;
        if (opened == null) {
            opened = ledgers.create(id, LedgerOptions.defaults());
            ledger = opened;
        }
        return opened;
    }
}
