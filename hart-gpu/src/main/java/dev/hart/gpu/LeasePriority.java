package dev.hart.gpu;

/** How urgent a request is, most urgent first. A request that waits moves up a class every 60 seconds. */
public enum LeasePriority {
    SYSTEM,
    INTERACTIVE,
    NORMAL,
    BATCH
}
