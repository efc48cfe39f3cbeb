package dev.hart.gpu;

import java.util.List;

/**
 * Devices and leases at one moment.
 *
 * @param leases that hold memory, oldest first
 * @param waiting how many requests wait
 */
public record GpuStatus(List<DeviceStatus> devices, List<VramLease> leases, int waiting) {
    public GpuStatus {
        devices = List.copyOf(devices);
        leases = List.copyOf(leases);
    }
}
