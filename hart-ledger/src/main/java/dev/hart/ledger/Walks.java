package dev.hart.ledger;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Orders and ways in the graph of waiting tasks; nothing here is recursive. */
final class Walks {
    private Walks() {}

    /**
     * A way along {@code next} from {@code start} to {@code goal}, both included; empty if there is none. Breadth first, so a
     * shortest one.
     */
    static List<String> path(String start, String goal, Function<String, List<String>> next) {
        return path(List.of(start), goal, next);
    }

    /** The same from whichever of several starts is nearest. */
    static List<String> path(Collection<String> starts, String goal, Function<String, List<String>> next) {
        Map<String, @Nullable String> cameFrom = new HashMap<>();
        starts.forEach(start -> cameFrom.put(start, null));
        Deque<String> frontier = new ArrayDeque<>(starts);
        while (!frontier.isEmpty()) {
            String here = frontier.poll();
            if (here.equals(goal)) {
                List<String> path = new ArrayList<>();
                for (String step = here; step != null; step = cameFrom.get(step)) {
                    path.add(step);
                }
                Collections.reverse(path);
                return path;
            }
            for (String there : next.apply(here)) {
                if (!cameFrom.containsKey(there)) {
                    cameFrom.put(there, here);
                    frontier.add(there);
                }
            }
        }
        return List.of();
    }

    /** Rows with every waiter before what it waits for; among equals the later created first. */
    static List<TaskRow> lastFirst(List<TaskRow> rows, Function<String, List<Edge>> edgesTo) {
        Map<String, TaskRow> byId = new LinkedHashMap<>();
        rows.forEach(row -> byId.put(row.taskId, row));
        List<Edge> inside = new ArrayList<>();
        rows.forEach(row -> edgesTo.apply(row.taskId).stream()
                .filter(edge -> byId.containsKey(edge.from()))
                .forEach(inside::add));
        List<String> order = order(
                rows.stream()
                        .sorted((a, b) -> Long.compare(a.createdNo, b.createdNo))
                        .map(row -> row.taskId)
                        .toList(),
                inside);
        List<TaskRow> sorted = new ArrayList<>(order.stream()
                .map(id -> java.util.Objects.requireNonNull(byId.get(id)))
                .toList());
        Collections.reverse(sorted);
        return sorted;
    }

    /**
     * The ids with everything that a task waits for before it; always the available one that comes first in {@code ids}. Ids
     * on a cycle are left out.
     */
    static List<String> order(List<String> ids, List<Edge> edges) {
        Map<String, Integer> place = new HashMap<>();
        for (int i = 0; i < ids.size(); i++) {
            place.put(ids.get(i), i);
        }
        Map<String, List<String>> waiters = new HashMap<>();
        Map<String, Integer> open = new HashMap<>();
        for (Edge edge : edges) {
            if (place.containsKey(edge.from()) && place.containsKey(edge.to())) {
                waiters.computeIfAbsent(edge.from(), id -> new ArrayList<>()).add(edge.to());
                open.merge(edge.to(), 1, Integer::sum);
            }
        }
        TreeSet<Integer> available = new TreeSet<>();
        for (int i = 0; i < ids.size(); i++) {
            if (!open.containsKey(ids.get(i))) {
                available.add(i);
            }
        }
        List<String> order = new ArrayList<>();
        while (!available.isEmpty()) {
            String id = ids.get(java.util.Objects.requireNonNull(available.pollFirst()));
            order.add(id);
            for (String waiter : waiters.getOrDefault(id, List.of())) {
                Integer left = open.merge(waiter, -1, Integer::sum);
                if (left != null && left == 0) {
                    available.add(place.get(waiter));
                }
            }
        }
        return order;
    }

    /** A cycle among the edges in the order of flow, its first id again at the end; empty if there is none. */
    static List<String> cycle(Set<String> ids, List<Edge> edges) {
        Map<String, List<String>> waiters = new HashMap<>();
        edges.forEach(edge ->
                waiters.computeIfAbsent(edge.from(), id -> new ArrayList<>()).add(edge.to()));
        Set<String> settled = new java.util.HashSet<>(order(List.copyOf(ids), edges));
        for (String id : ids) {
            if (!settled.contains(id)) {
                for (String next : waiters.getOrDefault(id, List.of())) {
                    List<String> back = path(next, id, step -> waiters.getOrDefault(step, List.of()));
                    if (!back.isEmpty()) {
                        List<String> cycle = new ArrayList<>(List.of(id));
                        cycle.addAll(back);
                        return cycle;
                    }
                }
            }
        }
        return List.of();
    }
}
