package dev.hart.core.run;

import dev.hart.error.LedgerException;
import dev.hart.ledger.Ledger;
import dev.hart.ledger.LedgerEvent;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Walks the events of a run's ledger once, and computes their chain of hashes anew. Used by one thread. */
final class CheckedEvents {
    /** Few: each event may hold 2 MiB. */
    private static final int PAGE = 50;

    private final Ledger ledger;
    private Iterator<LedgerEvent> page = List.<LedgerEvent>of().iterator();
    private long seq;
    private byte[] hash = EvidenceLine.START;

    CheckedEvents(Ledger ledger) {
        this.ledger = ledger;
    }

    /** An event, and its envelope with the hash that the event carries. */
    record Checked(LedgerEvent event, EvidenceLine line) {}

    /** How many events came so far. */
    long count() {
        return seq;
    }

    /** The hash of the event that came last. */
    byte[] hash() {
        return hash;
    }

    /**
     * The next event; null behind the last.
     *
     * @throws LedgerException {@code LEDGER_CORRUPT} when it is not what was written
     */
    @Nullable
    Checked next() {
        try {
            if (!page.hasNext()) {
                page = ledger.events(seq, PAGE).iterator();
            }
        } catch (IllegalArgumentException e) {
            throw corrupt(ledger, "an event after " + seq + " cannot be read", e);
        }
        if (!page.hasNext()) {
            return null;
        }
        LedgerEvent event = page.next();
        if (event.seq() != seq + 1) {
            throw corrupt(ledger, "event " + (seq + 1) + " is missing", null);
        }
        EvidenceLine line = EvidenceLine.after(hash, envelope(event));
        if (!line.seal().equals(event.hash())) {
            throw corrupt(ledger, "event " + event.seq() + " is not what was written", null);
        }
        seq = event.seq();
        hash = line.hash();
        return new Checked(event, line);
    }

    private static Map<String, @Nullable Object> envelope(LedgerEvent event) {
        Map<String, @Nullable Object> envelope = new LinkedHashMap<>();
        envelope.put("actor", event.actor());
        envelope.put("at", time(event.at()));
        envelope.put("ledger_id", event.ledger().key());
        envelope.put("payload", event.payload());
        envelope.put("seq", event.seq());
        envelope.put("stripe", 0L);
        envelope.put("task_id", event.taskId());
        envelope.put("type", event.type());
        envelope.put("v", 1L);
        return envelope;
    }

    /** ISO-8601 in UTC with exactly three decimals, as in envelopes. */
    static String time(Instant at) {
        long millis = at.toEpochMilli();
        String text = Instant.ofEpochMilli(millis).toString();
        return millis % 1000 == 0 ? text.replace("Z", ".000Z") : text;
    }

    static LedgerException corrupt(Ledger ledger, String what, @Nullable Throwable cause) {
        return new LedgerException(
                "LEDGER_CORRUPT",
                "there is no evidence of run " + ledger.id().sessionId() + ", as its ledger is not what was written: "
                        + what + "; restore the database from a backup",
                cause);
    }
}
