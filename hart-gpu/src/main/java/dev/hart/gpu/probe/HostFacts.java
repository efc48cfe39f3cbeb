package dev.hart.gpu.probe;

import com.sun.management.OperatingSystemMXBean;
import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.GraphicsCard;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import oshi.SystemInfo;
import oshi.hardware.CentralProcessor;
import oshi.hardware.GlobalMemory;
import oshi.hardware.HardwareAbstractionLayer;

/** Processor, memory and graphics cards as the operating system describes them. The first call takes about half a second. */
final class HostFacts {
    private static final Logger log = LoggerFactory.getLogger(HostFacts.class);

    private @Nullable HardwareAbstractionLayer hardware;
    private boolean absent;
    private long @Nullable [] ticks;

    /** The machine's memory, or what the container that the JVM runs in may use of it. */
    Optional<DeviceMemory> memory() {
        if (!(ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean jvm)) {
            return machineMemory();
        }
        long total = jvm.getTotalMemorySize();
        Optional<DeviceMemory> machine = machineMemory();
        // The JVM knows the container's limit, but counts as used what the system's caches would give back.
        if (machine.isPresent() && machine.get().totalBytes() <= total) {
            return machine;
        }
        return total <= 0
                ? Optional.empty()
                : Optional.of(new DeviceMemory(total, Math.max(0, Math.min(jvm.getFreeMemorySize(), total))));
    }

    private Optional<DeviceMemory> machineMemory() {
        HardwareAbstractionLayer machine = hardware();
        if (machine == null) {
            return Optional.empty();
        }
        GlobalMemory memory = machine.getMemory();
        long total = memory.getTotal();
        return total <= 0
                ? Optional.empty()
                : Optional.of(new DeviceMemory(total, Math.max(0, Math.min(memory.getAvailable(), total))));
    }

    String processorName() {
        HardwareAbstractionLayer machine = hardware();
        String name = machine == null
                ? ""
                : machine.getProcessor().getProcessorIdentifier().getName().strip();
        return name.isEmpty() ? System.getProperty("os.arch", "processor") : name;
    }

    /** Since the call before; empty at the first. */
    synchronized OptionalInt processorLoadPct() {
        HardwareAbstractionLayer machine = hardware();
        if (machine == null) {
            return OptionalInt.empty();
        }
        CentralProcessor processor = machine.getProcessor();
        long[] before = ticks;
        ticks = processor.getSystemCpuLoadTicks();
        if (before == null) {
            return OptionalInt.empty();
        }
        long percent = Math.round(100 * processor.getSystemCpuLoadBetweenTicks(before, ticks));
        return percent < 0 || percent > 100 ? OptionalInt.empty() : OptionalInt.of((int) percent);
    }

    /** Empty when the folder is not there. */
    OptionalLong diskFreeBytes(Path folder) {
        try {
            return OptionalLong.of(Files.getFileStore(folder).getUsableSpace());
        } catch (IOException e) {
            log.debug("the disk of {} cannot be read", folder, e);
            return OptionalLong.empty();
        }
    }

    List<GraphicsCard> graphicsCards() {
        HardwareAbstractionLayer machine = hardware();
        if (machine == null) {
            return List.of();
        }
        return machine.getGraphicsCards().stream()
                .map(card -> new GraphicsCard(
                        String.valueOf(card.getName()),
                        String.valueOf(card.getVendor()),
                        String.valueOf(card.getDeviceId()),
                        Math.max(0, card.getVRam())))
                .toList();
    }

    private synchronized @Nullable HardwareAbstractionLayer hardware() {
        if (hardware == null && !absent) {
            try {
                hardware = new SystemInfo().getHardware();
            } catch (LinkageError | UnsupportedOperationException | IllegalStateException e) {
                absent = true;
                log.warn("the operating system's description of this machine cannot be read: {}", e.toString());
            }
        }
        return hardware;
    }
}
