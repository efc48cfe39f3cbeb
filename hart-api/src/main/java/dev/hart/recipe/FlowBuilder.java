package dev.hart.recipe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Writes one flow of a recipe. */
public final class FlowBuilder {
    private final int flowId;
    private final String name;
    private String persona = "Assistant";
    private String subGoal = "";
    private List<Integer> dependsOn;
    private final List<ActionBuilder> actions = new ArrayList<>();

    FlowBuilder(int flowId, String name) {
        this.flowId = flowId;
        this.name = name;
        this.dependsOn = flowId == 0 ? List.of() : List.of(flowId - 1);
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

    /** The flows that must be done before, by their numbers from 0; the one before it unless set. Those whose outputs are read are added. */
    public FlowBuilder dependsOn(int... flowIds) {
        this.dependsOn = Arrays.stream(flowIds).boxed().toList();
        return this;
    }

    /** The next action. */
    public FlowBuilder action(String action, Consumer<ActionBuilder> steps) {
        return action(actions.size() + 1, action, steps);
    }

    /** The next action, with a number of its own instead of its place. */
    public FlowBuilder action(int actionId, String action, Consumer<ActionBuilder> steps) {
        ActionBuilder builder = new ActionBuilder(actionId, action);
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
                dependsOn,
                actions.stream().map(ActionBuilder::build).toList());
    }
}
