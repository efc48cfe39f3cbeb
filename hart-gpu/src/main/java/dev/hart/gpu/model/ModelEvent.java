package dev.hart.gpu.model;

import dev.hart.gpu.LeaseMode;
import java.time.Duration;
import java.util.Optional;

/** Something that happened to models or to the machine they run on. */
public sealed interface ModelEvent {

    /** Stable, as programs and logs know it. */
    String name();

    /** A model can be used. */
    record Loaded(String model, LeaseMode mode, String leaseId) implements ModelEvent {
        @Override
        public String name() {
            return "model.loaded";
        }
    }

    /** A model could not be loaded; its memory was given back. */
    record LoadFailed(String model, String reason) implements ModelEvent {
        @Override
        public String name() {
            return "model.load_failed";
        }
    }

    /** A model is loaded no more. */
    record Unloaded(String model, UnloadReason reason) implements ModelEvent {
        @Override
        public String name() {
            return "model.unloaded";
        }
    }

    /**
     * A model ended by itself, or did not start again.
     *
     * @param crashes in a row
     * @param restartIn empty when it is not started again
     */
    record Crashed(String model, ProcessExit exit, int crashes, Optional<Duration> restartIn) implements ModelEvent {
        @Override
        public String name() {
            return "model.crash";
        }
    }

    /** A model that had crashed can be used again. */
    record Restarted(String model, LeaseMode mode, int crashes) implements ModelEvent {
        @Override
        public String name() {
            return "model.restarted";
        }
    }

    /** A model crashed too often and stays as it is until somebody loads it. */
    record RestartExhausted(String model, int crashes) implements ModelEvent {
        @Override
        public String name() {
            return "model.restart_exhausted";
        }
    }

    /** A model took the place of another one. */
    record Swapped(String unloaded, String loaded) implements ModelEvent {
        @Override
        public String name() {
            return "model.swapped";
        }
    }

    /** Something runs short; told again at most once a minute while it does, and once when it ends. */
    record PressureTold(Pressure.Kind kind, boolean isOn) implements ModelEvent {
        @Override
        public String name() {
            return "system.pressure";
        }
    }

    /** The machine should do more or less of its usual work than before. */
    record LevelChanged(Pressure.Level before, Pressure.Level now, double throttle) implements ModelEvent {
        @Override
        public String name() {
            return "resource.level_changed";
        }
    }

    /** A model was unloaded, or moved off the GPU, because something runs short. */
    record Relieved(Pressure.Kind kind, String model, boolean offloaded) implements ModelEvent {
        @Override
        public String name() {
            return "resource.proactive_action";
        }
    }

    /** A device is gone; models on it are unloaded. */
    record DeviceLost(String device) implements ModelEvent {
        @Override
        public String name() {
            return "gpu.device.lost";
        }
    }

    /** Much more of a device is in use than leases and usual overhead explain; told at most once a minute. */
    record Drift(String device, long bytes, double percent) implements ModelEvent {
        @Override
        public String name() {
            return "gpu.drift";
        }
    }
}
