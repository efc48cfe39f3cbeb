package dev.hart;

import dev.hart.model.TokenCount;
import dev.hart.recipe.StepKind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run did and cost.
 *
 * @param steps in the order in which they ended
 * @param modelCalls all of them: planning, verification and MODEL steps
 * @param tokens of those calls
 * @param cost of those calls at the model's price
 * @param commits durable commits that the run made
 * @param notes what a user should know, such as candidates that were too close to choose between
 */
public record RunReport(
        List<StepReport> steps, int modelCalls, TokenCount tokens, Spark cost, int commits, List<String> notes) {
    public RunReport {
        steps = List.copyOf(steps);
        notes = List.copyOf(notes);
    }

    /**
     * One step.
     *
     * @param action the action's name
     * @param index from 1 within the action
     * @param tool the tool's name, null when the step is not a TOOL step
     * @param attempts how often it was tried in all
     * @param millis from its start to its end, waiting between attempts included
     * @param resultReused whether the result came from the journal of an earlier process
     */
    public record StepReport(
            String action,
            int index,
            StepKind kind,
            @Nullable String tool,
            int attempts,
            long millis,
            boolean resultReused) {}
}
