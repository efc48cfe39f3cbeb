package dev.hart.gpu.probe;

import java.util.OptionalLong;

/**
 * A process that holds a context on a device.
 *
 * @param pid as the driver counts: of the host, even where the JVM runs in a container
 * @param usedBytes unknown where the driver cannot tell, as on Windows and across containers
 */
record NvmlProcess(long pid, OptionalLong usedBytes) {}
