package dev.hart.core.run;

import dev.hart.RunState;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a run ended.
 *
 * @param code of the failure, null when it succeeded
 * @param elapsed from the request to the end
 */
record Ending(
        RunState state, @Nullable String code, @Nullable String message, Duration elapsed) {}
