package dev.hart.core.run;

import dev.hart.core.model.ModelCall;
import dev.hart.core.plan.Draft;
import dev.hart.core.plan.Gathered;
import dev.hart.tool.ToolSpec;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/** What a run asks of the runtime that drives it: to drive the runs of its SUBRECIPE steps, to be woken, to plan. Thread-safe. */
interface RunHost {
    /** The id of a run that will be begun. */
    String newId();

    /**
     * Begins the run of a SUBRECIPE step, or takes it up where its journal ends, and blocks until it has ended, waits for a
     * person or was suspended.
     *
     * @param outer the run that has the step
     */
    StepCall.Outcome drive(StepCall call, String outer);

    /** Asks a run to stop that is driven, or waits for a person. */
    void cancel(String runId);

    /** Whether a run that waited for a person has ended, or would go on when it is taken up. */
    boolean canGoOn(String runId);

    /** What a run waits for from a person, the runs inside it included. */
    List<String> waitingFor(RunProgress progress);

    /**
     * Plans what a run needs in the place of an action that failed.
     *
     * @throws dev.hart.error.HartException when there is no plan, or a guardrail refuses it
     */
    Draft plan(String request, List<ToolSpec> tools);

    /**
     * Plans a request as far as a person has completed it.
     *
     * @param spent takes each call of a model, also when there is no plan
     * @throws dev.hart.error.HartException when there is no plan, or a guardrail refuses the request or the plan
     */
    Draft plan(Gathered request, List<ToolSpec> tools, Consumer<ModelCall> spent);

    /** Has the run look at its questions again then, or taken up if nobody drives it. */
    void wakeAt(String runId, Instant time);
}
