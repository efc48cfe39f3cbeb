package dev.hart.gpu.model;

/** On from its limit up, off five points below it. Used by one thread at a time. */
final class Threshold {
    static final double HYSTERESIS = 5;

    private final double limit;
    private boolean on;

    Threshold(double limit) {
        this.limit = limit;
    }

    /** Whether it is on after this reading. */
    boolean read(double percent) {
        on = percent >= limit || (on && percent >= limit - HYSTERESIS);
        return on;
    }

    boolean isOn() {
        return on;
    }
}
