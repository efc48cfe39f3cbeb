package dev.hart.gpu;

import dev.hart.spi.LeaseEntry;
import java.util.Map;

/**
 * Which lease an event is about.
 *
 * @param id a UUID
 * @param tool what takes the memory
 * @param tenant for whom
 * @param grants bytes by the uuid of the device
 */
public record LeaseFacts(String id, String tool, String tenant, Map<String, Long> grants) {
    public LeaseFacts {
        grants = Map.copyOf(grants);
    }

    static LeaseFacts of(VramLease lease) {
        return new LeaseFacts(lease.id(), lease.tool(), lease.tenant(), lease.grants());
    }

    static LeaseFacts of(LeaseEntry entry) {
        return new LeaseFacts(entry.leaseId(), entry.tool(), entry.tenant(), entry.grants());
    }
}
