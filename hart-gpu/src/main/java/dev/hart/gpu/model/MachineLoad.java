package dev.hart.gpu.model;

import dev.hart.gpu.DeviceMemory;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * How busy the machine is; what cannot be read is empty and puts no pressure on anybody.
 *
 * @param cpuPct of the processor's time since the reading before, 0 to 100
 * @param ramPct of the memory in use, 0 to 100
 * @param diskFreeBytes on the disk that models are stored on
 * @param memory the machine's memory in bytes
 * @param batteryPct how full the battery is that the machine runs on, 0 to 100; empty on mains and without a battery
 */
public record MachineLoad(
        OptionalDouble cpuPct,
        OptionalDouble ramPct,
        OptionalLong diskFreeBytes,
        Optional<DeviceMemory> memory,
        OptionalDouble batteryPct) {

    /** On mains, of a size that is not known. */
    public static MachineLoad of(double cpuPct, double ramPct, long diskFreeBytes) {
        return new MachineLoad(
                OptionalDouble.of(cpuPct),
                OptionalDouble.of(ramPct),
                OptionalLong.of(diskFreeBytes),
                Optional.empty(),
                OptionalDouble.empty());
    }

    /** Nothing can be read. */
    public static MachineLoad unknown() {
        return new MachineLoad(
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalLong.empty(),
                Optional.empty(),
                OptionalDouble.empty());
    }

    /** The same of a machine that runs on a battery that is so full. */
    public MachineLoad onBattery(double percent) {
        return new MachineLoad(cpuPct, ramPct, diskFreeBytes, memory, OptionalDouble.of(percent));
    }
}
