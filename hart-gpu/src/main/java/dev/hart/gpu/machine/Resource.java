package dev.hart.gpu.machine;

/** What a machine can run short of. */
public enum Resource {
    CPU,
    RAM,
    SWAP,
    DISK
}
