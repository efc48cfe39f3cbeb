package dev.hart.gpu.catalogue;

import dev.hart.gpu.Device;
import dev.hart.gpu.DeviceHealth;
import dev.hart.gpu.DeviceKind;
import dev.hart.gpu.DeviceStatus;
import dev.hart.gpu.GpuStatus;

/**
 * How much room a machine has for one more model.
 *
 * @param gpuBytes what a lease could get on the one GPU that has the most; 0 without a GPU
 * @param ramBytes what a lease could get of the machine's memory
 * @param tier of the machine
 */
public record Headroom(long gpuBytes, long ramBytes, MachineTier tier) {
    public Headroom {
        if (gpuBytes < 0 || ramBytes < 0) {
            throw new IllegalArgumentException(
                    "gpuBytes and ramBytes must be 0 or more, were " + gpuBytes + " and " + ramBytes);
        }
    }

    /** What leases could get at that moment. */
    public static Headroom of(GpuStatus status, MachineTier tier) {
        long gpu = 0;
        long ram = 0;
        for (DeviceStatus device : status.devices()) {
            if (isUsable(device.device())) {
                if (device.device().kind() == DeviceKind.CPU) {
                    ram = Math.max(ram, device.plannableBytes());
                } else {
                    gpu = Math.max(gpu, device.plannableBytes());
                }
            }
        }
        return new Headroom(gpu, ram, tier);
    }

    private static boolean isUsable(Device device) {
        return device.health() != DeviceHealth.LOST;
    }
}
