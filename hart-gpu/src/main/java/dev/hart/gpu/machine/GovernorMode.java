package dev.hart.gpu.machine;

/** Who the machine belongs to now, and so how much of it work in the background may take. */
public enum GovernorMode {
    /** It runs on a battery that is nearly empty: nothing is begun. */
    SLEEP(0, new ResourceCaps(0.05, 0.25, 0)),
    /** Somebody uses it: light work only. */
    ACTIVE(0.05, new ResourceCaps(0.25, 0.5, 0)),
    /** Nobody uses it. */
    IDLE(0.5, new ResourceCaps(0.75, 0.75, 0.75));

    private final double cpuLimit;
    private final ResourceCaps caps;

    GovernorMode(double cpuLimit, ResourceCaps caps) {
        this.cpuLimit = cpuLimit;
        this.caps = caps;
    }

    /** The share of the processor that work in the background should use, 0 to 1; half of it when an idle machine saves its battery. */
    public double cpuLimit() {
        return cpuLimit;
    }

    /** How full the machine may become by it. */
    public ResourceCaps caps() {
        return caps;
    }
}
