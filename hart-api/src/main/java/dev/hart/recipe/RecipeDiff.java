package dev.hart.recipe;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What differs between the contents of two recipe versions. Flows are matched by {@code flowId}, actions by
 * {@code actionId}, steps by {@code index}. There is no change exactly when both have the same content hash.
 *
 * @param changes in the order of the document
 */
public record RecipeDiff(RecipeVersion from, RecipeVersion to, List<Change> changes) {
    public RecipeDiff {
        changes = List.copyOf(changes);
    }

    /** Whether both say the same. */
    public boolean isEmpty() {
        return changes.isEmpty();
    }

    /** What happened to a part of the recipe. */
    public enum Kind {
        ADDED,
        REMOVED,
        CHANGED
    }

    /**
     * One part that differs.
     *
     * @param path where in the document, its parts joined by dots: {@code flows.0.actions.2.steps.1.args.q}. The numbers are
     *     the flow's, the action's and the step's own, those of other lists places from 0
     * @param before its JSON value in {@code from}; null when it was added. Where only the order of flows, actions or steps
     *     differs, their numbers in order
     * @param after its JSON value in {@code to}; null when it was removed
     */
    public record Change(
            String path,
            Kind kind,
            @Nullable Object before,
            @Nullable Object after) {}
}
