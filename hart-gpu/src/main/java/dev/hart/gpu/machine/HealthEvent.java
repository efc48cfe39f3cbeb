package dev.hart.gpu.machine;

/** Something that {@link SystemHealth} tells. */
public sealed interface HealthEvent {

    /** Stable, as programs and logs know it. */
    String name();

    /** The machine was looked at. */
    record Looked(HealthReport report) implements HealthEvent {
        @Override
        public String name() {
            return "system.health.snapshot";
        }
    }

    /** HART did something to relieve the machine. */
    record OptimizationApplied(Advice advice) implements HealthEvent {
        @Override
        public String name() {
            return "system.optimization.applied";
        }
    }
}
