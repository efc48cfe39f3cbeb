package dev.hart;

import dev.hart.model.TokenCount;
import dev.hart.recipe.StepKind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run did and cost.
 *
 * @param steps in the order in which they ended
 * @param modelCalls all of them: planning, verification and MODEL steps, those of recipes inside included
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

    /** How many steps were not called because an earlier run had recorded their result, see {@link Hart#rerun}. */
    public int keptSteps() {
        return (int) steps.stream().filter(step -> step.source() == Source.KEPT).count();
    }

    /** Where the result of a step comes from. */
    public enum Source {
        /** The step was performed in this run. */
        PERFORMED,
        /** Recorded by the run that this one comes from; the event in the journal names the run and the event. */
        KEPT,
        /** Given with {@link Rerun#withResult} instead of a call. */
        GIVEN
    }

    /**
     * One step.
     *
     * @param action the action's name
     * @param index from 1 within the action
     * @param tool the tool's name, null when the step is not a TOOL step
     * @param attempts how often it was tried in this run; 0 when its result was kept or given
     * @param millis from its start to its end, waiting between attempts included
     * @param resultReused whether the result came from the journal of an earlier process
     * @param source where the result comes from
     * @param fallback which fallback of the action the step belongs to, from 1; 0 for the action's own steps
     */
    public record StepReport(
            String action,
            int index,
            StepKind kind,
            @Nullable String tool,
            int attempts,
            long millis,
            boolean resultReused,
            Source source,
            int fallback) {

        /** One of an action's own steps. */
        public StepReport(
                String action,
                int index,
                StepKind kind,
                @Nullable String tool,
                int attempts,
                long millis,
                boolean resultReused,
                Source source) {
            this(action, index, kind, tool, attempts, millis, resultReused, source, 0);
        }
    }
}
