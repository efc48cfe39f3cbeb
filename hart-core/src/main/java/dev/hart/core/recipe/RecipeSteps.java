package dev.hart.core.recipe;

import dev.hart.recipe.Action;
import dev.hart.recipe.Fallback;
import dev.hart.recipe.Flow;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.Step;
import java.util.ArrayList;
import java.util.List;

/** Every step of a recipe in turn, those of its fallbacks included. */
final class RecipeSteps {
    private RecipeSteps() {}

    /** What a step becomes. */
    @FunctionalInterface
    interface Change {
        /** @param path such as {@code flows[0].actions[2].fallbacks[0].steps[1]} */
        Step apply(String path, Step step);
    }

    /** The recipe with each step replaced by what it becomes. */
    static Recipe map(Recipe recipe, Change change) {
        List<Flow> flows = new ArrayList<>();
        for (Flow flow : recipe.flows()) {
            String path = "flows[" + flows.size() + "].actions[";
            List<Action> actions = new ArrayList<>();
            for (Action action : flow.actions()) {
                actions.add(map(path + actions.size() + "]", action, change));
            }
            flows.add(new Flow(flow.flowId(), flow.name(), flow.persona(), flow.subGoal(), flow.dependsOn(), actions));
        }
        return new Recipe(
                recipe.name(),
                recipe.goal(),
                recipe.intents(),
                recipe.inputs(),
                recipe.outputs(),
                flows,
                recipe.schedules());
    }

    private static Action map(String path, Action action, Change change) {
        List<Fallback> fallbacks = new ArrayList<>();
        for (Fallback fallback : action.fallbacks()) {
            String fallbackPath = path + ".fallbacks[" + fallbacks.size() + "]";
            fallbacks.add(new Fallback(fallback.text(), map(fallbackPath, fallback.steps(), change)));
        }
        return new Action(
                action.actionId(),
                action.name(),
                action.description(),
                action.dependsOn(),
                map(path, action.steps(), change),
                fallbacks,
                action.trainedDuration());
    }

    private static List<Step> map(String path, List<Step> steps, Change change) {
        List<Step> changed = new ArrayList<>();
        for (Step step : steps) {
            changed.add(change.apply(path + ".steps[" + changed.size() + "]", step));
        }
        return changed;
    }
}
