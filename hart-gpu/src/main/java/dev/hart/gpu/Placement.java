package dev.hart.gpu;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a request goes, and how much of each device it takes.
 *
 * @param accounts one for each of {@code bytes}
 */
@SuppressWarnings("ArrayRecordComponent") // made and read once for each lease, never compared
record Placement(LeaseMode mode, DeviceAccount[] accounts, long[] bytes) {
    private static final DeviceKind[] GPU_KINDS = {DeviceKind.CUDA, DeviceKind.ROCM, DeviceKind.METAL};
    private static final DeviceKind[] CPU_KIND = {DeviceKind.CPU};
    private static final DeviceKind[] NO_KIND = {};

    /** What devices can give, now or ever. */
    interface Room {
        long of(DeviceAccount account);
    }

    /** The best place in that much room; null when there is none. */
    static @Nullable Placement find(LeaseRequest request, Collection<DeviceAccount> accounts, Room room) {
        ModelRequirement need = request.needed();
        DeviceKind wanted = request.kind;
        DeviceKind[] kinds =
                wanted == null ? GPU_KINDS : wanted == DeviceKind.CPU ? CPU_KIND : new DeviceKind[] {wanted};
        LeaseMode whole = wanted == DeviceKind.CPU ? LeaseMode.CPU : LeaseMode.GPU;
        for (DeviceKind kind : request.best == LeaseMode.GPU ? kinds : NO_KIND) {
            Placement found = onKind(request, whole, kind, need.peakBytes(), accounts, room);
            if (found != null) {
                return found;
            }
        }
        return request.mayOffload && request.devices == 1 && whole == LeaseMode.GPU
                ? offloaded(request, need, kinds, accounts, room)
                : null;
    }

    private static @Nullable Placement offloaded(
            LeaseRequest request,
            ModelRequirement need,
            DeviceKind[] kinds,
            Collection<DeviceAccount> accounts,
            Room room) {
        if (need.ramBytes() == 0) {
            return null;
        }
        Placement ram = onKind(request, LeaseMode.CPU, DeviceKind.CPU, need.ramBytes(), accounts, room);
        if (ram == null) {
            return null;
        }
        if (need.offloadGpuBytes() > 0 && request.best != LeaseMode.CPU) {
            for (DeviceKind kind : kinds) {
                Placement part = onKind(request, LeaseMode.CPU_OFFLOAD, kind, need.offloadGpuBytes(), accounts, room);
                if (part != null) {
                    return new Placement(
                            LeaseMode.CPU_OFFLOAD,
                            new DeviceAccount[] {part.accounts[0], ram.accounts[0]},
                            new long[] {need.offloadGpuBytes(), need.ramBytes()});
                }
            }
        }
        return ram;
    }

    private static @Nullable Placement onKind(
            LeaseRequest request,
            LeaseMode mode,
            DeviceKind kind,
            long bytes,
            Collection<DeviceAccount> accounts,
            Room room) {
        return request.devices == 1
                ? onOne(request, mode, kind, bytes, accounts, room)
                : onSeveral(request, mode, kind, bytes, accounts, room);
    }

    private static @Nullable Placement onOne(
            LeaseRequest request,
            LeaseMode mode,
            DeviceKind kind,
            long bytes,
            Collection<DeviceAccount> accounts,
            Room room) {
        DeviceAccount best = null;
        long bestRoom = 0;
        boolean spread = request.placement == PlacementRule.SPREAD;
        for (DeviceAccount account : accounts) {
            if (account.device.kind() == kind) {
                long has = room.of(account);
                if (has >= bytes && (best == null || (spread ? has > bestRoom : has < bestRoom))) {
                    best = account;
                    bestRoom = has;
                }
            }
        }
        return best == null ? null : new Placement(mode, new DeviceAccount[] {best}, new long[] {bytes});
    }

    private record Fit(DeviceAccount account, long room) {}

    private static @Nullable Placement onSeveral(
            LeaseRequest request,
            LeaseMode mode,
            DeviceKind kind,
            long bytes,
            Collection<DeviceAccount> accounts,
            Room room) {
        boolean spread = request.placement == PlacementRule.SPREAD;
        List<Fit> fits = accounts.stream()
                .filter(account -> account.device.kind() == kind)
                .map(account -> new Fit(account, room.of(account)))
                .filter(fit -> fit.room() >= bytes)
                .sorted((a, b) -> spread ? Long.compare(b.room(), a.room()) : Long.compare(a.room(), b.room()))
                .limit(request.devices)
                .toList();
        if (fits.size() < request.devices) {
            return null;
        }
        DeviceAccount[] chosen = fits.stream().map(Fit::account).toArray(DeviceAccount[]::new);
        long[] amounts = new long[chosen.length];
        java.util.Arrays.fill(amounts, bytes);
        return new Placement(mode, chosen, amounts);
    }
}
