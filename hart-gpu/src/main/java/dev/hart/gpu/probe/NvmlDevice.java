package dev.hart.gpu.probe;

import dev.hart.gpu.DeviceMemory;
import java.util.List;

/**
 * Everything NVML says of one GPU, or of one MIG slice of it, at one moment.
 *
 * @param index the driver's, in the order of the PCI bus; of a slice, its number on its GPU
 * @param memoryV1 counts memory that the driver keeps to itself as used
 * @param memoryV2 shows that memory apart; free is the same
 * @param slices the MIG devices; empty unless MIG is on
 */
record NvmlDevice(
        int index,
        NvmlAnswer<String> name,
        NvmlAnswer<String> uuid,
        NvmlAnswer<String> pciBusId,
        NvmlAnswer<DeviceMemory> memoryV1,
        NvmlAnswer<MemoryV2> memoryV2,
        NvmlAnswer<Integer> utilisationPct,
        NvmlAnswer<Integer> temperatureCelsius,
        NvmlAnswer<Integer> powerMilliwatt,
        NvmlAnswer<Integer> computeMode,
        NvmlAnswer<MigMode> migMode,
        NvmlAnswer<List<NvmlProcess>> computeProcesses,
        NvmlAnswer<List<NvmlProcess>> graphicsProcesses,
        List<NvmlDevice> slices) {

    NvmlDevice {
        slices = List.copyOf(slices);
    }

    record MemoryV2(long totalBytes, long reservedBytes, long freeBytes, long usedBytes) {}

    record MigMode(boolean enabled, boolean enabledAfterReset) {}
}
