package dev.hart.gpu;

/** Where a model runs under a lease. */
public enum LeaseMode {
    GPU,
    /** A part of it on the GPU, the rest in the machine's memory. */
    CPU_OFFLOAD,
    CPU
}
