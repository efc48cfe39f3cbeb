package dev.hart.core.run;

import static dev.hart.core.run.ActionState.COMPLETED;
import static dev.hart.core.run.ActionState.ERROR;
import static dev.hart.core.run.ActionState.FALLBACK_REQUESTED;
import static dev.hart.core.run.ActionState.IN_PROGRESS;
import static dev.hart.core.run.ActionState.PENDING;
import static dev.hart.core.run.ActionState.RECIPE_RECEIVED;
import static dev.hart.core.run.ActionState.RECIPE_REQUESTED;
import static dev.hart.core.run.ActionState.STATUS_VERIFICATION_REQUESTED;
import static dev.hart.core.run.ActionState.TERMINATED;

import dev.hart.Mode;
import dev.hart.Verifier.Judgement;
import dev.hart.core.model.ModelCall;
import dev.hart.core.run.RunChanges.Aftermath;
import dev.hart.recipe.Step;
import dev.hart.tool.Effect;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What becomes of an action whose steps have all ended well: whether its result will do. Used by the run's thread alone. */
final class ActionVerdicts {
    /** Executions of an action that a CREATE run may make. */
    static final int MAX_EXECUTIONS = 3;
    /** Times in a row that a verifier may say "not yet". */
    private static final int MAX_PENDING = 3;

    private final RunProgress progress;
    private final RunChanges changes;
    private final StepWorkers workers;
    private final ActionDriver driver;
    private final Replanning replanning;
    private final Suggestions suggestions;
    private final Ongoing ongoing;

    ActionVerdicts(
            RunProgress progress,
            RunChanges changes,
            StepWorkers workers,
            ActionDriver driver,
            Replanning replanning,
            Suggestions suggestions,
            Ongoing ongoing) {
        this.progress = progress;
        this.changes = changes;
        this.workers = workers;
        this.driver = driver;
        this.replanning = replanning;
        this.suggestions = suggestions;
        this.ongoing = ongoing;
    }

    /** Has the result of an action judged: by a verifier in a CREATE run, else it is good. */
    void judge(ActionProgress action) {
        if (progress.plan.isAsking()) {
            replanning.gather(action);
            return;
        }
        if (progress.plan.mode() != Mode.CREATE || !workers.canJudge()) {
            judged(action, new Judgement.Completed());
            return;
        }
        ongoing.inFlight++;
        changes.afterwards(() -> workers.judge(action, progress.plan.request(), namedResults(action)));
    }

    /** The results by their names; those of subtasks stand behind. */
    private static Map<String, @Nullable Object> namedResults(ActionProgress action) {
        Route route = action.subtasks().isEmpty() ? action.route() : action.whole();
        Map<String, @Nullable Object> results = new LinkedHashMap<>();
        for (Step step : route.steps) {
            results.put(step.output() == null ? "step" + step.index() : step.output(), route.results.get(step.index()));
        }
        return results;
    }

    /** The verifier has said what it thinks of an action. */
    void judged(ActionProgress action, Judgement judgement, List<ModelCall> calls) {
        changes.modelCalled(action.ref.taskId(), calls);
        judged(action, judgement);
    }

    private void judged(ActionProgress action, Judgement judgement) {
        if (ongoing.failure != null && !(judgement instanceof Judgement.Completed)) {
            return;
        }
        if (judgement instanceof Judgement.Completed completed) {
            changes.set(action, COMPLETED, "");
            String fallback = completed.fallback();
            if (fallback != null && suggestions.isWanted(action, fallback)) {
                changes.set(action, FALLBACK_REQUESTED, fallback.strip());
                suggestions.plan(action);
            } else {
                close(action);
            }
        } else if (judgement instanceof Judgement.Updated updated) {
            replanning.update(action, updated.description());
        } else if (judgement instanceof Judgement.UpdatedAll all) {
            replanning.updateAll(action, all.descriptions());
        } else if (judgement instanceof Judgement.NeedsBreakdown parts) {
            replanning.breakDown(action, parts.subtasks());
        } else if (judgement instanceof Judgement.Pending pending && action.pending < MAX_PENDING) {
            if (mayRepeat(action, pending.message())) {
                changes.set(action, PENDING, "the verifier says: " + pending.message());
                changes.set(action, IN_PROGRESS, "another attempt", Aftermath.REPEATED);
                driver.continueAction(action);
            }
        } else {
            String message = judgement instanceof Judgement.Pending pending
                    ? "Action failed after %d retry attempts. Original message: %s"
                            .formatted(MAX_PENDING, pending.message())
                    : ((Judgement.Wrong) judgement).message();
            if (judgement instanceof Judgement.Wrong
                    && action.executions < MAX_EXECUTIONS
                    && mayRepeat(action, message)) {
                changes.set(action, ERROR, "VERDICT_ERROR: " + message, Aftermath.RETRIED);
                String fallback = ((Judgement.Wrong) judgement).fallback();
                if (fallback != null && suggestions.isWanted(action, fallback)) {
                    changes.set(action, FALLBACK_REQUESTED, fallback.strip());
                    suggestions.plan(action);
                } else {
                    again(action, "another attempt");
                }
            } else if (action.state == STATUS_VERIFICATION_REQUESTED) {
                driver.fail(action, "VERDICT_ERROR", message, false);
            }
        }
    }

    /** An action in error begins anew. */
    void again(ActionProgress action, String why) {
        changes.set(action, IN_PROGRESS, why, Aftermath.REPEATED);
        driver.continueAction(action);
    }

    /** An action that did what it should becomes part of the recipe. */
    void close(ActionProgress action) {
        if (progress.plan.mode() == Mode.CREATE) {
            changes.set(action, RECIPE_REQUESTED, "");
            changes.set(action, RECIPE_RECEIVED, "");
        }
        changes.set(action, TERMINATED, "");
        subtaskDone(action);
        changes.completeFlows();
    }

    /** What could be tried when an action fails another time. */
    Suggestions suggestions() {
        return suggestions;
    }

    /** An action goes on when the last of its subtasks has ended well: all that was done for it is judged. */
    private void subtaskDone(ActionProgress subtask) {
        ActionProgress around = subtask.parent();
        if (around != null && around.subtasks().stream().allMatch(ActionProgress::isDone)) {
            changes.set(around, STATUS_VERIFICATION_REQUESTED, "its subtasks are done");
            judge(around);
        }
    }

    /** What was done with an effect is not done again because a verifier did not like the result. */
    private boolean mayRepeat(ActionProgress action, String message) {
        if (action.effect().compareTo(Effect.WRITE) < 0 && action.subtasks().isEmpty()) {
            return true;
        }
        driver.fail(action, "VERDICT_ERROR", message, false);
        return false;
    }
}
