package dev.hart.gpu.model;

import java.time.Duration;

/** How firmly a loaded model keeps its memory, most firmly first. */
public enum ModelPriority {
    /** It is being used. */
    ACTIVE,
    /** Used a short while ago. */
    WARM,
    /** Not used for half of its idle timeout. */
    IDLE,
    /** Not used for its idle timeout, or never. */
    EVICTABLE;

    /**
     * @param idle since its last use
     * @param boosted whether other nodes want it
     */
    static ModelPriority of(int inferences, boolean everUsed, Duration idle, Duration timeout, boolean boosted) {
        if (inferences > 0) {
            return ACTIVE;
        }
        if (!everUsed || idle.compareTo(timeout) >= 0) {
            return EVICTABLE;
        }
        return idle.multipliedBy(2).compareTo(timeout) < 0 || boosted ? WARM : IDLE;
    }
}
