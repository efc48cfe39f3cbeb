package dev.hart.gpu.machine;

import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.machine.GovernorStatus.Spare;
import dev.hart.gpu.model.MachineLoad;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** The rules by which a mode follows from a reading. What cannot be read speaks for nothing. */
final class GovernorRules {
    private static final long GIB = 1L << 30;
    private static final double EMPTY_BATTERY_PCT = 20;
    private static final double LOW_BATTERY_PCT = 40;
    private static final double BUSY_CPU_PCT = 85;
    private static final double BUSY_RAM_PCT = 90;
    private static final double SAVING_CPU_LIMIT = 0.25;
    private static final double CPU_BUFFER = 0.25;
    private static final long RAM_BUFFER = 2 * GIB;
    private static final long VRAM_BUFFER = GIB;
    private static final long LEAST_FREE_VRAM = GIB;
    private static final long LEAST_VRAM_BUDGET = GIB / 2;

    private GovernorRules() {}

    /**
     * @param userActive whether somebody has used the machine of late
     * @param gpus the memory of the GPUs that can be used
     */
    static GovernorStatus decide(MachineLoad machine, boolean userActive, List<DeviceMemory> gpus) {
        GovernorMode mode = mode(machine, userActive);
        Optional<DeviceMemory> freest = gpus.stream().max(Comparator.comparingLong(DeviceMemory::freeBytes));
        boolean gpuAllowed = mode == GovernorMode.IDLE
                && freest.filter(gpu -> gpu.freeBytes() >= LEAST_FREE_VRAM).isPresent();
        long budget = gpus.stream().mapToLong(DeviceMemory::totalBytes).max().stream()
                .map(total -> vramBudget(total, mode.caps().gpu()))
                .findFirst()
                .orElse(0);
        return new GovernorStatus(
                Optional.of(mode),
                throttle(mode, machine),
                mode == GovernorMode.IDLE && isBelow(machine.batteryPct(), LOW_BATTERY_PCT)
                        ? SAVING_CPU_LIMIT
                        : mode.cpuLimit(),
                gpuAllowed,
                mode.caps(),
                new Spare(
                        spareCpu(machine, mode.caps()),
                        spareRam(machine, mode.caps()),
                        gpuAllowed ? spareVram(freest.orElseThrow(), budget) : 0),
                budget);
    }

    /** The first rule that holds. */
    static GovernorMode mode(MachineLoad machine, boolean userActive) {
        if (isBelow(machine.batteryPct(), EMPTY_BATTERY_PCT)) {
            return GovernorMode.SLEEP;
        }
        if (userActive || isAbove(machine.cpuPct(), BUSY_CPU_PCT) || isAbove(machine.ramPct(), BUSY_RAM_PCT)) {
            return GovernorMode.ACTIVE;
        }
        return GovernorMode.IDLE;
    }

    static double throttle(GovernorMode mode, MachineLoad machine) {
        return switch (mode) {
            case SLEEP -> 0;
            case ACTIVE -> 0.05;
            case IDLE -> ofCpu(machine.cpuPct()) * ofRam(machine.ramPct()) * ofBattery(machine.batteryPct());
        };
    }

    private static double ofCpu(OptionalDouble percent) {
        return isAbove(percent, 80) ? 0.2 : isAbove(percent, 60) ? 0.5 : isAbove(percent, 40) ? 0.8 : 1;
    }

    private static double ofRam(OptionalDouble percent) {
        return isAbove(percent, 90) ? 0.3 : isAbove(percent, 80) ? 0.6 : 1;
    }

    private static double ofBattery(OptionalDouble percent) {
        return isBelow(percent, EMPTY_BATTERY_PCT) ? 0 : isBelow(percent, LOW_BATTERY_PCT) ? 0.5 : 1;
    }

    static long vramBudget(long totalBytes, double share) {
        return Math.max(LEAST_VRAM_BUDGET, Math.round(totalBytes * share) - VRAM_BUFFER);
    }

    private static double spareCpu(MachineLoad machine, ResourceCaps caps) {
        double most = Math.min(caps.cpu(), 1 - CPU_BUFFER);
        return Math.max(0, most - machine.cpuPct().orElse(0) / 100);
    }

    private static long spareRam(MachineLoad machine, ResourceCaps caps) {
        if (machine.memory().isEmpty()) {
            return 0;
        }
        DeviceMemory memory = machine.memory().get();
        long belowCap = Math.round(memory.totalBytes() * caps.ram()) - memory.usedBytes();
        return Math.max(0, Math.min(belowCap, memory.freeBytes() - RAM_BUFFER));
    }

    private static long spareVram(DeviceMemory gpu, long budget) {
        return Math.max(0, Math.min(budget, gpu.freeBytes() - VRAM_BUFFER));
    }

    private static boolean isAbove(OptionalDouble percent, double limit) {
        return percent.isPresent() && percent.getAsDouble() > limit;
    }

    private static boolean isBelow(OptionalDouble percent, double limit) {
        return percent.isPresent() && percent.getAsDouble() < limit;
    }
}
