package dev.hart.gpu.model;

import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * How busy the machine is; what cannot be read is empty and puts no pressure on anybody.
 *
 * @param cpuPct of the processor's time since the reading before, 0 to 100
 * @param ramPct of the memory in use, 0 to 100
 * @param diskFreeBytes on the disk that models are stored on
 */
public record MachineLoad(OptionalDouble cpuPct, OptionalDouble ramPct, OptionalLong diskFreeBytes) {

    public static MachineLoad of(double cpuPct, double ramPct, long diskFreeBytes) {
        return new MachineLoad(OptionalDouble.of(cpuPct), OptionalDouble.of(ramPct), OptionalLong.of(diskFreeBytes));
    }

    /** Nothing can be read. */
    public static MachineLoad unknown() {
        return new MachineLoad(OptionalDouble.empty(), OptionalDouble.empty(), OptionalLong.empty());
    }
}
