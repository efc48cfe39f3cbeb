package dev.hart.gpu.machine;

import java.util.Optional;

/**
 * What work in the background may do at one moment.
 *
 * @param mode empty while the governor does not run: then nothing is limited
 * @param throttle the share of its usual pace, 0 to 1
 * @param cpuLimit the share of the processor that it should use, 0 to 1
 * @param gpuAllowed whether it may use a GPU
 * @param caps how full the machine may become by it
 * @param spare what it may still take
 * @param vramBudgetBytes how much of the largest GPU's memory it may hold in all, by the cap; 0.5 GiB at least where there is a GPU
 */
public record GovernorStatus(
        Optional<GovernorMode> mode,
        double throttle,
        double cpuLimit,
        boolean gpuAllowed,
        ResourceCaps caps,
        Spare spare,
        long vramBudgetBytes) {

    /** Nothing is limited. */
    static final GovernorStatus NOT_RUNNING = new GovernorStatus(
            Optional.empty(),
            1,
            1,
            true,
            ResourceCaps.NONE,
            new Spare(1, Long.MAX_VALUE, Long.MAX_VALUE),
            Long.MAX_VALUE);

    /** Whether such work may be begun. */
    public boolean allows(GovernedWork work) {
        if (mode.isEmpty()) {
            return true;
        }
        return switch (mode.get()) {
            case SLEEP -> false;
            case ACTIVE -> work == GovernedWork.LIGHT;
            case IDLE -> work != GovernedWork.GPU || gpuAllowed;
        };
    }

    /**
     * What is left below the caps, with a quarter of the processor, 2 GiB of the memory and 1 GiB of a GPU's memory always kept for
     * others.
     *
     * @param cpu a share of the processor, 0 to 1
     * @param ramBytes of the memory
     * @param vramBytes of the GPU with the most free memory; 0 while no GPU may be used
     */
    public record Spare(double cpu, long ramBytes, long vramBytes) {}
}
