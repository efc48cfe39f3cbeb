package dev.hart.gpu;

/** Whether a device can be counted on. */
public enum DeviceHealth {
    OK,
    /** The driver lists it but could not tell its memory, or did not answer when it was asked last. */
    DEGRADED,
    /** The driver lists it no more, or has not answered three times in a row. */
    LOST
}
