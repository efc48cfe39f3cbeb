package dev.hart.gpu.probe;

import dev.hart.gpu.Device;
import dev.hart.gpu.DeviceHealth;
import dev.hart.gpu.DeviceKind;
import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.DeviceProbe;
import dev.hart.gpu.ProbeReading;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The processors together as one device, with the machine's memory. */
final class CpuProbe implements DeviceProbe {
    private final HostFacts host;

    CpuProbe(HostFacts host) {
        this.host = host;
    }

    @Override
    public ProbeReading read(Instant now) {
        Optional<DeviceMemory> memory = host.memory();
        return ProbeReading.Found.of(List.of(new Device(
                "cpu:0",
                DeviceKind.CPU,
                0,
                "cpu:0",
                Optional.empty(),
                host.processorName(),
                memory,
                host.processorLoadPct(),
                Optional.empty(),
                memory.isPresent() ? DeviceHealth.OK : DeviceHealth.DEGRADED,
                now)));
    }
}
