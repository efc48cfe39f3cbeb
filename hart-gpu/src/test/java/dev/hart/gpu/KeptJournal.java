package dev.hart.gpu;

import dev.hart.error.StoreUnavailableException;
import dev.hart.spi.LeaseEntry;
import dev.hart.spi.LeaseJournal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Outlives the Gpus of a test, as a database would. */
public final class KeptJournal implements LeaseJournal {
    private final Map<String, LiveLease> live = new LinkedHashMap<>();
    private long last;
    public final List<LeaseEntry.Kind> kinds = new ArrayList<>();
    public boolean broken;

    @Override
    public synchronized long append(LeaseEntry entry) {
        if (broken) {
            throw new StoreUnavailableException("the disk is full", null);
        }
        kinds.add(entry.kind());
        last++;
        if (entry.kind().isEnd()) {
            live.remove(entry.leaseId());
        } else {
            live.put(
                    entry.leaseId(),
                    new LiveLease(entry, entry.kind() == LeaseEntry.Kind.GRANTED ? last : entry.fencingToken()));
        }
        return last;
    }

    @Override
    public synchronized List<LiveLease> live() {
        return List.copyOf(live.values());
    }
}
