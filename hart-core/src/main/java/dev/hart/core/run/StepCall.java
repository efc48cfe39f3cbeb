package dev.hart.core.run;

import dev.hart.Spark;
import dev.hart.core.model.ModelCall;
import dev.hart.ledger.CanonicalJson;
import dev.hart.model.TokenCount;
import dev.hart.recipe.Step;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A step that was durably started and is now to be performed.
 *
 * @param fallback which fallback of the action it belongs to, from 1; 0 for the action's own steps
 * @param args bound, the same in every attempt
 * @param key idempotency key, the same in every attempt
 * @param attempt from 1
 * @param until when what it waits for is over; null when it does not wait, or without end
 * @param run the run that a SUBRECIPE step is carried out by; null for the other kinds
 * @param taints where its arguments come from, by name
 * @param approved whether a person has approved this very call
 */
record StepCall(
        ActionRef action,
        String actionName,
        int fallback,
        Step step,
        Map<String, @Nullable Object> args,
        String key,
        int attempt,
        @Nullable Instant until,
        @Nullable String run,
        Map<String, Taint> taints,
        boolean approved) {

    /**
     * The same for every attempt of a step, also after a crash.
     *
     * @param way 0 for the action's own steps, the number of a fallback, or minus how often its steps were replaced
     */
    static String key(String runId, ActionRef action, int way, int step, Map<String, @Nullable Object> args) {
        String place = way == 0 ? Integer.toString(step) : (way > 0 ? "f" + way : "r" + -way) + "/" + step;
        return CanonicalJson.sha256OfText(
                "%s|%d|%s|%s|%s".formatted(runId, action.flowId(), action.inKey(), place, CanonicalJson.write(args)));
    }

    StepCall nextAttempt() {
        return new StepCall(action, actionName, fallback, step, args, key, attempt + 1, until, run, taints, approved);
    }

    /** The id of the question that it asks: {@code action_2.1}, or {@code action_2.f1.1} in a fallback. */
    String questionId() {
        return QuestionId.of(action.taskId(), fallback, step.index());
    }

    /** What performing it came to. */
    sealed interface Outcome {
        StepCall call();

        long millis();

        List<ModelCall> modelCalls();
    }

    /**
     * It was done.
     *
     * @param inside what the run of a SUBRECIPE step spent
     * @param flagged the rules that the gate flagged its texts by
     */
    record Finished(
            StepCall call,
            @Nullable Object output,
            long millis,
            List<ModelCall> modelCalls,
            @Nullable Spent inside,
            Set<String> flagged)
            implements Outcome {}

    /**
     * It failed.
     *
     * @param retryable whether the next attempt may do better
     * @param inDoubt whether it may have had its effect all the same
     * @param inside what the run of a SUBRECIPE step spent
     */
    record Failed(
            StepCall call,
            String code,
            String message,
            boolean retryable,
            boolean inDoubt,
            long millis,
            List<ModelCall> modelCalls,
            @Nullable Spent inside)
            implements Outcome {}

    /**
     * It was not made, as a person must approve it first.
     *
     * @param reasons sentences
     */
    record Unapproved(StepCall call, List<String> reasons, long millis) implements Outcome {
        /** What its attempt ends with in the journal. */
        static final String CODE = WaitsFor.APPROVAL_REQUIRED.name();

        @Override
        public List<ModelCall> modelCalls() {
            return List.of();
        }
    }

    /** The run of a SUBRECIPE step waits for a person, and so does the step. */
    record Halted(StepCall call, List<String> waitingFor) implements Outcome {
        @Override
        public long millis() {
            return 0;
        }

        @Override
        public List<ModelCall> modelCalls() {
            return List.of();
        }
    }

    /** The run of a SUBRECIPE step was suspended with the runtime, or a call was not made on a halted node; it goes on when this run does. */
    record Suspended(StepCall call) implements Outcome {
        @Override
        public long millis() {
            return 0;
        }

        @Override
        public List<ModelCall> modelCalls() {
            return List.of();
        }
    }

    /** What a run inside this one asked of models. */
    record Spent(int modelCalls, TokenCount tokens, Spark cost) {}
}
