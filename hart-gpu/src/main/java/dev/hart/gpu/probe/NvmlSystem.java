package dev.hart.gpu.probe;

import java.util.List;

/**
 * One reading of NVML.
 *
 * @param cudaVersion 1000 × major + 10 × minor, such as 12040 for 12.4
 */
record NvmlSystem(
        NvmlAnswer<String> driverVersion,
        NvmlAnswer<String> nvmlVersion,
        NvmlAnswer<Integer> cudaVersion,
        NvmlAnswer<Integer> count,
        List<NvmlAnswer<NvmlDevice>> devices) {

    NvmlSystem {
        devices = List.copyOf(devices);
    }
}
