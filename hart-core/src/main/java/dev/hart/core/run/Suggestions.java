package dev.hart.core.run;

import dev.hart.Mode;
import dev.hart.core.plan.Draft;
import dev.hart.error.RecipeInvalidException;
import dev.hart.recipe.Fallback;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a verifier would try if an action failed another time: planned in the CREATE run, and kept in the recipe that it teaches. Used
 * by the run's thread alone.
 */
final class Suggestions {
    /** Fallbacks of an action. */
    private static final int MOST = 10;

    private final RunContext context;
    private final RunProgress progress;
    private final RunChanges changes;
    private final ActionDriver driver;

    Suggestions(RunContext context, RunProgress progress, RunChanges changes, ActionDriver driver) {
        this.context = context;
        this.progress = progress;
        this.changes = changes;
        this.driver = driver;
    }

    /** Whether a suggestion is kept: in a CREATE run, for an action of the definition that has no such fallback. */
    boolean isWanted(ActionProgress action, String text) {
        return progress.plan.mode() == Mode.CREATE
                && !action.ref.isSubtask()
                && !text.isBlank()
                && action.action.fallbacks().size() < MOST
                && action.action.fallbacks().stream()
                        .noneMatch(known -> known.text().equals(text.strip()));
    }

    /** Has the suggestion planned that the action waits for. */
    void plan(ActionProgress action) {
        String text = action.reason;
        driver.plan(
                action.ref,
                text,
                context.tools().list(),
                (draft, why) -> received(action, draft == null ? hint(text) : fallback(action, text, draft), draft));
    }

    private void received(ActionProgress action, Fallback fallback, @Nullable Draft draft) {
        if (draft != null) {
            changes.modelCalled(action.ref.taskId(), draft.modelCalls());
        }
        changes.suggested(action, fallback);
        driver.verdicts().close(action);
    }

    /** With steps when its plan can stand for the action, else as a hint. */
    private Fallback fallback(ActionProgress action, String text, Draft draft) {
        try {
            return new Repair(context, progress, action, null).fallback(draft, text);
        } catch (IllegalArgumentException | RecipeInvalidException e) {
            progress.note("the fallback of %s is kept as a hint: %s".formatted(action.action.name(), e.getMessage()));
            return hint(text);
        }
    }

    private static Fallback hint(String text) {
        return new Fallback(text, List.of());
    }
}
