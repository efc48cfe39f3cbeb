package dev.hart.gpu;

import java.time.Instant;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A compute device as its driver described it at one moment.
 *
 * @param id {@code cuda:0}, {@code rocm:1}, {@code metal:0}, {@code cpu:0}; of a MIG slice {@code cuda:0:1}. Can name another
 *     device after a restart
 * @param index the driver's number
 * @param uuid names the device for good; of kinds that have none, the PCI address or the {@link #id}
 * @param memory empty when the driver cannot tell: such a device gets no leases
 * @param utilisationPct 0 to 100; empty on MIG slices and where the driver does not count
 * @param observedAt when the driver said so
 */
public record Device(
        String id,
        DeviceKind kind,
        int index,
        String uuid,
        Optional<String> pciBusId,
        String name,
        Optional<DeviceMemory> memory,
        OptionalInt utilisationPct,
        Optional<String> driverVersion,
        DeviceHealth health,
        Instant observedAt) {

    /** By kind, then by the driver's number. */
    static final Comparator<Device> ORDER =
            Comparator.comparing(Device::kind).thenComparingInt(Device::index).thenComparing(Device::id);

    public Device {
        Objects.requireNonNull(pciBusId, "pciBusId");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(memory, "memory");
        Objects.requireNonNull(utilisationPct, "utilisationPct");
        Objects.requireNonNull(driverVersion, "driverVersion");
        Objects.requireNonNull(observedAt, "observedAt");
        if (id.isBlank() || uuid.isBlank()) {
            throw new IllegalArgumentException("a device has an id and a uuid; they were '" + id + "', '" + uuid + "'");
        }
        if (index < 0) {
            throw new IllegalArgumentException("index of " + id + " must be 0 or more, was " + index);
        }
    }

    /** A device of which no more is known than what planning needs; {@code DEGRADED} without memory. */
    public static Device of(
            DeviceKind kind, int index, String uuid, String name, Optional<DeviceMemory> memory, Instant at) {
        return new Device(
                kind.wireName() + ":" + index,
                kind,
                index,
                uuid,
                Optional.empty(),
                name,
                memory,
                OptionalInt.empty(),
                Optional.empty(),
                memory.isPresent() ? DeviceHealth.OK : DeviceHealth.DEGRADED,
                at);
    }

    /** The same device in another state of health. */
    public Device withHealth(DeviceHealth now) {
        return new Device(
                id, kind, index, uuid, pciBusId, name, memory, utilisationPct, driverVersion, now, observedAt);
    }
}
