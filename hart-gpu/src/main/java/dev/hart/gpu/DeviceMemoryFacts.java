package dev.hart.gpu;

import dev.hart.spi.DeviceFacts;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The memory of this machine's GPUs, of the kind that has the most of it. A device whose memory the driver does not tell makes
 * the sum unknown, unless another kind is known. Each call reads the devices anew. Thread-safe.
 */
public final class DeviceMemoryFacts implements DeviceFacts {

    /** Found by {@link java.util.ServiceLoader}. */
    public DeviceMemoryFacts() {}

    @Override
    public VideoMemory videoMemory() throws InterruptedException {
        try (Gpus gpus = Gpus.configure().withoutBackgroundThread().open()) {
            return of(gpus.devices());
        }
    }

    static VideoMemory of(List<Device> devices) {
        Map<DeviceKind, Long> bytes = new EnumMap<>(DeviceKind.class);
        Map<DeviceKind, Integer> count = new EnumMap<>(DeviceKind.class);
        Map<DeviceKind, String> silent = new EnumMap<>(DeviceKind.class);
        for (Device device : devices) {
            if (!device.kind().isGpu() || device.health() == DeviceHealth.LOST) {
                continue;
            }
            if (device.memory().isEmpty()) {
                silent.put(device.kind(), device.id());
            } else {
                bytes.merge(device.kind(), device.memory().get().totalBytes(), Long::sum);
                count.merge(device.kind(), 1, Integer::sum);
            }
        }
        return bytes.entrySet().stream()
                .filter(entry -> !silent.containsKey(entry.getKey()))
                .max(Comparator.comparingLong(Map.Entry<DeviceKind, Long>::getValue))
                .<VideoMemory>map(entry -> new VideoMemory.Known(
                        entry.getValue(), words(count.getOrDefault(entry.getKey(), 0), entry.getKey())))
                .orElseGet(() -> silent.isEmpty()
                        ? new VideoMemory.Known(0, "no GPU found")
                        : new VideoMemory.Unknown(
                                "the driver does not tell the memory of " + String.join(", ", silent.values())));
    }

    private static String words(int count, DeviceKind kind) {
        return count + " " + kind.wireName() + (count == 1 ? " device" : " devices");
    }
}
