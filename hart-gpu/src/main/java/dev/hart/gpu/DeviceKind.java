package dev.hart.gpu;

/** Through what a device computes. The order is that in which kinds are tried for a request that names none. */
public enum DeviceKind {
    CUDA,
    ROCM,
    /** Apple's: the memory is the machine's. */
    METAL,
    CPU;

    /** Lower case, as in {@link Device#id}. */
    public String wireName() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** Whether it is a GPU's. */
    public boolean isGpu() {
        return this != CPU;
    }
}
