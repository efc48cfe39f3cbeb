package dev.hart.security.rules;

import dev.hart.security.rules.QuarantineEntry.Level;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Agents and nodes that lost trust, by four levels. Each change is in the store before it holds, so a store that fails
 * changes nothing, and a store that cannot be read at the start stops the start. Thread-safe; asking takes no lock.
 */
public final class TrustQuarantine {
    private final QuarantineStore store;
    private final Clock clock;
    private final Map<String, QuarantineEntry> entries;

    public TrustQuarantine(QuarantineStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
        this.entries = new ConcurrentHashMap<>(store.load());
    }

    /**
     * Puts one into quarantine, or deeper into it. A lower level than it has changes nothing: only {@link #rehabilitate}
     * makes it milder.
     */
    public synchronized QuarantineEntry quarantine(String subject, Level level, String reason) {
        requireName(subject);
        QuarantineEntry known = entries.get(subject);
        if (known != null && known.level().compareTo(level) >= 0) {
            return known;
        }
        QuarantineEntry entry = new QuarantineEntry(level, reason, clock.instant(), 0, null, List.of());
        store.save(subject, entry);
        entries.put(subject, entry);
        return entry;
    }

    /**
     * Notes that someone looked at it. The level stays.
     *
     * @throws IllegalArgumentException when it is not in quarantine
     */
    public synchronized QuarantineEntry review(String subject, String notes) {
        QuarantineEntry known = entries.get(subject);
        if (known == null) {
            throw new IllegalArgumentException(subject + " is not in quarantine, so there is nothing to review");
        }
        List<String> allNotes = new ArrayList<>(known.reviewerNotes());
        allNotes.add(notes);
        QuarantineEntry entry = new QuarantineEntry(
                known.level(), known.reason(), known.timestamp(), known.reviewCount() + 1, clock.instant(), allNotes);
        store.save(subject, entry);
        entries.put(subject, entry);
        return entry;
    }

    /** Ends a quarantine; false when there was none. */
    public synchronized boolean rehabilitate(String subject) {
        if (!entries.containsKey(subject)) {
            return false;
        }
        store.remove(subject);
        entries.remove(subject);
        return true;
    }

    /** Whether it may act: it is not in quarantine, or only watched. */
    public boolean canAct(String subject) {
        QuarantineEntry entry = entries.get(subject);
        return entry == null || entry.level().mayAct();
    }

    public Optional<QuarantineEntry> entry(String subject) {
        return Optional.ofNullable(entries.get(subject));
    }

    /** Everyone in quarantine, as of now. */
    public Map<String, QuarantineEntry> entries() {
        return Map.copyOf(entries);
    }

    private static void requireName(String subject) {
        if (subject.isBlank()) {
            throw new IllegalArgumentException("a quarantine names an agent or a node; the id was blank");
        }
    }
}
