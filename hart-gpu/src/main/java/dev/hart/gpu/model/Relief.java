package dev.hart.gpu.model;

import dev.hart.gpu.Device;
import dev.hart.gpu.DeviceHealth;
import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.DeviceStatus;
import dev.hart.gpu.GpuStatus;
import dev.hart.gpu.LeaseMode;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Which models go when something runs short, least recently used first, looking again after each. Pinned models and those in use
 * stay. Used by one thread at a time.
 */
final class Relief {
    private final Models models;
    private final PressureGauge gauge;
    /** What GPUs hold, by uuid, as the last reading and what was unloaded since say. */
    private final Map<String, Long> used = new HashMap<>();

    private final Map<String, Long> totals = new HashMap<>();

    Relief(Models models, PressureGauge gauge) {
        this.models = models;
        this.gauge = gauge;
    }

    /** A new reading of all devices. */
    void read(GpuStatus status) {
        used.clear();
        totals.clear();
        for (DeviceStatus account : status.devices()) {
            Device device = account.device();
            Optional<DeviceMemory> memory = device.memory();
            if (device.kind().isGpu() && device.health() != DeviceHealth.LOST && memory.isPresent()) {
                used.put(device.uuid(), memory.get().usedBytes());
                totals.put(device.uuid(), memory.get().totalBytes());
            }
        }
    }

    /** Of the fullest GPU; 0 without one. */
    double vramPct() {
        return used.keySet().stream().mapToDouble(this::pct).max().orElse(0);
    }

    private double pct(String device) {
        return 100.0 * used.getOrDefault(device, 0L) / totals.getOrDefault(device, 1L);
    }

    /** EVICTABLE ones are unloaded; then others are moved off the GPU; then IDLE ones are unloaded. */
    void relieveVram() throws InterruptedException {
        while (gauge.readVram(vramPct())) {
            String fullest = used.keySet().stream()
                    .max(Comparator.comparingDouble(this::pct))
                    .orElseThrow();
            if (!relieve(fullest)) {
                return;
            }
        }
    }

    private boolean relieve(String device) throws InterruptedException {
        for (Candidate<?> candidate : candidates(loaded -> loaded.lease.grants().containsKey(device))) {
            if (candidate.priority == ModelPriority.EVICTABLE
                    && unload(candidate, UnloadReason.VRAM_PRESSURE, Pressure.Kind.VRAM)) {
                return true;
            }
        }
        for (Candidate<?> candidate : candidates(loaded -> loaded.lease.grants().containsKey(device))) {
            LeaseMode mode = candidate.model.offloadForRelief();
            if (mode != null) {
                gaveBack(
                        candidate,
                        mode == LeaseMode.CPU
                                ? 0
                                : candidate.model.requirement().offloadGpuBytes());
                models.tell(new ModelEvent.Relieved(Pressure.Kind.VRAM, candidate.model.id(), true));
                return true;
            }
        }
        for (Candidate<?> candidate : candidates(loaded -> loaded.lease.grants().containsKey(device))) {
            if (candidate.priority == ModelPriority.IDLE
                    && unload(candidate, UnloadReason.VRAM_PRESSURE, Pressure.Kind.VRAM)) {
                return true;
            }
        }
        return false;
    }

    /** Models that run on the processor are unloaded, whatever their priority. */
    void relieveRam(Supplier<MachineLoad> machine) {
        Pressure.Kind kind = Pressure.Kind.RAM;
        for (Candidate<?> candidate : candidates(loaded -> !hasWholeGpu(loaded))) {
            if (!gauge.now().ram()) {
                return;
            }
            if (unload(candidate, UnloadReason.RAM_PRESSURE, kind)) {
                gauge.readRam(machine.get().ramPct());
            }
        }
    }

    private static boolean hasWholeGpu(Loaded<?> loaded) {
        return loaded.lease.mode() == LeaseMode.GPU;
    }

    /** Every EVICTABLE and IDLE one is unloaded. */
    void relieveCpu() {
        for (Candidate<?> candidate : candidates(loaded -> true)) {
            if (candidate.priority.compareTo(ModelPriority.IDLE) >= 0) {
                unload(candidate, UnloadReason.CPU_PRESSURE, Pressure.Kind.CPU);
            }
        }
    }

    private boolean unload(Candidate<?> candidate, UnloadReason reason, Pressure.Kind kind) {
        if (!candidate.unload(reason)) {
            return false;
        }
        gaveBack(candidate, 0);
        models.tell(new ModelEvent.Relieved(kind, candidate.model.id(), false));
        return true;
    }

    /** @param kept of each GPU by what it becomes */
    private void gaveBack(Candidate<?> candidate, long kept) {
        candidate.grants.forEach((device, bytes) -> {
            if (used.containsKey(device)) {
                used.merge(device, bytes - kept, (before, freed) -> Math.max(0, before - freed));
            }
        });
    }

    private record Candidate<T extends AutoCloseable>(
            Model<T> model, Loaded<T> loaded, ModelPriority priority, long lastUse, Map<String, Long> grants) {

        boolean unload(UnloadReason reason) {
            return model.end(loaded, reason);
        }
    }

    /** That may go, least recently used first. */
    private List<Candidate<?>> candidates(Predicate<Loaded<?>> wanted) {
        Collection<Model<?>> all = models.all();
        return all.stream()
                .flatMap(model -> candidate(model).stream())
                .filter(candidate -> candidate.priority != ModelPriority.ACTIVE && wanted.test(candidate.loaded))
                .sorted(Comparator.comparingLong(candidate -> candidate.lastUse))
                .<Candidate<?>>map(candidate -> candidate)
                .toList();
    }

    private static <T extends AutoCloseable> Optional<Candidate<?>> candidate(Model<T> model) {
        Loaded<T> loaded = model.loaded();
        if (loaded == null || model.settings().pinned()) {
            return Optional.empty();
        }
        ModelStatus status = model.status();
        return Optional.of(new Candidate<>(
                model,
                loaded,
                status.priority(),
                status.lastAccess().map(java.time.Instant::toEpochMilli).orElse(0L),
                loaded.lease.grants()));
    }
}
