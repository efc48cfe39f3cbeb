package dev.hart.gpu.probe;

import dev.hart.gpu.Device;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@code CUDA_VISIBLE_DEVICES} leaves of a machine's devices. Its entries are numbers, or the beginnings of UUIDs. As with
 * CUDA, all behind the first entry that names no device is ignored. A number is taken as the driver's, as with {@code
 * CUDA_DEVICE_ORDER=PCI_BUS_ID}.
 */
final class VisibleDevices {
    private VisibleDevices() {}

    /** All of them when {@code value} is null, in the order of the driver. */
    static List<Device> filter(@Nullable String value, List<Device> devices) {
        if (value == null) {
            return devices;
        }
        Set<Device> visible = new LinkedHashSet<>();
        for (String entry : value.split(",", -1)) {
            Optional<Device> named = find(entry.strip(), devices);
            if (named.isEmpty()) {
                break;
            }
            visible.add(named.get());
        }
        return devices.stream().filter(visible::contains).toList();
    }

    private static Optional<Device> find(String entry, List<Device> devices) {
        if (entry.isEmpty()) {
            return Optional.empty();
        }
        return devices.stream()
                .filter(device -> entry.matches("[0-9]{1,9}")
                        ? device.id().equals("cuda:" + Integer.parseInt(entry))
                        : device.uuid().startsWith(entry))
                .findFirst();
    }
}
