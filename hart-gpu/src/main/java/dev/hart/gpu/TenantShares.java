package dev.hart.gpu;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** How much of all memory each tenant has in leases. Guarded by the book's lock. */
final class TenantShares {
    private final Map<String, Holding> byTenant = new HashMap<>();
    private long gpuTotal;
    private long ramTotal;

    private static final class Holding {
        long gpu;
        long ram;
        int leases;
    }

    /** What there is to be shared. */
    void observe(Collection<DeviceAccount> accounts) {
        gpuTotal = accounts.stream()
                .filter(account -> account.device.kind().isGpu())
                .mapToLong(account -> account.total)
                .sum();
        ramTotal = accounts.stream()
                .filter(account -> !account.device.kind().isGpu())
                .mapToLong(account -> account.total)
                .sum();
    }

    void opened(VramLease lease) {
        Holding holding = byTenant.computeIfAbsent(lease.request.tenant, name -> new Holding());
        holding.leases++;
        for (int i = 0; i < lease.accounts.length; i++) {
            add(lease, holding, lease.accounts[i], lease.bytes[i]);
        }
    }

    /** It has so much more of that device, or less. */
    void resized(VramLease lease, DeviceAccount account, long more) {
        add(lease, byTenant.computeIfAbsent(lease.request.tenant, name -> new Holding()), account, more);
    }

    void ended(VramLease lease) {
        Holding holding = byTenant.get(lease.request.tenant);
        if (holding == null) {
            return;
        }
        for (int i = 0; i < lease.accounts.length; i++) {
            add(lease, holding, lease.accounts[i], -lease.bytes[i]);
        }
        if (--holding.leases == 0) {
            byTenant.remove(lease.request.tenant);
        }
    }

    private static void add(VramLease lease, Holding holding, DeviceAccount account, long bytes) {
        if (account.device.kind().isGpu()) {
            holding.gpu += bytes;
            if (lease.request.tenant.equals(Gpus.HIVE)) {
                account.hive += bytes;
            }
        } else {
            holding.ram += bytes;
        }
    }

    /** The larger of its shares of GPU memory and of the machine's, 0 to 1. */
    double dominant(String tenant) {
        Holding holding = byTenant.get(tenant);
        return holding == null
                ? 0
                : Math.max(
                        gpuTotal == 0 ? 0 : (double) holding.gpu / gpuTotal,
                        ramTotal == 0 ? 0 : (double) holding.ram / ramTotal);
    }
}
