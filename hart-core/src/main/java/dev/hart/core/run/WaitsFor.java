package dev.hart.core.run;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What an action waits for that is PENDING or PREVIEW_PENDING; the reason of that state begins with its name. */
enum WaitsFor {
    /** A step was started, may have had its effect, and never reported back: what became of it? */
    IN_DOUBT,
    /** May a step with a DESTRUCTIVE effect go ahead? */
    APPROVAL_REQUIRED,
    /** The answer to the question of an ASK step. */
    INPUT_REQUIRED,
    /** The run of a SUBRECIPE step, which waits for a person itself. */
    SUBRECIPE_PAUSED,
    /** The end of the subtasks that it was broken down into. */
    SUBTASKS;

    /** Whether a person says it, and of this very action. */
    boolean isOfAPerson() {
        return this != SUBRECIPE_PAUSED && this != SUBTASKS;
    }

    /** What a reason says is waited for; null for another attempt. */
    static @Nullable WaitsFor of(String reason) {
        return Arrays.stream(values())
                .filter(waits -> reason.startsWith(waits.name()))
                .findFirst()
                .orElse(null);
    }

    /** The reason of the state, with more about it. */
    String because(String why) {
        return name() + ": " + why;
    }
}
