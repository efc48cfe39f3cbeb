package dev.hart.gpu.model;

/**
 * What runs short on the machine, and how much of its usual work it should do.
 *
 * @param vram a GPU's memory
 * @param ram the machine's memory
 * @param cpu the processor
 * @param disk the disk that models are stored on
 * @param throttle the share of the usual work that should be begun, 0 to 1
 */
public record Pressure(boolean vram, boolean ram, boolean cpu, boolean disk, double throttle) {
    /** Below this nothing new should be begun. */
    public static final double LEAST_THROTTLE = 0.1;

    /** Nothing runs short. */
    public static final Pressure NONE = new Pressure(false, false, false, false, 1.0);

    /** What can run short. */
    public enum Kind {
        VRAM,
        RAM,
        CPU,
        DISK
    }

    /** The throttle in words. */
    public enum Level {
        NORMAL,
        ELEVATED,
        HIGH,
        CRITICAL
    }

    /**
     * @param cpuPct of the processor, a mean of the last readings
     */
    static Pressure of(boolean vram, boolean ram, boolean cpu, boolean disk, double cpuPct) {
        double throttle = cpuPct >= 95 ? 0.1 : cpuPct >= 90 ? 0.3 : cpu ? 0.5 : 1.0;
        throttle *= (ram ? 0.5 : 1) * (vram ? 0.7 : 1) * (disk ? 0.2 : 1);
        return new Pressure(vram, ram, cpu, disk, Math.max(0, Math.min(1, throttle)));
    }

    public Level level() {
        return throttle >= 1
                ? Level.NORMAL
                : throttle >= 0.5 ? Level.ELEVATED : dispatches() ? Level.HIGH : Level.CRITICAL;
    }

    /** Whether new work should be begun at all. */
    public boolean dispatches() {
        return throttle >= LEAST_THROTTLE;
    }

    public boolean is(Kind kind) {
        return switch (kind) {
            case VRAM -> vram;
            case RAM -> ram;
            case CPU -> cpu;
            case DISK -> disk;
        };
    }
}
