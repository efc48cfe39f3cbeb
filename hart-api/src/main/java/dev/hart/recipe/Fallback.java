package dev.hart.recipe;

import java.util.List;

/**
 * Another way to carry out an action, taken when its own steps have failed for good.
 *
 * @param text what it does, in words
 * @param steps in their order; none for a mere hint, which is told and not run. The last one stands for the last step of the
 *     action
 */
public record Fallback(String text, List<Step> steps) {
    public Fallback {
        steps = List.copyOf(steps);
    }
}
