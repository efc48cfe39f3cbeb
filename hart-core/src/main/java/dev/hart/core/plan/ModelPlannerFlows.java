package dev.hart.core.plan;

import dev.hart.core.plan.Draft.DraftAction;
import dev.hart.core.plan.Draft.DraftFlow;
import dev.hart.recipe.Placeholder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The flows of a plan that a model wrote: who does which action, and what each flow waits for. */
final class ModelPlannerFlows {
    /** How the problem of flows that wait for each other begins. */
    static final String CYCLE = "the flows wait for each other, the shortest cycle is ";

    private ModelPlannerFlows() {}

    static List<DraftFlow> read(List<?> items) {
        List<DraftFlow> flows = new ArrayList<>();
        for (Object item : items) {
            Map<?, ?> flow = (Map<?, ?>) item;
            flows.add(new DraftFlow(
                    String.valueOf(flow.get("name")).strip(),
                    String.valueOf(flow.get("persona")).strip(),
                    flow.get("subGoal") instanceof String text ? text : "",
                    texts(flow.get("dependsOn")),
                    texts(flow.get("actions"))));
        }
        return flows;
    }

    private static List<String> texts(@Nullable Object value) {
        return value instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }

    /** Everything that is wrong with them. */
    static List<String> problems(List<DraftFlow> flows, List<DraftAction> actions) {
        List<String> problems = new ArrayList<>();
        if (flows.isEmpty()) {
            return problems;
        }
        Map<String, String> flowOf = new HashMap<>();
        Set<String> names = new LinkedHashSet<>();
        for (DraftFlow flow : flows) {
            if (flow.name().isEmpty() || flow.persona().isEmpty()) {
                problems.add("flow '" + flow.name() + "': name and persona must not be blank");
            }
            if (!names.add(flow.name())) {
                problems.add("two flows have the name '" + flow.name() + "'");
            }
            if (flow.actions().isEmpty()) {
                problems.add("flow '" + flow.name() + "' has no actions");
            }
            for (String action : flow.actions()) {
                String other = flowOf.putIfAbsent(action, flow.name());
                if (other != null) {
                    problems.add("action '" + action + "' is in the flows '" + other + "' and '" + flow.name()
                            + "'; two personas never share one");
                }
            }
        }
        Set<String> planned = new HashSet<>();
        for (DraftAction action : actions) {
            planned.add(action.name());
            if (!flowOf.containsKey(action.name())) {
                problems.add("action '" + action.name() + "' is in no flow");
            }
        }
        for (DraftFlow flow : flows) {
            flow.actions().stream()
                    .filter(action -> !planned.contains(action))
                    .forEach(action -> problems.add("flow '" + flow.name() + "': there is no action '" + action + "'"));
            flow.dependsOn().stream()
                    .filter(other -> !names.contains(other))
                    .forEach(other -> problems.add("flow '" + flow.name() + "': there is no flow '" + other + "'"));
        }
        if (problems.isEmpty()) {
            List<String> cycle = shortestCycle(needs(flows, actions, flowOf));
            if (!cycle.isEmpty()) {
                problems.add(CYCLE + String.join(" → ", cycle));
            }
        }
        return problems;
    }

    /** What each flow waits for: what it names, and the flows whose results it reads. */
    private static Map<String, Set<String>> needs(
            List<DraftFlow> flows, List<DraftAction> actions, Map<String, String> flowOf) {
        Map<String, Set<String>> needs = new LinkedHashMap<>();
        flows.forEach(flow -> needs.put(flow.name(), new LinkedHashSet<>(flow.dependsOn())));
        for (DraftAction action : actions) {
            Set<String> needed = needs.getOrDefault(flowOf.get(action.name()), new HashSet<>());
            for (Placeholder placeholder : Placeholder.inValue(action.args())) {
                String from = flowOf.get(placeholder.root());
                if (from != null) {
                    needed.add(from);
                }
            }
        }
        needs.forEach((flow, others) -> others.remove(flow));
        return needs;
    }

    /** The shortest cycle, its first name repeated at the end; empty when there is none. */
    static List<String> shortestCycle(Map<String, Set<String>> needs) {
        List<String> shortest = List.of();
        for (String start : needs.keySet()) {
            List<String> cycle = cycleThrough(start, needs);
            if (!cycle.isEmpty() && (shortest.isEmpty() || cycle.size() < shortest.size())) {
                shortest = cycle;
            }
        }
        return shortest;
    }

    private static List<String> cycleThrough(String start, Map<String, Set<String>> needs) {
        Map<String, List<String>> ways = new HashMap<>(Map.of(start, List.of(start)));
        Queue<String> queue = new ArrayDeque<>(List.of(start));
        for (String at = queue.poll(); at != null; at = queue.poll()) {
            for (String next : needs.getOrDefault(at, Set.of())) {
                List<String> way = new ArrayList<>(ways.getOrDefault(at, List.of()));
                way.add(next);
                if (next.equals(start)) {
                    return way;
                }
                if (ways.putIfAbsent(next, way) == null) {
                    queue.add(next);
                }
            }
        }
        return List.of();
    }
}
