package dev.hart.gpu;

import dev.hart.gpu.probe.SystemProbes;
import java.time.Instant;
import java.util.List;

/**
 * Reads the devices of one driver. HART calls it on a thread of its own, one reading at a time, and gives up waiting after ten
 * seconds; so it may block.
 */
@FunctionalInterface
public interface DeviceProbe {

    /**
     * What there is now. A driver that is not installed is an empty list; one that is there and does not answer is
     * {@link ProbeReading.Failed}, never an exception.
     *
     * @param now the time to note as {@link Device#observedAt}
     */
    ProbeReading read(Instant now) throws InterruptedException;

    /**
     * Those of this machine: NVIDIA through NVML, else {@code nvidia-smi}; AMD through {@code rocm-smi}, else the kernel's files;
     * Apple through {@code system_profiler}; the processor and its memory.
     */
    static List<DeviceProbe> ofThisMachine() {
        return SystemProbes.all();
    }
}
