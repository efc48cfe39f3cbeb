package dev.hart.gpu.catalogue;

import java.util.OptionalLong;

/**
 * How llama-server runs a file.
 *
 * @param gpuLayers -1 for all, 0 for none
 * @param context in tokens
 * @param threads at least 1
 */
public record LlamaServerSettings(int gpuLayers, int context, int threads) {
    private static final int ALL = -1;
    private static final int USUAL_LAYERS = 40;
    private static final int LONG_CONTEXT = 8192;
    private static final int MIDDLE_CONTEXT = 4096;
    private static final int SHORT_CONTEXT = 2048;

    /**
     * What suits a machine. All layers go to the GPU when it has room for the file and a tenth of it, else their share; the context
     * is long when 2 GiB are left beside the file, short on the processor, and shorter with little memory.
     *
     * @param fileBytes of the model, more than 0
     * @param freeGpuBytes of the GPU; empty without one
     * @param ramBytes of the machine
     * @param cores of the machine, at least 1
     * @param layers of the model, as {@link GgufHeader#layers} tells; empty when unknown
     */
    public static LlamaServerSettings of(
            long fileBytes, OptionalLong freeGpuBytes, long ramBytes, int cores, OptionalLong layers) {
        if (fileBytes <= 0 || ramBytes < 0 || cores < 1 || freeGpuBytes.orElse(0) < 0) {
            throw new IllegalArgumentException(
                    "fileBytes and cores must be more than 0, ramBytes and freeGpuBytes 0 or more, were %d, %d, %d, %d"
                            .formatted(fileBytes, cores, ramBytes, freeGpuBytes.orElse(0)));
        }
        boolean onGpu = freeGpuBytes.isPresent();
        long free = freeGpuBytes.orElse(0);
        int context = !onGpu ? SHORT_CONTEXT : free - fileBytes >= 2 * Gib.ONE ? LONG_CONTEXT : MIDDLE_CONTEXT;
        if (ramBytes < 2 * Gib.ONE) {
            context = Math.min(context, SHORT_CONTEXT);
        } else if (ramBytes < 4 * Gib.ONE) {
            context = Math.min(context, MIDDLE_CONTEXT);
        }
        int threads = Math.max(1, Math.min(onGpu ? cores / 2 : cores - 1, (int) (0.75 * cores)));
        return new LlamaServerSettings(onGpu ? gpuLayers(fileBytes, free, layers) : 0, context, threads);
    }

    private static int gpuLayers(long fileBytes, long free, OptionalLong layers) {
        if (free >= fileBytes + (fileBytes + 9) / 10) {
            return ALL;
        }
        long share = Math.max(1, (long) ((double) free / fileBytes * USUAL_LAYERS));
        return (int) Math.min(share, Math.max(1, layers.orElse(share)));
    }
}
