package dev.hart.gpu;

import dev.hart.error.HartException;
import dev.hart.spi.LeaseEntry;
import dev.hart.spi.LeaseEntry.ProcessIdentity;
import dev.hart.spi.LeaseJournal;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Notes what happens to this process's leases. Thread-safe. */
final class LeaseLog {
    private static final Logger log = LoggerFactory.getLogger(LeaseLog.class);

    private final LeaseJournal journal;
    private final ProcessIdentity self;
    private final InstantSource clock;

    LeaseLog(LeaseJournal journal, ProcessIdentity self, InstantSource clock) {
        this.journal = journal;
        this.self = self;
        this.clock = clock;
    }

    /** Returns once it is durable, and throws when it cannot be made so; a grant gives the lease its fencing token. */
    void note(LeaseEntry.Kind kind, VramLease lease) {
        long number = journal.append(entry(kind, lease));
        if (kind == LeaseEntry.Kind.GRANTED) {
            lease.fencingToken = number;
        }
    }

    /** The same where it cannot be undone any more: a failure is logged. A lease that was never noted is left out. */
    void noteOrLog(LeaseEntry.Kind kind, VramLease lease) {
        if (lease.fencingToken == 0) {
            return;
        }
        try {
            note(kind, lease);
        } catch (HartException e) {
            log.error("{} of {} could not be noted", kind, lease, e);
        }
    }

    /** The memory is given back whether or not this can be noted: a later start finds the lease and that its owner is gone. */
    void noteEnd(VramLease lease) {
        noteOrLog(
                switch (lease.state) {
                    case LOST -> LeaseEntry.Kind.LOST;
                    case RECOVERED -> LeaseEntry.Kind.RECOVERED;
                    default -> LeaseEntry.Kind.RELEASED;
                },
                lease);
    }

    private LeaseEntry entry(LeaseEntry.Kind kind, VramLease lease) {
        return new LeaseEntry(
                kind,
                lease.id,
                lease.fencingToken,
                lease.request.tenant,
                lease.request.tool,
                lease.request.priority.name(),
                lease.mode.name(),
                lease.grants(),
                self,
                lease.child(),
                clock.instant());
    }
}
