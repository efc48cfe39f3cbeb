package dev.hart.gpu;

/**
 * The memory of one device as leases see it, in bytes.
 *
 * @param plannableBytes what a lease could get now
 * @param untrackedBytes what processes without a lease hold
 * @param activeBytes in leases whose model is loaded
 * @param reservedBytes in leases whose model is being loaded, or is promised to a request that waits for others to give way
 * @param driftBytes what is in use beyond all leases and the usual overhead; may be negative
 */
public record DeviceStatus(
        Device device,
        long plannableBytes,
        long untrackedBytes,
        long activeBytes,
        long reservedBytes,
        long driftBytes) {

    /** Whether so much is in use beyond all leases that one of them takes more than it said: more than 1 GiB. */
    public boolean isDriftSuspicious() {
        return driftBytes > Sizes.GIB;
    }

    /** Of the device's total, with one decimal. */
    public double driftPct() {
        long total = device.memory().map(DeviceMemory::totalBytes).orElse(0L);
        return total == 0 ? 0 : Math.round(1000.0 * driftBytes / total) / 10.0;
    }
}
