package dev.hart.recipe;

import dev.hart.tool.Effect;
import java.util.List;
import java.util.stream.Stream;

/**
 * One verifiable unit of work inside a flow.
 *
 * @param actionId from 1 within the flow
 * @param name unique in the recipe
 * @param dependsOn ids of actions of the same flow that must be done before; those whose outputs its placeholders read
 *     are included
 * @param fallbacks what is tried when the steps have failed for good, in this order
 */
public record Action(
        int actionId,
        String name,
        String description,
        List<Integer> dependsOn,
        List<Step> steps,
        List<Fallback> fallbacks) {
    public Action {
        dependsOn = List.copyOf(dependsOn);
        steps = List.copyOf(steps);
        fallbacks = List.copyOf(fallbacks);
    }

    /** An action without fallbacks. */
    public Action(int actionId, String name, String description, List<Integer> dependsOn, List<Step> steps) {
        this(actionId, name, description, dependsOn, steps, List.of());
    }

    /** Its own steps, then those of its fallbacks. */
    public Stream<Step> allSteps() {
        return Stream.concat(steps.stream(), fallbacks.stream().flatMap(fallback -> fallback.steps().stream()));
    }

    /** The highest effect that it may have, whichever way it is carried out. */
    public Effect effect() {
        return allSteps().map(Step::effect).reduce(Effect.READ, Effect::max);
    }
}
