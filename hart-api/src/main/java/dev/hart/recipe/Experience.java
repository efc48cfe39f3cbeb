package dev.hart.recipe;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What runs have shown about one version of a recipe. It is kept beside the recipe, whose content never changes, and grows with
 * the commit that ends a run: also one that failed, and the one that the recipe was learned from.
 *
 * @param actions one for each action of the recipe, in its order; those that never ran to an end have no attempts
 */
public record Experience(RecipeVersion recipe, List<ActionExperience> actions) {
    public Experience {
        actions = List.copyOf(actions);
    }

    /** That of the action with this name, which is unique in the recipe. */
    public Optional<ActionExperience> action(String name) {
        return actions.stream().filter(action -> action.name().equals(name)).findFirst();
    }

    /** The action that takes longest on average, the first of several; empty when none has run. */
    public Optional<ActionExperience> bottleneck() {
        ActionExperience slowest = null;
        Duration longest = Duration.ZERO;
        for (ActionExperience action : actions) {
            Duration average = action.averageTime().orElse(null);
            if (average != null && (slowest == null || average.compareTo(longest) > 0)) {
                slowest = action;
                longest = average;
            }
        }
        return Optional.ofNullable(slowest);
    }
}
