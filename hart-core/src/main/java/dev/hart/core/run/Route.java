package dev.hart.core.run;

import dev.hart.RunReport.Source;
import dev.hart.recipe.Step;
import dev.hart.recipe.StepKind;
import dev.hart.tool.Effect;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One way to carry out an action, and what the journal says about it: the action's own steps, or those of one of its
 * fallbacks. Not thread-safe: one thread drives a run.
 */
final class Route {
    /** 0 for the action's own steps; its fallbacks count from 1. */
    final int number;

    final List<Step> steps;
    /** Results of finished steps by index. */
    final Map<Integer, @Nullable Object> results = new HashMap<>();
    /** Who had a hand in those results, by index. */
    final Map<Integer, Taint> taints = new HashMap<>();
    /** Where those results come from, by index. */
    final Map<Integer, Source> sources = new HashMap<>();
    /** Bound arguments of started steps by index. */
    final Map<Integer, Map<String, @Nullable Object>> args = new HashMap<>();
    /** When each step was first started: what {@code clock.now} means in it. */
    final Map<Integer, Instant> startedAt = new HashMap<>();
    /** The step that was started and has neither finished nor failed; null when there is none. */
    @Nullable
    Integer open;
    /** The idempotency key of the step started last. */
    String key = "";
    /** When what the open step waits for is over: a WAIT, or the answer to a question; null when it has no end. */
    @Nullable
    Instant until;
    /** The run that the open SUBRECIPE step is carried out by; null when it is another step. */
    @Nullable
    String run;
    /** Attempts of the current step so far. */
    int attempts;
    /** Failed attempts of the current step so far. */
    int failures;
    /** Whether a person has approved its DESTRUCTIVE steps. */
    boolean approved;
    /** The steps whose very call a person has approved, by index. */
    final Set<Integer> approvedCalls = new HashSet<>();
    /** Why it cannot go on; null while it can. */
    @Nullable
    Loss loss;

    /** A step failed for good. */
    record Loss(String code, String message, boolean mayDoBetter) {}

    Route(int number, List<Step> steps) {
        this.number = number;
        this.steps = steps;
    }

    boolean isFallback() {
        return number > 0;
    }

    Step step(int index) {
        return steps.get(index - 1);
    }

    /** The first step without a result, or null when all have one. */
    @Nullable
    Step nextStep() {
        for (Step step : steps) {
            if (!results.containsKey(step.index())) {
                return step;
            }
        }
        return null;
    }

    /** The step with that output; null when there is none. */
    @Nullable
    Step named(String output) {
        for (Step step : steps) {
            if (output.equals(step.output())) {
                return step;
            }
        }
        return null;
    }

    /** How often a step was tried so far. */
    int attempts(Step step) {
        return args.containsKey(step.index()) ? attempts : 0;
    }

    /** The result of the last step. */
    @Nullable
    Object lastResult() {
        return results.get(steps.size());
    }

    /** The highest effect of the steps that have no result. A recipe that a step runs asks for its own approvals. */
    Effect openEffect() {
        return steps.stream()
                .filter(step -> !results.containsKey(step.index()) && step.kind() != StepKind.SUBRECIPE)
                .map(Step::effect)
                .reduce(Effect.READ, Effect::max);
    }
}
