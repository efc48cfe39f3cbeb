package dev.hart.security.node;

import dev.hart.spi.DeviceFacts;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what this process may use of its machine. The limits of a container (cgroup, version 1 and 2) count where they are lower
 * than the machine. Changes nothing and uses no network. Thread-safe.
 */
public final class CapabilityProbe {
    private static final Logger LOG = LoggerFactory.getLogger(CapabilityProbe.class);
    private static final double GB = 1L << 30;

    private final Path dataDirectory;
    private final InstantSource clock;
    private final ContainerLimits limits;
    private final Iterable<DeviceFacts> devices;
    private final int processors;

    CapabilityProbe(
            Path dataDirectory,
            InstantSource clock,
            ContainerLimits limits,
            Iterable<DeviceFacts> devices,
            int processors) {
        this.dataDirectory = dataDirectory;
        this.clock = clock;
        this.limits = limits;
        this.devices = devices;
        this.processors = processors;
    }

    /**
     * A probe of this machine. Devices are found when {@code hart-gpu} is there.
     *
     * @param dataDirectory whose disk counts; need not exist yet
     */
    public static CapabilityProbe of(Path dataDirectory, InstantSource clock) {
        return new CapabilityProbe(
                dataDirectory,
                clock,
                new ContainerLimits(Path.of("/")),
                ServiceLoader.load(DeviceFacts.class),
                Runtime.getRuntime().availableProcessors());
    }

    /** Reads every figure now. Asking devices may take a second. */
    public HardwareProfile probe() throws InterruptedException {
        return new HardwareProfile(processors(), memory(), disk(), videoMemory(), clock.instant());
    }

    private Figure processors() {
        Figure machine = new Figure.Known(processors, "processors of the Java runtime");
        return lower(machine, limits.processors());
    }

    private Figure memory() {
        Figure machine = limits.machineMemoryBytes()
                .map(bytes -> (Figure) new Figure.Known(bytes / GB, "/proc/meminfo"))
                .orElseGet(CapabilityProbe::memoryOfTheRuntime);
        return lower(machine, limits.memoryBytes().map(bytes -> bytes / GB));
    }

    private static Figure memoryOfTheRuntime() {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                && system.getTotalMemorySize() > 0) {
            return new Figure.Known(system.getTotalMemorySize() / GB, "the Java runtime");
        }
        return new Figure.Unknown("neither /proc/meminfo nor the Java runtime tells");
    }

    private static Figure lower(Figure machine, Optional<Double> limit) {
        if (limit.isEmpty() || (machine instanceof Figure.Known known && known.value() <= limit.get())) {
            return machine;
        }
        return new Figure.Known(limit.get(), "limit of the container");
    }

    private Figure disk() {
        Path existing = dataDirectory.toAbsolutePath();
        while (existing.getParent() != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        try {
            return new Figure.Known(Files.getFileStore(existing).getUsableSpace() / GB, "disk of " + existing);
        } catch (IOException | RuntimeException e) {
            LOG.debug("the disk of {} does not tell its space", existing, e);
            return new Figure.Unknown("the disk of " + existing + " does not tell");
        }
    }

    private Figure videoMemory() throws InterruptedException {
        try {
            for (DeviceFacts facts : devices) {
                DeviceFacts.VideoMemory memory = facts.videoMemory();
                return memory instanceof DeviceFacts.VideoMemory.Known known
                        ? new Figure.Known(known.bytes() / GB, known.devices())
                        : new Figure.Unknown(((DeviceFacts.VideoMemory.Unknown) memory).reason());
            }
        } catch (ServiceConfigurationError | RuntimeException e) {
            LOG.warn("the devices of this machine cannot be asked", e);
            return new Figure.Unknown("asking the devices failed: " + e.getMessage());
        }
        return new Figure.Known(0, "hart-gpu is not there to look for devices");
    }
}
