package dev.hart.recipe;

import dev.hart.tool.Effect;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One verifiable unit of work inside a flow.
 *
 * @param actionId from 1 within the flow
 * @param name unique in the recipe
 * @param dependsOn ids of actions of the same flow that must be done before; those whose outputs its placeholders read
 *     are included
 * @param fallbacks what is tried when the steps have failed for good, in this order
 * @param trainedDuration how long its calls took in the run that taught it, in whole milliseconds; null when no run did. It is no
 *     part of the content hash
 */
public record Action(
        int actionId,
        String name,
        String description,
        List<Integer> dependsOn,
        List<Step> steps,
        List<Fallback> fallbacks,
        @Nullable Duration trainedDuration) {
    // Written out, as compact constructors lose what their parameters' types say about null.
    public Action(
            int actionId,
            String name,
            String description,
            List<Integer> dependsOn,
            List<Step> steps,
            List<Fallback> fallbacks,
            @Nullable Duration trainedDuration) {
        this.actionId = actionId;
        this.name = name;
        this.description = description;
        this.dependsOn = List.copyOf(dependsOn);
        this.steps = List.copyOf(steps);
        this.fallbacks = List.copyOf(fallbacks);
        this.trainedDuration = trainedDuration;
    }

    /** An action that no run has taught. */
    public Action(
            int actionId,
            String name,
            String description,
            List<Integer> dependsOn,
            List<Step> steps,
            List<Fallback> fallbacks) {
        this(actionId, name, description, dependsOn, steps, fallbacks, null);
    }

    /** The same with the time that it took when it was taught; null for none. */
    public Action trainedIn(@Nullable Duration duration) {
        return new Action(actionId, name, description, dependsOn, steps, fallbacks, duration);
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
