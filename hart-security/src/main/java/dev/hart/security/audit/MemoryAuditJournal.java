package dev.hart.security.audit;

import dev.hart.spi.AuditEntry;
import dev.hart.spi.AuditHead;
import dev.hart.spi.AuditJournal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Entries that end with the process. Thread-safe. */
public final class MemoryAuditJournal implements AuditJournal {
    private final List<AuditEntry> entries = new ArrayList<>();
    private final List<AuditHead> heads = new ArrayList<>();

    @Override
    public synchronized boolean append(AuditEntry entry) {
        long newest = entries.isEmpty() ? 0 : entries.get(entries.size() - 1).sequence();
        return entry.sequence() == newest + 1 && entries.add(entry);
    }

    @Override
    public synchronized Optional<AuditEntry> last() {
        return entries.isEmpty() ? Optional.empty() : Optional.of(entries.get(entries.size() - 1));
    }

    @Override
    public void read(long from, Predicate<AuditEntry> each) {
        for (AuditEntry entry : copy()) {
            if (entry.sequence() >= from && !each.test(entry)) {
                return;
            }
        }
    }

    private synchronized List<AuditEntry> copy() {
        return List.copyOf(entries);
    }

    @Override
    public synchronized void keep(AuditHead head) {
        heads.add(head);
    }

    @Override
    public void heads(Predicate<AuditHead> each) {
        List<AuditHead> all;
        synchronized (this) {
            all = List.copyOf(heads);
        }
        for (int i = all.size() - 1; i >= 0 && each.test(all.get(i)); i--) {}
    }
}
