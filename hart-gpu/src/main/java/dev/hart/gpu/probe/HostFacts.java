package dev.hart.gpu.probe;

import com.sun.management.OperatingSystemMXBean;
import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.GraphicsCard;
import dev.hart.gpu.machine.ProcessMemory;
import dev.hart.gpu.machine.Traffic;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import oshi.SystemInfo;
import oshi.hardware.CentralProcessor;
import oshi.hardware.GlobalMemory;
import oshi.hardware.HWDiskStore;
import oshi.hardware.HardwareAbstractionLayer;
import oshi.hardware.NetworkIF;
import oshi.hardware.PowerSource;
import oshi.hardware.VirtualMemory;
import oshi.software.os.OperatingSystem;

/**
 * Processor, memory, disks, network, battery, processes and graphics cards as the operating system describes them. The first call
 * takes about half a second.
 */
final class HostFacts {
    private static final Logger log = LoggerFactory.getLogger(HostFacts.class);

    private static final List<String> OTHER_BATTERIES =
            List.of("hid", "wacom", "ps-controller", "sony_controller", "nintendo");

    private @Nullable SystemInfo system;
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
        return of(total, jvm.getFreeMemorySize());
    }

    private Optional<DeviceMemory> machineMemory() {
        HardwareAbstractionLayer machine = hardware();
        if (machine == null) {
            return Optional.empty();
        }
        GlobalMemory memory = machine.getMemory();
        return of(memory.getTotal(), memory.getAvailable());
    }

    /** Empty without swap space. */
    Optional<DeviceMemory> swap() {
        HardwareAbstractionLayer machine = hardware();
        if (machine == null) {
            return Optional.empty();
        }
        VirtualMemory swap = machine.getMemory().getVirtualMemory();
        return of(swap.getSwapTotal(), swap.getSwapTotal() - swap.getSwapUsed());
    }

    private static Optional<DeviceMemory> of(long total, long free) {
        return total <= 0 ? Optional.empty() : Optional.of(new DeviceMemory(total, Math.max(0, Math.min(free, total))));
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

    /** How full the batteries are that the machine runs on; empty on mains and without one. */
    OptionalDouble batteryPct() {
        HardwareAbstractionLayer machine = hardware();
        if (machine == null) {
            return OptionalDouble.empty();
        }
        return machine.getPowerSources().stream()
                .filter(source -> source.isDischarging() && !source.isPowerOnLine() && isOfTheMachine(source.getName()))
                .mapToDouble(PowerSource::getRemainingCapacityPercent)
                .filter(share -> share >= 0 && share <= 1)
                .map(share -> 100 * share)
                .average();
    }

    /** Linux lists the batteries of mice, pens and game controllers, too. */
    static boolean isOfTheMachine(String source) {
        String name = source.toLowerCase(Locale.ROOT);
        return OTHER_BATTERIES.stream().noneMatch(name::startsWith);
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

    /** The disk of that folder; empty when the folder is not there. */
    Optional<DeviceMemory> disk(Path folder) {
        try {
            FileStore store = Files.getFileStore(folder);
            return of(store.getTotalSpace(), store.getUsableSpace());
        } catch (IOException e) {
            log.debug("the disk of {} cannot be read", folder, e);
            return Optional.empty();
        }
    }

    /** What all disks have read and written since the machine started. */
    Traffic disks() {
        HardwareAbstractionLayer machine = hardware();
        List<HWDiskStore> disks = machine == null ? List.of() : machine.getDiskStores();
        return new Traffic(sum(disks, HWDiskStore::getReadBytes), sum(disks, HWDiskStore::getWriteBytes));
    }

    /** What came in and went out over all networks since the machine started, without its own loopback. */
    Traffic networks() {
        HardwareAbstractionLayer machine = hardware();
        List<NetworkIF> networks = machine == null ? List.of() : machine.getNetworkIFs();
        return new Traffic(sum(networks, NetworkIF::getBytesRecv), sum(networks, NetworkIF::getBytesSent));
    }

    private static <T> long sum(List<T> all, ToLongFunction<T> bytes) {
        return all.stream()
                .mapToLong(each -> Math.max(0, bytes.applyAsLong(each)))
                .sum();
    }

    /** Those that hold most of the memory, by name and number alone. */
    List<ProcessMemory> largestProcesses(int most) {
        SystemInfo info = system();
        if (info == null) {
            return List.of();
        }
        return info
                .getOperatingSystem()
                .getProcesses(
                        OperatingSystem.ProcessFiltering.VALID_PROCESS, OperatingSystem.ProcessSorting.RSS_DESC, most)
                .stream()
                .map(process -> new ProcessMemory(
                        process.getProcessID(),
                        String.valueOf(process.getName()),
                        Math.max(0, process.getResidentMemory())))
                .toList();
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

    private @Nullable HardwareAbstractionLayer hardware() {
        SystemInfo info = system();
        return info == null ? null : info.getHardware();
    }

    private synchronized @Nullable SystemInfo system() {
        if (system == null && !absent) {
            try {
                SystemInfo info = new SystemInfo();
                info.getHardware();
                system = info;
            } catch (LinkageError | UnsupportedOperationException | IllegalStateException e) {
                absent = true;
                log.warn("the operating system's description of this machine cannot be read: {}", e.toString());
            }
        }
        return system;
    }
}
