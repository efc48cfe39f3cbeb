package dev.hart.gpu;

/**
 * Memory of a device as its driver reports it, in bytes.
 *
 * @param totalBytes more than zero
 * @param freeBytes 0 to {@code totalBytes}; what no process holds
 */
public record DeviceMemory(long totalBytes, long freeBytes) {
    public DeviceMemory {
        if (totalBytes <= 0) {
            throw new IllegalArgumentException("totalBytes must be more than zero, was " + totalBytes);
        }
        if (freeBytes < 0 || freeBytes > totalBytes) {
            throw new IllegalArgumentException(
                    "freeBytes must be from 0 to totalBytes " + totalBytes + ", was " + freeBytes);
        }
    }

    /** What all processes and the driver hold, in bytes. */
    public long usedBytes() {
        return totalBytes - freeBytes;
    }
}
