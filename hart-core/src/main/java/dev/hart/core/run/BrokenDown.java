package dev.hart.core.run;

import dev.hart.recipe.Action;
import dev.hart.recipe.Flow;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.Step;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Actions with their subtasks as actions of a recipe: the steps of the action, and behind them those of the subtasks in order. */
final class BrokenDown {
    private BrokenDown() {}

    /** The steps of an action and of its subtasks. */
    static List<Step> steps(ActionProgress action) {
        return steps(action, null, List.of());
    }

    /**
     * The same as they would be if one of them were broken down.
     *
     * @param broken the action or subtask; null for none
     * @param into the steps of its subtasks; one of them has the name of its output
     */
    static List<Step> steps(ActionProgress action, @Nullable ActionProgress broken, List<Step> into) {
        List<Step> steps = new ArrayList<>();
        for (ActionProgress each : action.all()) {
            boolean isBroken = each == broken || !each.subtasks().isEmpty();
            List<Step> own = each.action.steps();
            for (Step step : own) {
                boolean isLast = step.index() == own.size();
                steps.add(placed(step, steps.size() + 1, isLast && isBroken ? null : step.output()));
            }
            if (each == broken) {
                for (Step step : into) {
                    steps.add(placed(step, steps.size() + 1, step.output()));
                }
            }
        }
        return steps;
    }

    private static Step placed(Step step, int index, @Nullable String output) {
        return new Step(
                index,
                step.kind(),
                step.tool(),
                step.toolVersion(),
                step.args(),
                output,
                step.effect(),
                step.expect(),
                step.timeout(),
                step.retry());
    }

    /** The recipe with the actions of a run in the place of its own, as far as these were broken down. */
    static Recipe recipe(RunProgress run, Recipe recipe) {
        Recipe whole = recipe;
        for (Flow flow : recipe.flows()) {
            for (Action action : flow.actions()) {
                ActionProgress progress = run.at(flow.flowId(), action.actionId());
                if (!progress.subtasks().isEmpty()) {
                    whole = Repair.with(whole, progress.ref, with(action, steps(progress)));
                }
            }
        }
        return whole;
    }

    static Action with(Action action, List<Step> steps) {
        return new Action(
                action.actionId(), action.name(), action.description(), action.dependsOn(), steps, action.fallbacks());
    }
}
