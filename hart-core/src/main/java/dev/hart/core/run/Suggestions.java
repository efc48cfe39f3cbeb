package dev.hart.core.run;

import static dev.hart.core.run.ActionState.ERROR;

import dev.hart.Mode;
import dev.hart.core.plan.Draft;
import dev.hart.core.run.RunChanges.Aftermath;
import dev.hart.error.RecipeInvalidException;
import dev.hart.recipe.Fallback;
import dev.hart.recipe.Step;
import dev.hart.tool.ToolSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a verifier would try in the place of an action: planned in the CREATE run, and done at once after an error, else kept in the
 * recipe that the run teaches. Used by the run's thread alone.
 */
final class Suggestions {
    /** Fallbacks of an action. */
    private static final int MOST = 10;

    private final RunContext context;
    private final RunProgress progress;
    private final RunChanges changes;
    private final ActionDriver driver;
    private final Ongoing ongoing;

    Suggestions(RunContext context, RunProgress progress, RunChanges changes, ActionDriver driver, Ongoing ongoing) {
        this.context = context;
        this.progress = progress;
        this.changes = changes;
        this.driver = driver;
        this.ongoing = ongoing;
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

    /** Has the suggestion planned that the action waits for: to do it now after an error, else to keep it. */
    void plan(ActionProgress action) {
        String text = action.reason;
        if (action.inError) {
            driver.plan(action.ref, text, context.tools().list(), (draft, why) -> tryNow(action, text, draft, why));
            return;
        }
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
        changes.suggested(action, fallback, isLate());
        driver.verdicts().close(action);
    }

    private void tryNow(ActionProgress action, String text, @Nullable Draft draft, String why) {
        if (draft != null) {
            changes.modelCalled(action.ref.taskId(), draft.modelCalls());
        }
        if (ongoing.failure != null) {
            return;
        }
        String cannot = why;
        if (draft != null) {
            try {
                changes.replaced(action, new Repair(context, progress, action, null).instead(draft, text), isLate());
                progress.note("%s does what its verifier suggested: %s".formatted(action.action.name(), text));
                driver.verdicts().again(action, "what was suggested");
                return;
            } catch (IllegalArgumentException | RecipeInvalidException e) {
                cannot = String.valueOf(e.getMessage());
            }
        }
        progress.note("what was suggested for %s was not tried: %s".formatted(action.action.name(), cannot));
        changes.set(action, ERROR, "FALLBACK_FAILED: " + cannot, Aftermath.RETRIED);
        driver.verdicts().again(action, "another attempt");
    }

    /** With steps when its plan can stand for the action, else as a hint. */
    private Fallback fallback(ActionProgress action, String text, Draft draft) {
        try {
            Fallback planned = new Repair(context, progress, action, null).fallback(draft, text);
            if (isLate()) {
                requireNoReach(planned);
            }
            return planned;
        } catch (IllegalArgumentException | RecipeInvalidException e) {
            progress.note("the fallback of %s is kept as a hint: %s".formatted(action.action.name(), e.getMessage()));
            return hint(text);
        }
    }

    /** Whether what is suggested comes from a model, which has read results. */
    private boolean isLate() {
        return context.verifier() == null;
    }

    /** What is kept without being carried out is approved by nobody: it stays on this node and destroys nothing. */
    private void requireNoReach(Fallback fallback) {
        for (Step step : fallback.steps()) {
            ToolSpec tool = step.tool() == null
                    ? null
                    : context.tools().find(step.tool()).orElse(null);
            if (tool != null && !tool.reach().isEmpty()) {
                throw new IllegalArgumentException("it was planned after results were read, and " + tool.name()
                        + " reaches " + ApprovalRules.names(tool.reach()));
            }
        }
    }

    private static Fallback hint(String text) {
        return new Fallback(text, List.of());
    }
}
