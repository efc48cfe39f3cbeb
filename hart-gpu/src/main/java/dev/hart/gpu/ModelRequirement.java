package dev.hart.gpu;

/**
 * How much memory a model takes, in bytes.
 *
 * @param name letters, digits, {@code . _ -}
 * @param peakBytes of one GPU while it works: what a lease reserves
 * @param residentBytes of one GPU between calls; at most {@code peakBytes}
 * @param offloadGpuBytes of the GPU when the rest of it is in the machine's memory; 0 when it cannot be split
 * @param ramBytes of the machine's memory when it runs there, in part or whole; 0 when it cannot
 */
public record ModelRequirement(String name, long peakBytes, long residentBytes, long offloadGpuBytes, long ramBytes) {

    public ModelRequirement {
        Sizes.requireName("name", name);
        Sizes.requirePositive("peakBytes of " + name, peakBytes);
        if (residentBytes < 0 || residentBytes > peakBytes) {
            throw new IllegalArgumentException("residentBytes of %s must be from 0 to its peakBytes %d, was %d"
                    .formatted(name, peakBytes, residentBytes));
        }
        if (offloadGpuBytes < 0 || offloadGpuBytes > peakBytes) {
            throw new IllegalArgumentException("offloadGpuBytes of %s must be from 0 to its peakBytes %d, was %d"
                    .formatted(name, peakBytes, offloadGpuBytes));
        }
        if (ramBytes < 0 || (ramBytes == 0 && offloadGpuBytes > 0)) {
            throw new IllegalArgumentException(
                    "ramBytes of %s must be 0 or more, and more than 0 when it can be split, was %d"
                            .formatted(name, ramBytes));
        }
    }

    /** A model that takes one amount, always, and runs on a GPU only. */
    public static ModelRequirement ofBytes(String name, long bytes) {
        return new ModelRequirement(name, bytes, bytes, 0, 0);
    }

    /** The same after its peak was measured. */
    public ModelRequirement withMeasuredPeak(long bytes) {
        return new ModelRequirement(
                name, bytes, Math.min(residentBytes, bytes), Math.min(offloadGpuBytes, bytes), ramBytes);
    }
}
