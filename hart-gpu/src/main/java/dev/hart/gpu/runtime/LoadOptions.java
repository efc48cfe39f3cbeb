package dev.hart.gpu.runtime;

import dev.hart.gpu.LeaseMode;
import java.util.Objects;

/**
 * How a model is loaded.
 *
 * @param mode where it computes, as its lease says
 * @param gpuLayers of a model that is split, how many layers are on the GPU; used in {@link LeaseMode#CPU_OFFLOAD} only
 * @param threads for computing on the processor; 0 for one per core that the JVM may use
 * @param contextTokens most tokens of prompt and answer together, for each caller; 0 for what the model was trained for
 * @param parallel how many callers are served at the same time, each with its own share of memory; others wait
 */
public record LoadOptions(LeaseMode mode, int gpuLayers, int threads, int contextTokens, int parallel) {
    private static final int MOST_PARALLEL = 64;

    public LoadOptions {
        Objects.requireNonNull(mode, "mode");
        requireRange("gpuLayers", gpuLayers, 0, 10_000);
        requireRange("threads", threads, 0, 1_024);
        requireRange("contextTokens", contextTokens, 0, 1 << 24);
        requireRange("parallel", parallel, 1, MOST_PARALLEL);
    }

    /** On the processor, all of its cores, one caller at a time. */
    public static LoadOptions onCpu() {
        return new LoadOptions(LeaseMode.CPU, 0, 0, 0, 1);
    }

    /** Where a lease says; one caller at a time. */
    public static LoadOptions on(LeaseMode mode) {
        return new LoadOptions(mode, 0, 0, 0, 1);
    }

    public LoadOptions gpuLayers(int layers) {
        return new LoadOptions(mode, layers, threads, contextTokens, parallel);
    }

    public LoadOptions threads(int count) {
        return new LoadOptions(mode, gpuLayers, count, contextTokens, parallel);
    }

    public LoadOptions contextTokens(int tokens) {
        return new LoadOptions(mode, gpuLayers, threads, tokens, parallel);
    }

    public LoadOptions parallel(int callers) {
        return new LoadOptions(mode, gpuLayers, threads, contextTokens, callers);
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
