package dev.hart.gpu.model;

import dev.hart.gpu.settings.Environment;
import java.time.Duration;
import java.util.Map;

/**
 * From where on a machine is under pressure, and how often that is looked at. Pressure begins at a limit and ends five points
 * below it, that of the disk a quarter above.
 *
 * @param interval between looks; at least one second
 * @param vramPct of a GPU's memory, above 5 to 100
 * @param ramPct of the machine's memory, above 5 to 100
 * @param cpuPct of the processor's time, above 5 to 100
 * @param diskFreeBytes pressure begins below it
 */
public record ModelLimits(Duration interval, double vramPct, double ramPct, double cpuPct, long diskFreeBytes) {
    private static final long GIB = 1L << 30;
    private static final ModelLimits DEFAULTS = new ModelLimits(Duration.ofSeconds(15), 85, 90, 80, 2 * GIB);

    public ModelLimits {
        if (interval.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("interval must be at least one second, was " + interval);
        }
        requirePercent("vramPct", vramPct);
        requirePercent("ramPct", ramPct);
        requirePercent("cpuPct", cpuPct);
        if (diskFreeBytes < 0) {
            throw new IllegalArgumentException("diskFreeBytes must be 0 or more, was " + diskFreeBytes);
        }
    }

    private static void requirePercent(String name, double percent) {
        if (!(percent > Threshold.HYSTERESIS && percent <= 100)) {
            throw new IllegalArgumentException(name + " must be above 5 and at most 100, was " + percent);
        }
    }

    /** Every 15 seconds; 85 % of a GPU, 90 % of the memory, 80 % of the processor, 2 GiB of the disk. */
    public static ModelLimits defaults() {
        return DEFAULTS;
    }

    /**
     * The defaults with what these variables say: {@code HEVOLVE_LIFECYCLE_INTERVAL} (seconds; 120 with {@code NUNBA_BUNDLED=1}),
     * {@code HEVOLVE_VRAM_PRESSURE_PCT}, {@code HEVOLVE_RAM_PRESSURE_PCT}, {@code HEVOLVE_CPU_PRESSURE_PCT}, {@code
     * HEVOLVE_DISK_FREE_MIN_GB}.
     *
     * @param environment such as {@link System#getenv()}
     * @throws IllegalArgumentException that names the variable, when one is no number or out of its bounds
     */
    public static ModelLimits of(Map<String, String> environment) {
        double seconds = "1".equals(environment.get("NUNBA_BUNDLED")) ? 120 : 15;
        return new ModelLimits(
                Duration.ofMillis(Math.round(1000 * or(environment, "HEVOLVE_LIFECYCLE_INTERVAL", 1, 86_400, seconds))),
                or(environment, "HEVOLVE_VRAM_PRESSURE_PCT", 6, 100, DEFAULTS.vramPct),
                or(environment, "HEVOLVE_RAM_PRESSURE_PCT", 6, 100, DEFAULTS.ramPct),
                or(environment, "HEVOLVE_CPU_PRESSURE_PCT", 6, 100, DEFAULTS.cpuPct),
                Math.round(GIB * or(environment, "HEVOLVE_DISK_FREE_MIN_GB", 0, 1_000_000, 2)));
    }

    /**
     * The default policy with the number of restarts that {@code HEVOLVE_MAX_CRASH_RESTARTS} says.
     *
     * @throws IllegalArgumentException when it is no number from 0 to 1000
     */
    public static RestartPolicy restarts(Map<String, String> environment) {
        return RestartPolicy.DEFAULT.withMaxRestarts(
                (int) or(environment, "HEVOLVE_MAX_CRASH_RESTARTS", 0, 1000, RestartPolicy.DEFAULT.maxRestarts()));
    }

    private static double or(
            Map<String, String> environment, String name, double least, double most, double otherwise) {
        Double value = Environment.number(environment, name, least, most);
        return value == null ? otherwise : value;
    }
}
