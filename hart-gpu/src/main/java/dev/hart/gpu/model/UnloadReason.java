package dev.hart.gpu.model;

/** Why a model is no longer loaded. */
public enum UnloadReason {
    /** {@link Model#unload}. */
    ASKED,
    /** It was not used for longer than its idle timeout. */
    IDLE,
    /** A lease of higher or equal class needed its memory. */
    EVICTED,
    /** {@link Models#swap}. */
    SWAPPED,
    /** To be loaded again with less of the GPU. */
    OFFLOADED,
    /** Too much GPU memory was in use. */
    VRAM_PRESSURE,
    /** Too much of the machine's memory was in use. */
    RAM_PRESSURE,
    /** The processor had too much to do. */
    CPU_PRESSURE,
    /** {@link Models#unloadIdle}, to relieve the machine. */
    OPTIMIZED,
    /** Its lease ended: the device is gone, or it was taken away. */
    LEASE_ENDED,
    /** Its process ended with exit code 0 and nobody had asked for it. */
    CLEAN_EXIT,
    /** {@link Models#close}. */
    CLOSED
}
