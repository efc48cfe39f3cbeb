package dev.hart.gpu;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which leases give way to a request, all on one device. Never more than needed, and none unless they free enough.
 *
 * @param account where
 */
record EvictionPlan(DeviceAccount account, LeaseMode mode, long bytes, List<VramLease> victims) {

    /** How ready a lease is to give way, readiest first. */
    private enum Readiness {
        EVICTABLE,
        IDLE,
        WARM
    }

    /** The plan with the fewest victims, on the device with the lowest number when several have. */
    static Optional<EvictionPlan> find(
            LeaseRequest request, Collection<DeviceAccount> accounts, Collection<VramLease> leases, long now) {
        if (request.devices > 1 || request.best != LeaseMode.GPU) {
            return Optional.empty();
        }
        EvictionPlan best = null;
        for (DeviceAccount account : accounts) {
            boolean isWanted =
                    request.kind == null ? account.device.kind().isGpu() : account.device.kind() == request.kind;
            long need = request.needed().peakBytes();
            if (isWanted && account.isUsable() && need <= account.capacity()) {
                List<VramLease> victims = victims(request, account, need, leases, now);
                if (!victims.isEmpty() && (best == null || victims.size() < best.victims.size())) {
                    best = new EvictionPlan(
                            account, account.device.kind().isGpu() ? LeaseMode.GPU : LeaseMode.CPU, need, victims);
                }
            }
        }
        return Optional.ofNullable(best);
    }

    /** Empty when all that may be taken is not enough. */
    private static List<VramLease> victims(
            LeaseRequest request, DeviceAccount account, long need, Collection<VramLease> leases, long now) {
        long missing = need - account.plannable(now);
        List<VramLease> taken = new ArrayList<>();
        long freed = 0;
        for (VramLease candidate : candidates(request, account, leases, now)) {
            if (freed >= missing) {
                break;
            }
            taken.add(candidate);
            freed += candidate.bytesOn(account);
        }
        if (freed < missing) {
            return List.of();
        }
        for (int i = taken.size() - 1; i >= 0; i--) {
            long without = freed - taken.get(i).bytesOn(account);
            if (without >= missing) {
                taken.remove(i);
                freed = without;
            }
        }
        return taken;
    }

    private static List<VramLease> candidates(
            LeaseRequest request, DeviceAccount account, Collection<VramLease> leases, long now) {
        return leases.stream()
                .filter(lease -> lease.state == LeaseState.ACTIVE
                        && lease.uses == 0
                        && lease.request.idleTimeout != null
                        && lease.request.priority.compareTo(request.priority) >= 0
                        && lease.bytesOn(account) > 0)
                .filter(lease -> readiness(lease, now) != Readiness.WARM
                        || request.priority.compareTo(lease.request.priority) < 0)
                .sorted(Comparator.comparing((VramLease lease) -> readiness(lease, now))
                        .thenComparingLong(lease -> lease.lastUsedAt)
                        .thenComparingLong(lease -> lease.createdAt))
                .toList();
    }

    private static Readiness readiness(VramLease lease, long now) {
        java.time.Duration timeout = lease.request.idleTimeout;
        if (timeout == null || lease.lastUsedAt == 0) {
            return Readiness.EVICTABLE;
        }
        long idle = now - lease.lastUsedAt;
        return idle >= timeout.toMillis()
                ? Readiness.EVICTABLE
                : idle >= timeout.toMillis() / 2 ? Readiness.IDLE : Readiness.WARM;
    }
}
