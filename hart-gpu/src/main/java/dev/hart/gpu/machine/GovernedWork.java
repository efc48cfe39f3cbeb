package dev.hart.gpu.machine;

/** What work in the background takes most of. */
public enum GovernedWork {
    /** Little of anything. */
    LIGHT,
    GPU,
    CPU_HEAVY,
    DISK_HEAVY,
    NETWORK_HEAVY
}
