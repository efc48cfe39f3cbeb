package dev.hart.recipe;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * An ordered group of actions that one persona carries out.
 *
 * @param flowId from 0
 * @param dependsOn ids of flows that must be done before
 */
public record Flow(
        int flowId, String name, String persona, String subGoal, List<Integer> dependsOn, List<Action> actions) {
    public Flow {
        dependsOn = List.copyOf(dependsOn);
        actions = List.copyOf(actions);
    }

    /**
     * The actions in the order in which they may run: those of wave 1 wait for nothing, those of wave k+1 only for waves up
     * to k; within a wave in the order of the flow.
     */
    public List<List<Action>> waves() {
        Map<Integer, Action> byId = actions.stream().collect(Collectors.toMap(Action::actionId, Function.identity()));
        Map<Integer, List<Integer>> needs = new LinkedHashMap<>();
        actions.forEach(action -> needs.put(action.actionId(), action.dependsOn()));
        return new Graph(needs)
                .waves().stream()
                        .map(wave -> wave.stream().map(byId::get).toList())
                        .toList();
    }
}
