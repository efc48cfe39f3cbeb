package dev.hart.gpu.probe;

import com.sun.jna.Platform;
import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.DeviceProbe;
import dev.hart.gpu.GraphicsCard;
import dev.hart.gpu.machine.SystemSnapshot;
import dev.hart.gpu.model.MachineLoad;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Supplier;

/** The probes of the machine that this JVM runs on. */
public final class SystemProbes {
    private SystemProbes() {}

    /** None of them does anything before its first reading. */
    public static List<DeviceProbe> all() {
        CommandRunner commands = new Commands();
        HostFacts host = new HostFacts();
        List<DeviceProbe> probes = new ArrayList<>();
        probes.add(new NvidiaProbe(NvmlLibrary::load, commands, System.getenv("CUDA_VISIBLE_DEVICES")));
        probes.add(new RocmProbe(commands, Path.of("/sys")));
        if (isMac()) {
            probes.add(new MetalProbe(commands, host::memory));
        }
        probes.add(new CpuProbe(host));
        return List.copyOf(probes);
    }

    /** What the operating system lists as graphics cards; empty when it cannot tell. */
    public static List<GraphicsCard> graphicsCards() {
        return new HostFacts().graphicsCards();
    }

    /**
     * How busy the machine is. The processor's part begins with the second call.
     *
     * @param storage on the disk of which free space is counted
     */
    public static Supplier<MachineLoad> machineLoad(Path storage) {
        HostFacts host = new HostFacts();
        return () -> {
            Optional<DeviceMemory> memory = host.memory();
            return new MachineLoad(
                    asDouble(host.processorLoadPct()),
                    memory.map(read -> OptionalDouble.of(100.0 * read.usedBytes() / read.totalBytes()))
                            .orElse(OptionalDouble.empty()),
                    host.diskFreeBytes(storage),
                    memory,
                    host.batteryPct());
        };
    }

    /**
     * Everything that {@link SystemSnapshot} has of the machine; its GPUs are told by {@code gpu}. The processor's part begins with
     * the second call.
     *
     * @param storage on the disk that is read
     */
    public static Supplier<SystemSnapshot> snapshots(
            Path storage, InstantSource clock, Supplier<Optional<DeviceMemory>> gpu) {
        HostFacts host = new HostFacts();
        return () -> new SystemSnapshot(
                clock.instant(),
                asDouble(host.processorLoadPct()),
                host.memory(),
                host.swap(),
                host.disk(storage),
                host.disks(),
                host.networks(),
                host.largestProcesses(SystemSnapshot.MOST_PROCESSES),
                gpu.get());
    }

    private static OptionalDouble asDouble(OptionalInt value) {
        return value.isPresent() ? OptionalDouble.of(value.getAsInt()) : OptionalDouble.empty();
    }

    private static boolean isMac() {
        try {
            return Platform.isMac();
        } catch (LinkageError e) {
            return false; // JNA has no native part for this system: it is none that JNA knows
        }
    }
}
