package dev.hart.core.run;

import dev.hart.recipe.Action;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.Step;
import java.util.Optional;

/**
 * A step, told so that it is found again in another version of the recipe.
 *
 * @param action the action's name
 * @param fallback which fallback of the action it belongs to, from 1; 0 for the action's own steps
 * @param index from 1
 */
record StepRef(String action, int fallback, int index) {

    /** The step with that output, or else the last one of the action with that name; never one of a fallback. */
    static Optional<StepRef> named(Recipe recipe, String name) {
        Optional<StepRef> output = recipe.actions()
                .flatMap(action -> action.steps().stream()
                        .filter(step -> name.equals(step.output()))
                        .map(step -> new StepRef(action.name(), 0, step.index())))
                .findFirst();
        return output.or(() -> recipe.actions()
                .filter(action -> action.name().equals(name))
                .map(action -> new StepRef(name, 0, action.steps().size()))
                .findFirst());
    }

    /** The step itself in a recipe that has it. */
    Step in(Recipe recipe) {
        Action named = recipe.actions()
                .filter(other -> other.name().equals(action))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(recipe.name() + " has no action " + action));
        return (fallback == 0
                        ? named.steps()
                        : named.fallbacks().get(fallback - 1).steps())
                .get(index - 1);
    }
}
