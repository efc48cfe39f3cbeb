package dev.hart.gpu.machine;

import java.util.Optional;

/** Something that a {@link Governor} tells. */
public sealed interface GovernorEvent {

    /** Stable, as programs and logs know it. */
    String name();

    /** More or less may be done from now on; a mode is empty while the governor does not run. */
    record ModeChanged(Optional<GovernorMode> before, Optional<GovernorMode> now) implements GovernorEvent {
        @Override
        public String name() {
            return "resource.mode_changed";
        }
    }
}
