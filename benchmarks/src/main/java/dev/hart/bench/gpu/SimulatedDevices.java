package dev.hart.bench.gpu;

import dev.hart.gpu.Device;
import dev.hart.gpu.DeviceKind;
import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.DeviceProbe;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.ProbeReading;
import dev.hart.spi.LeaseJournal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Devices that are not there: how leases are given does not depend on what computes. */
final class SimulatedDevices {
    private SimulatedDevices() {}

    static Gpus open(List<Optional<DeviceMemory>> memory) {
        return Gpus.configure()
                .probes(List.of(probe(memory)))
                .withoutBackgroundThread()
                .open();
    }

    /** So many devices of 81 GiB, of which 80 can be leased. */
    static Gpus ofEightyGib(int count, LeaseJournal journal) {
        return Gpus.configure()
                .probes(List.of(eightyGib(count)))
                .journal(journal)
                .open();
    }

    static Gpus ofEightyGib(int count) {
        return Gpus.configure().probes(List.of(eightyGib(count))).open();
    }

    private static DeviceProbe eightyGib(int count) {
        List<Optional<DeviceMemory>> memory = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            memory.add(Optional.of(new DeviceMemory(81L << 30, 81L << 30)));
        }
        return probe(memory);
    }

    private static DeviceProbe probe(List<Optional<DeviceMemory>> memory) {
        return now -> {
            List<Device> devices = new ArrayList<>();
            for (int i = 0; i < memory.size(); i++) {
                devices.add(Device.of(DeviceKind.CUDA, i, "GPU-" + i, "Simulated", memory.get(i), now));
            }
            return ProbeReading.Found.of(devices);
        };
    }
}
