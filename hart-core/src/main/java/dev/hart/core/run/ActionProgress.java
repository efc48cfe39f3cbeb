package dev.hart.core.run;

import dev.hart.RunReport.Source;
import dev.hart.Runs.InDoubt;
import dev.hart.recipe.Action;
import dev.hart.recipe.Step;
import dev.hart.tool.Effect;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the journal says about one action. Not thread-safe: one thread drives a run. */
final class ActionProgress {
    final ActionRef ref;
    final Action action;
    ActionState state = ActionState.ASSIGNED;
    /** Why it is in this state. */
    String reason = "";
    /** Results of finished steps by index. */
    final Map<Integer, @Nullable Object> results = new HashMap<>();
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
    /** Attempts of the current step so far. */
    int attempts;
    /** Failed attempts of the current step so far. */
    int failures;
    /** How often the action was begun. */
    int executions;
    /** How often the verifier said "not yet" in a row. */
    int pending;
    /** What a person decided about an approval; null when nobody has. */
    @Nullable
    Boolean approved;
    /** What a person decided about a step in doubt; null when nobody has. */
    @Nullable
    InDoubt decision;

    ActionProgress(ActionRef ref, Action action) {
        this.ref = ref;
        this.action = action;
    }

    /** The first step without a result, or null when all have one. */
    @Nullable
    Step nextStep() {
        for (Step step : action.steps()) {
            if (!results.containsKey(step.index())) {
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
        return results.get(action.steps().size());
    }

    Effect effect() {
        return action.steps().stream().map(Step::effect).reduce(Effect.READ, Effect::max);
    }

    /** The highest effect of the steps that have no result. */
    Effect openEffect() {
        return action.steps().stream()
                .filter(step -> !results.containsKey(step.index()))
                .map(Step::effect)
                .reduce(Effect.READ, Effect::max);
    }

    /** Whether every step has a result, and the verifier would not have it. */
    boolean isRefused() {
        return state == ActionState.ERROR && nextStep() == null;
    }

    boolean isDone() {
        return state == ActionState.TERMINATED;
    }

    /** Whether the run left a step behind that may have had its effect, or not. */
    boolean isLeftInDoubt() {
        Step step = nextStep();
        return open != null && step != null && step.effect().compareTo(Effect.WRITE) >= 0;
    }

    boolean isInDoubt() {
        return state == ActionState.PENDING && reason.startsWith(RunExecution.IN_DOUBT);
    }
}
