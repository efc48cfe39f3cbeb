package dev.hart.gpu.machine;

import dev.hart.gpu.settings.Environment;
import java.time.Duration;
import java.util.Map;

/**
 * Above which percentage in use a machine runs short of something, and how often that is looked at.
 *
 * @param interval between looks; at least one second
 * @param cpuPct 0 to 100, as the others
 */
public record HealthLimits(Duration interval, double cpuPct, double ramPct, double swapPct, double diskPct) {
    private static final HealthLimits DEFAULTS = new HealthLimits(Duration.ofSeconds(15), 80, 85, 50, 90);

    public HealthLimits {
        if (interval.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("interval must be at least one second, was " + interval);
        }
        requirePercent("cpuPct", cpuPct);
        requirePercent("ramPct", ramPct);
        requirePercent("swapPct", swapPct);
        requirePercent("diskPct", diskPct);
    }

    private static void requirePercent(String name, double percent) {
        if (!(percent >= 0 && percent <= 100)) {
            throw new IllegalArgumentException(name + " must be from 0 to 100, was " + percent);
        }
    }

    /** Every 15 seconds; 80 % of the processor, 85 % of the memory, 50 % of the swap space, 90 % of the disk. */
    public static HealthLimits defaults() {
        return DEFAULTS;
    }

    /**
     * The defaults with what these variables say, in percent: {@code OPTIMIZER_CPU_HIGH}, {@code OPTIMIZER_RAM_HIGH}, {@code
     * OPTIMIZER_SWAP_HIGH}, {@code OPTIMIZER_DISK_HIGH}.
     *
     * @param environment such as {@link System#getenv()}
     * @throws IllegalArgumentException that names the variable, when one is no number from 0 to 100
     */
    public static HealthLimits of(Map<String, String> environment) {
        return new HealthLimits(
                DEFAULTS.interval,
                or(environment, "OPTIMIZER_CPU_HIGH", DEFAULTS.cpuPct),
                or(environment, "OPTIMIZER_RAM_HIGH", DEFAULTS.ramPct),
                or(environment, "OPTIMIZER_SWAP_HIGH", DEFAULTS.swapPct),
                or(environment, "OPTIMIZER_DISK_HIGH", DEFAULTS.diskPct));
    }

    private static double or(Map<String, String> environment, String name, double otherwise) {
        Double value = Environment.number(environment, name, 0, 100);
        return value == null ? otherwise : value;
    }

    /** The limit of that; it is short of it strictly above. */
    public double percent(Resource resource) {
        return switch (resource) {
            case CPU -> cpuPct;
            case RAM -> ramPct;
            case SWAP -> swapPct;
            case DISK -> diskPct;
        };
    }
}
