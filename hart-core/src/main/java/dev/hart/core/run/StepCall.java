package dev.hart.core.run;

import dev.hart.core.model.ModelCall;
import dev.hart.ledger.CanonicalJson;
import dev.hart.recipe.Step;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A step that was durably started and is now to be performed.
 *
 * @param args bound, the same in every attempt
 * @param key idempotency key, the same in every attempt
 * @param attempt from 1
 */
record StepCall(
        ActionRef action, String actionName, Step step, Map<String, @Nullable Object> args, String key, int attempt) {

    /** The same for every attempt of a step, also after a crash. */
    static String key(String runId, ActionRef action, int step, Map<String, @Nullable Object> args) {
        return CanonicalJson.sha256OfText(
                "%s|%d|%d|%d|%s".formatted(runId, action.flowId(), action.actionId(), step, CanonicalJson.write(args)));
    }

    StepCall nextAttempt() {
        return new StepCall(action, actionName, step, args, key, attempt + 1);
    }

    /** What performing it came to. */
    sealed interface Outcome {
        StepCall call();

        long millis();

        List<ModelCall> modelCalls();
    }

    record Finished(StepCall call, @Nullable Object output, long millis, List<ModelCall> modelCalls)
            implements Outcome {}

    /**
     * It failed.
     *
     * @param retryable whether the next attempt may do better
     * @param inDoubt whether it may have had its effect all the same
     */
    record Failed(
            StepCall call,
            String code,
            String message,
            boolean retryable,
            boolean inDoubt,
            long millis,
            List<ModelCall> modelCalls)
            implements Outcome {}
}
