package dev.hart.core.plan;

import dev.hart.core.model.ModelCall;
import dev.hart.tool.ToolSpec;
import java.util.List;
import java.util.function.Consumer;

/** Decomposes a request into actions that registered tools can do. Thread-safe; runs no tool. */
public interface Planner {

    /**
     * @param request the text of the user
     * @param tools the tools that the plan may use
     * @throws dev.hart.error.CannotPlanException naming the parts that were not understood, and what to do
     * @throws dev.hart.model.ModelException when the plan needs a model and that gives no usable answer
     */
    Draft plan(String request, List<ToolSpec> tools);

    /**
     * The same for a request that values complete. What is taken from it has its place in {@link Gathered#text()}.
     *
     * @param mayAsk whether somebody can say what is missing: a refusal names those values then
     * @param spent takes each call of a model, also when there is no plan
     */
    Draft plan(Gathered request, List<ToolSpec> tools, boolean mayAsk, Consumer<ModelCall> spent);
}
