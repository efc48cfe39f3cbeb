package dev.hart.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Writes one flow of a recipe. */
public final class FlowBuilder {
    private final int flowId;
    private final String name;
    private String persona = "Assistant";
    private String subGoal = "";
    private final List<ActionBuilder> actions = new ArrayList<>();

    FlowBuilder(int flowId, String name) {
        this.flowId = flowId;
        this.name = name;
    }

    /** Who carries it out; "Assistant" unless set. */
    public FlowBuilder persona(String persona) {
        this.persona = persona;
        return this;
    }

    /** What the flow is for. */
    public FlowBuilder subGoal(String subGoal) {
        this.subGoal = subGoal;
        return this;
    }

    /** The next action. */
    public FlowBuilder action(String action, Consumer<ActionBuilder> steps) {
        ActionBuilder builder = new ActionBuilder(actions.size() + 1, action);
        steps.accept(builder);
        actions.add(builder);
        return this;
    }

    Flow build() {
        return new Flow(
                flowId,
                name,
                persona,
                subGoal,
                flowId == 0 ? List.of() : List.of(flowId - 1),
                actions.stream().map(ActionBuilder::build).toList());
    }
}
