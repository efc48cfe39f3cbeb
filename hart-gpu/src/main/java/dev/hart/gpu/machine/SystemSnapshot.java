package dev.hart.gpu.machine;

import dev.hart.gpu.DeviceMemory;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The machine at one moment; what cannot be read is empty. Sizes are bytes.
 *
 * @param cpuPct of the processor's time since the snapshot before, 0 to 100
 * @param ram the memory
 * @param swap empty without swap space
 * @param disk that models are stored on
 * @param diskTraffic through all disks
 * @param network traffic through all networks
 * @param processes those that hold most of the memory, the largest first, ten at most
 * @param gpu the memory of all GPUs that can be used, added up
 */
public record SystemSnapshot(
        Instant at,
        OptionalDouble cpuPct,
        Optional<DeviceMemory> ram,
        Optional<DeviceMemory> swap,
        Optional<DeviceMemory> disk,
        Traffic diskTraffic,
        Traffic network,
        List<ProcessMemory> processes,
        Optional<DeviceMemory> gpu) {

    /** How many processes are told at most. */
    public static final int MOST_PROCESSES = 10;

    public SystemSnapshot {
        processes = List.copyOf(processes);
    }

    /** How much of that is in use, 0 to 100. */
    public OptionalDouble percent(Resource resource) {
        return switch (resource) {
            case CPU -> cpuPct;
            case RAM -> percent(ram);
            case SWAP -> percent(swap);
            case DISK -> percent(disk);
        };
    }

    private static OptionalDouble percent(Optional<DeviceMemory> memory) {
        return memory.isPresent()
                ? OptionalDouble.of(
                        100.0 * memory.get().usedBytes() / memory.get().totalBytes())
                : OptionalDouble.empty();
    }

    /**
     * How well the machine is, from 0 to 1 with three decimals: 0.30 for a free processor, 0.30 for free memory, 0.20 for free swap
     * space, 0.20 for a free disk. What cannot be read counts as free.
     */
    public BigDecimal healthScore() {
        double score = 0.30 * free(Resource.CPU)
                + 0.30 * free(Resource.RAM)
                + 0.20 * free(Resource.SWAP)
                + 0.20 * free(Resource.DISK);
        return BigDecimal.valueOf(score).setScale(3, RoundingMode.HALF_UP);
    }

    private double free(Resource resource) {
        return 1 - percent(resource).orElse(0) / 100;
    }
}
