package dev.hart.gpu.runtime;

import dev.hart.gpu.LeaseMode;
import java.util.List;
import java.util.Objects;

/**
 * How a model is loaded.
 *
 * @param mode where it computes, as its lease says
 * @param gpuLayers of a model that is split, how many layers are on the GPU; used in {@link LeaseMode#CPU_OFFLOAD} only
 * @param threads for computing on the processor; 0 for one per core that the JVM may use
 * @param contextTokens most tokens of prompt and answer together, for each caller; 0 for what the model was trained for
 * @param parallel how many callers are served at the same time, each with its own share of memory; others wait
 * @param cudaDevices the uuids of the CUDA devices that an engine in a process of its own may use; empty for all that this process
 *     may
 */
public record LoadOptions(
        LeaseMode mode, int gpuLayers, int threads, int contextTokens, int parallel, List<String> cudaDevices) {
    private static final int MOST_PARALLEL = 64;

    public LoadOptions {
        Objects.requireNonNull(mode, "mode");
        requireRange("gpuLayers", gpuLayers, 0, 10_000);
        requireRange("threads", threads, 0, 1_024);
        requireRange("contextTokens", contextTokens, 0, 1 << 24);
        requireRange("parallel", parallel, 1, MOST_PARALLEL);
        cudaDevices = List.copyOf(cudaDevices);
        for (String device : cudaDevices) {
            if (device.isBlank() || device.contains(",")) {
                throw new IllegalArgumentException(
                        "cudaDevices must be uuids such as GPU-5d1c…, one of them was '" + device + "'");
            }
        }
    }

    /** On the processor, all of its cores, one caller at a time. */
    public static LoadOptions onCpu() {
        return new LoadOptions(LeaseMode.CPU, 0, 0, 0, 1, List.of());
    }

    /** Where a lease says; one caller at a time. */
    public static LoadOptions on(LeaseMode mode) {
        return new LoadOptions(mode, 0, 0, 0, 1, List.of());
    }

    public LoadOptions gpuLayers(int layers) {
        return new LoadOptions(mode, layers, threads, contextTokens, parallel, cudaDevices);
    }

    public LoadOptions threads(int count) {
        return new LoadOptions(mode, gpuLayers, count, contextTokens, parallel, cudaDevices);
    }

    public LoadOptions contextTokens(int tokens) {
        return new LoadOptions(mode, gpuLayers, threads, tokens, parallel, cudaDevices);
    }

    public LoadOptions parallel(int callers) {
        return new LoadOptions(mode, gpuLayers, threads, contextTokens, callers, cudaDevices);
    }

    public LoadOptions cudaDevices(List<String> uuids) {
        return new LoadOptions(mode, gpuLayers, threads, contextTokens, parallel, uuids);
    }

    /** The number of threads, with 0 resolved. */
    public int threadCount() {
        return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    }

    private static void requireRange(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException("%s must be from %d to %d, was %d".formatted(name, least, most, value));
        }
    }
}
