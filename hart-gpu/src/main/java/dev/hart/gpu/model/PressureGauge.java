package dev.hart.gpu.model;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalDouble;

/** Makes pressure out of readings: with hysteresis, and of the processor's a mean. Used by one thread at a time. */
final class PressureGauge {
    private static final int CPU_SAMPLES = 3;
    private static final double DISK_HYSTERESIS = 1.25;

    private final Threshold vram;
    private final Threshold ram;
    private final Threshold cpu;
    private final long diskFreeBytes;
    private final Deque<Double> cpuSamples = new ArrayDeque<>();
    private boolean disk;

    PressureGauge(ModelLimits limits) {
        this.vram = new Threshold(limits.vramPct());
        this.ram = new Threshold(limits.ramPct());
        this.cpu = new Threshold(limits.cpuPct());
        this.diskFreeBytes = limits.diskFreeBytes();
    }

    /**
     * A new reading of everything.
     *
     * @param vramPct of the fullest GPU, 0 without one
     */
    Pressure read(double vramPct, MachineLoad machine) {
        vram.read(vramPct);
        readRam(machine.ramPct());
        if (machine.cpuPct().isPresent()) {
            cpuSamples.addLast(machine.cpuPct().getAsDouble());
            if (cpuSamples.size() > CPU_SAMPLES) {
                cpuSamples.removeFirst();
            }
        }
        cpu.read(cpuMean());
        if (machine.diskFreeBytes().isPresent()) {
            long free = machine.diskFreeBytes().getAsLong();
            disk = free < diskFreeBytes || (disk && free < DISK_HYSTERESIS * diskFreeBytes);
        }
        return now();
    }

    /** Whether it is still short after somebody gave memory back. */
    boolean readVram(double vramPct) {
        return vram.read(vramPct);
    }

    /** Whether it is still short; a reading that cannot be had ends it. */
    boolean readRam(OptionalDouble ramPct) {
        return ram.read(ramPct.orElse(0));
    }

    Pressure now() {
        return Pressure.of(vram.isOn(), ram.isOn(), cpu.isOn(), disk, cpuMean());
    }

    double cpuMean() {
        return cpuSamples.stream().mapToDouble(sample -> sample).average().orElse(0);
    }
}
