package dev.hart.core.run;

import java.util.List;
import java.util.Locale;

/** Where an action stands. The whole life cycle is the table {@link #next()}. */
public enum ActionState {
    ASSIGNED,
    IN_PROGRESS,
    /** Done by its own account; the result is being judged. */
    STATUS_VERIFICATION_REQUESTED,
    COMPLETED,
    /** Waits: for another attempt, or for a person. */
    PENDING,
    ERROR,
    FALLBACK_REQUESTED,
    FALLBACK_RECEIVED,
    RECIPE_REQUESTED,
    RECIPE_RECEIVED,
    TERMINATED,
    EXECUTING_MOTION,
    SENSOR_CONFIRM,
    /** A person must approve a DESTRUCTIVE step first. */
    PREVIEW_PENDING,
    PREVIEW_APPROVED;

    /** The states that this one may become, in a fixed order. */
    public List<ActionState> next() {
        return switch (this) {
            case ASSIGNED -> List.of(IN_PROGRESS, PREVIEW_PENDING);
            case IN_PROGRESS -> List.of(STATUS_VERIFICATION_REQUESTED, ERROR, PENDING, EXECUTING_MOTION);
            case STATUS_VERIFICATION_REQUESTED -> List.of(COMPLETED, PENDING, ERROR);
            case COMPLETED -> List.of(FALLBACK_REQUESTED, RECIPE_REQUESTED, TERMINATED);
            case PENDING -> List.of(COMPLETED, ERROR, IN_PROGRESS, STATUS_VERIFICATION_REQUESTED);
            case ERROR -> List.of(IN_PROGRESS, PENDING, FALLBACK_REQUESTED, RECIPE_REQUESTED, TERMINATED);
            case FALLBACK_REQUESTED -> List.of(FALLBACK_RECEIVED, ERROR);
            case FALLBACK_RECEIVED -> List.of(RECIPE_REQUESTED, IN_PROGRESS);
            case RECIPE_REQUESTED -> List.of(RECIPE_RECEIVED, ERROR);
            case RECIPE_RECEIVED -> List.of(TERMINATED);
            case TERMINATED -> List.of(ASSIGNED);
            case EXECUTING_MOTION -> List.of(SENSOR_CONFIRM, ERROR);
            case SENSOR_CONFIRM -> List.of(STATUS_VERIFICATION_REQUESTED, ERROR);
            case PREVIEW_PENDING -> List.of(PREVIEW_APPROVED, ERROR, TERMINATED);
            case PREVIEW_APPROVED -> List.of(IN_PROGRESS);
        };
    }

    /** The name in events and documents. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The state with that wire name. */
    public static ActionState ofWireName(String wireName) {
        return valueOf(wireName.toUpperCase(Locale.ROOT));
    }
}
