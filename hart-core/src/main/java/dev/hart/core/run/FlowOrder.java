package dev.hart.core.run;

import dev.hart.recipe.Flow;
import dev.hart.recipe.Recipe;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The flows of a recipe, each behind those it depends on; otherwise in the recipe's order. */
final class FlowOrder {
    private FlowOrder() {}

    static List<Flow> of(Recipe recipe) {
        List<Flow> open = new ArrayList<>(recipe.flows());
        List<Flow> order = new ArrayList<>();
        Set<Integer> done = new HashSet<>();
        while (!open.isEmpty()) {
            Flow next = open.stream()
                    .filter(flow -> flow.dependsOn().stream().allMatch(id -> id == flow.flowId() || done.contains(id)))
                    .findFirst()
                    .orElseThrow(
                            () -> new IllegalStateException("the flows of " + recipe.name() + " wait for each other"));
            open.remove(next);
            order.add(next);
            done.add(next.flowId());
        }
        return order;
    }
}
