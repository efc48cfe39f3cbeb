package dev.hart.gpu;

import dev.hart.spi.LeaseEntry;
import dev.hart.spi.LeaseEntry.ProcessIdentity;
import dev.hart.spi.LeaseJournal;
import dev.hart.spi.LeaseJournal.LiveLease;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leases of other processes in the same journal: of those that live they are counted, of those that are gone they end.
 * Thread-safe.
 */
final class OtherProcesses {
    private static final Logger log = LoggerFactory.getLogger(OtherProcesses.class);

    /** Counts what another process holds, or with {@code sign} -1 no longer counts it. */
    interface Counter {
        void count(Map<String, Long> grants, int sign);
    }

    private final LeaseJournal journal;
    private final Processes processes;
    private final InstantSource clock;
    private final Counter counter;
    private final Consumer<LeaseEntry> over;
    /** Guarded by this. */
    private final Map<String, LiveLease> counted = new HashMap<>();

    /** @param over is told of each lease that ended here because its owner is gone */
    OtherProcesses(
            LeaseJournal journal,
            Processes processes,
            InstantSource clock,
            Counter counter,
            Consumer<LeaseEntry> over) {
        this.journal = journal;
        this.processes = processes;
        this.clock = clock;
        this.counter = counter;
        this.over = over;
    }

    /** Before the first lease: everything that lives in the journal is somebody else's. */
    synchronized void recover() {
        int over = 0;
        for (LiveLease lease : journal.live()) {
            ProcessIdentity owner = lease.entry().owner();
            if (processes.isAlive(owner)) {
                if (counted.putIfAbsent(lease.entry().leaseId(), lease) == null) {
                    counter.count(lease.entry().grants(), 1);
                }
            } else {
                end(lease);
                over++;
            }
        }
        if (over > 0) {
            log.info("{} lease(s) on device memory of processes that are gone are over", over);
        }
    }

    /** Looks whether any that is counted is over, and what other processes took meanwhile. */
    synchronized void check() {
        Map<String, LiveLease> live = new LinkedHashMap<>();
        journal.live().forEach(lease -> live.put(lease.entry().leaseId(), lease));
        for (LiveLease lease : Map.copyOf(counted).values()) {
            boolean isNoted = live.containsKey(lease.entry().leaseId());
            boolean isAlive = processes.isAlive(lease.entry().owner());
            if (isNoted && !isAlive) {
                end(lease);
                live.remove(lease.entry().leaseId());
            }
            if (!isNoted || !isAlive) {
                counted.remove(lease.entry().leaseId());
                counter.count(lease.entry().grants(), -1);
            }
        }
        ProcessIdentity self = processes.current();
        for (LiveLease lease : live.values()) {
            ProcessIdentity owner = lease.entry().owner();
            if (owner.pid() == self.pid()) {
                continue;
            }
            if (!processes.isAlive(owner)) {
                end(lease);
                continue;
            }
            LiveLease before = counted.put(lease.entry().leaseId(), lease);
            if (before == null) {
                counter.count(lease.entry().grants(), 1);
            } else if (!before.entry().grants().equals(lease.entry().grants())) {
                counter.count(before.entry().grants(), -1);
                counter.count(lease.entry().grants(), 1);
            }
        }
    }

    private void end(LiveLease lease) {
        LeaseEntry entry = lease.entry();
        entry.child().ifPresent(processes::stop);
        journal.append(new LeaseEntry(
                LeaseEntry.Kind.RECOVERED,
                entry.leaseId(),
                lease.fencingToken(),
                entry.tenant(),
                entry.tool(),
                entry.priority(),
                entry.mode(),
                entry.grants(),
                entry.owner(),
                entry.child(),
                clock.instant()));
        over.accept(entry);
    }
}
