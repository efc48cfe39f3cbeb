package dev.hart.recipe;

import java.util.List;

/**
 * One verifiable unit of work inside a flow.
 *
 * @param actionId from 1 within the flow
 * @param name unique in the recipe
 * @param dependsOn ids of actions of the same flow that must be done before; those whose outputs its placeholders read
 *     are included
 */
public record Action(int actionId, String name, String description, List<Integer> dependsOn, List<Step> steps) {
    public Action {
        dependsOn = List.copyOf(dependsOn);
        steps = List.copyOf(steps);
    }
}
