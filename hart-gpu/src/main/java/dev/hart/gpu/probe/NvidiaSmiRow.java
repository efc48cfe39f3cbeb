package dev.hart.gpu.probe;

import dev.hart.gpu.DeviceMemory;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One GPU as {@code nvidia-smi --query-gpu} lists it. What the program cannot tell ({@code [N/A]}, junk, a column not asked for)
 * is empty.
 */
record NvidiaSmiRow(
        int index,
        String uuid,
        String name,
        Optional<DeviceMemory> memory,
        Optional<String> pciBusId,
        Optional<String> driverVersion,
        boolean migEnabled,
        OptionalInt utilisationPct,
        OptionalInt temperatureCelsius) {}
