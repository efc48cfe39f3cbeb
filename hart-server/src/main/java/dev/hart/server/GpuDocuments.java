package dev.hart.server;

import dev.hart.error.GpuException;
import dev.hart.gpu.Device;
import dev.hart.gpu.DeviceKind;
import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.DeviceStatus;
import dev.hart.gpu.GpuStatus;
import dev.hart.gpu.LeaseState;
import dev.hart.gpu.VramLease;
import dev.hart.server.HeldLeases.Held;
import dev.hart.tool.Param;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/** Devices and leases as JSON: sizes in GiB with two decimals, named as the reference does. */
public final class GpuDocuments {
    private GpuDocuments() {}

    /** GiB with two decimals. */
    public static BigDecimal gib(long bytes) {
        return BigDecimal.valueOf(bytes).divide(BigDecimal.valueOf(1L << 30), 2, RoundingMode.HALF_UP);
    }

    public record DeviceDocument(
            String id,
            String kind,
            String uuid,
            String name,
            String health,
            @Param(name = "total_gb") Optional<BigDecimal> total,
            @Param(name = "free_gb") Optional<BigDecimal> free,
            @Param(name = "plannable_gb") BigDecimal plannable,
            @Param(name = "leased_gb") BigDecimal leased,
            @Param(name = "untracked_gb") BigDecimal untracked,
            @Param(name = "utilisation_pct") Optional<Integer> utilisation,
            @Param(name = "driver_version") Optional<String> driverVersion,
            @Param(name = "observed_at") Instant observedAt) {
        static DeviceDocument of(DeviceStatus status) {
            Device device = status.device();
            return new DeviceDocument(
                    device.id(),
                    device.kind().name(),
                    device.uuid(),
                    device.name(),
                    device.health().name(),
                    device.memory().map(DeviceMemory::totalBytes).map(GpuDocuments::gib),
                    device.memory().map(DeviceMemory::freeBytes).map(GpuDocuments::gib),
                    gib(status.plannableBytes()),
                    gib(status.activeBytes() + status.reservedBytes()),
                    gib(status.untrackedBytes()),
                    device.utilisationPct().isPresent()
                            ? Optional.of(device.utilisationPct().getAsInt())
                            : Optional.empty(),
                    device.driverVersion(),
                    device.observedAt());
        }
    }

    /**
     * A lease, or the wait for one.
     *
     * @param id by which it can be asked for
     * @param error why it was not given
     */
    public record LeaseDocument(
            String id,
            @Param(name = "lease_id") Optional<String> leaseId,
            String tool,
            String state,
            Optional<String> mode,
            Optional<String> priority,
            Optional<String> tenant,
            List<GrantDocument> grants,
            @Param(name = "fencing_token") Optional<Long> fencingToken,
            @Param(name = "created_at") Optional<Instant> createdAt,
            @Param(name = "expires_at") Optional<Instant> expiresAt,
            Optional<String> error) {
        static LeaseDocument of(VramLease lease) {
            return of(lease.id(), lease, lease.expiresAt());
        }

        static LeaseDocument of(Held held) {
            return held.granted()
                    .map(lease -> of(held.id(), lease, held.expiresAt()))
                    .orElseGet(() -> waiting(held));
        }

        private static LeaseDocument of(String id, VramLease lease, Instant expiresAt) {
            return new LeaseDocument(
                    id,
                    Optional.of(lease.id()),
                    lease.tool(),
                    lease.state().name(),
                    Optional.of(lease.mode().name()),
                    Optional.of(lease.priority().name()),
                    Optional.of(lease.tenant()),
                    GrantDocument.of(lease),
                    Optional.of(lease.fencingToken()),
                    Optional.of(lease.createdAt()),
                    Optional.of(expiresAt),
                    Optional.empty());
        }

        private static LeaseDocument waiting(Held held) {
            Optional<GpuException> failure = failure(held);
            LeaseState state = !held.lease().isDone()
                    ? LeaseState.QUEUED
                    : failure.filter(e -> e.code().equals("LEASE_TIMEOUT")).isPresent()
                            ? LeaseState.TIMED_OUT
                            : held.lease().isCancelled() ? LeaseState.CANCELLED : LeaseState.REFUSED;
            return new LeaseDocument(
                    held.id(),
                    Optional.empty(),
                    held.tool(),
                    state.name(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    failure.map(e -> e.code() + ": " + e.getMessage()));
        }

        private static Optional<GpuException> failure(Held held) {
            if (!held.lease().isCompletedExceptionally() || held.lease().isCancelled()) {
                return Optional.empty();
            }
            try {
                held.lease().join();
                return Optional.empty();
            } catch (CompletionException e) {
                return e.getCause() instanceof GpuException refused ? Optional.of(refused) : Optional.empty();
            }
        }
    }

    public record GrantDocument(
            String device, String uuid, @Param(name = "gb") BigDecimal gib) {
        static List<GrantDocument> of(VramLease lease) {
            List<GrantDocument> grants = new ArrayList<>();
            for (Device device : lease.devices()) {
                grants.add(new GrantDocument(
                        device.id(),
                        device.uuid(),
                        GpuDocuments.gib(lease.grants().getOrDefault(device.uuid(), 0L))));
            }
            return grants;
        }
    }

    /** What the reference tells of its one GPU, and of all there are. */
    public record VramDocument(
            GpuDocument gpu,
            Map<String, BigDecimal> allocations,
            @Param(name = "total_allocated_gb") BigDecimal totalAllocated,
            @Param(name = "effective_free_gb") BigDecimal effectiveFree,
            DriftDocument drift,
            List<DeviceDocument> devices,
            List<LeaseDocument> leases,
            int waiting) {
        public static VramDocument of(GpuStatus status) {
            Optional<DeviceStatus> gpu = status.devices().stream()
                    .filter(each -> each.device().kind() != DeviceKind.CPU)
                    .findFirst();
            Map<String, BigDecimal> allocations = new LinkedHashMap<>();
            for (VramLease lease : status.leases()) {
                allocations.merge(lease.tool(), onGpus(lease), BigDecimal::add);
            }
            return new VramDocument(
                    GpuDocument.of(gpu),
                    allocations,
                    allocations.values().stream().reduce(gib(0), BigDecimal::add),
                    gib(gpu.map(DeviceStatus::plannableBytes).orElse(0L)),
                    new DriftDocument(
                            gib(gpu.map(DeviceStatus::driftBytes).orElse(0L)),
                            BigDecimal.valueOf(gpu.map(DeviceStatus::driftPct).orElse(0.0)),
                            gpu.filter(DeviceStatus::isDriftSuspicious).isPresent()),
                    status.devices().stream().map(DeviceDocument::of).toList(),
                    status.leases().stream().map(LeaseDocument::of).toList(),
                    status.waiting());
        }

        private static BigDecimal onGpus(VramLease lease) {
            long bytes = 0;
            for (Device device : lease.devices()) {
                if (device.kind() != DeviceKind.CPU) {
                    bytes += lease.grants().getOrDefault(device.uuid(), 0L);
                }
            }
            return gib(bytes);
        }
    }

    public record GpuDocument(
            Optional<String> name,
            @Param(name = "total_gb") BigDecimal total,
            @Param(name = "free_gb") BigDecimal free,
            @Param(name = "cuda_available") boolean cuda,
            @Param(name = "rocm_available") boolean rocm,
            @Param(name = "metal_available") boolean metal) {
        static GpuDocument of(Optional<DeviceStatus> gpu) {
            Optional<Device> device = gpu.map(DeviceStatus::device);
            Optional<DeviceMemory> memory = device.flatMap(Device::memory);
            return new GpuDocument(
                    device.map(Device::name),
                    gib(memory.map(DeviceMemory::totalBytes).orElse(0L)),
                    gib(memory.map(DeviceMemory::freeBytes).orElse(0L)),
                    is(device, DeviceKind.CUDA),
                    is(device, DeviceKind.ROCM),
                    is(device, DeviceKind.METAL));
        }

        private static boolean is(Optional<Device> device, DeviceKind kind) {
            return device.filter(each -> each.kind() == kind).isPresent();
        }
    }

    public record DriftDocument(
            @Param(name = "drift_gb") BigDecimal drift,
            @Param(name = "drift_pct") BigDecimal percent,
            boolean suspicious) {}
}
