package dev.hart.error;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** No recipe fits the request and no plan could be made for it; nothing was run. */
public final class CannotPlanException extends HartException {
    private static final long serialVersionUID = 1;
    private final transient List<String> notUnderstood;

    /**
     * @param message names the parts and says how to go on
     * @param notUnderstood the parts of the request that the planner could not use, as they stand in it
     */
    public CannotPlanException(String message, List<String> notUnderstood, @Nullable Throwable cause) {
        super("CANNOT_PLAN", message, cause);
        this.notUnderstood = List.copyOf(notUnderstood);
    }

    public List<String> notUnderstood() {
        return notUnderstood;
    }
}
