package dev.hart.gpu.machine;

import dev.hart.gpu.Device;
import dev.hart.gpu.DeviceHealth;
import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.Gpus;
import java.util.List;
import java.util.Optional;

/** The GPUs that work here and say how much memory they have. */
final class UsableGpus {
    private UsableGpus() {}

    /** Of each of them; of none for a thread that is interrupted, which it stays. */
    static List<DeviceMemory> memory(Gpus gpus) {
        try {
            return gpus.devices().stream()
                    .filter(device -> device.kind().isGpu() && device.health() == DeviceHealth.OK)
                    .map(Device::memory)
                    .flatMap(Optional::stream)
                    .toList();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }
}
