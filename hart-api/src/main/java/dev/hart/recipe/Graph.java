package dev.hart.recipe;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Ids and what each one waits for, in input order. Ids that wait for themselves, or for one id twice, are as if they did
 * not. The order is Kahn's (1962), seeded and emptied first in, first out.
 */
final class Graph {
    private final Map<Integer, Set<Integer>> needs = new LinkedHashMap<>();

    /** @param needs from each id to what it waits for; every id that is waited for must be a key */
    Graph(Map<Integer, ? extends Collection<Integer>> needs) {
        needs.forEach((id, others) -> {
            Set<Integer> distinct = new HashSet<>(others);
            distinct.remove(id);
            this.needs.put(id, distinct);
        });
    }

    /** Every id behind what it waits for; shorter than the input when there is a cycle. */
    List<Integer> order() {
        Map<Integer, Integer> open = new LinkedHashMap<>();
        Map<Integer, List<Integer>> waiting = new HashMap<>();
        needs.forEach((id, others) -> {
            open.put(id, others.size());
            others.forEach(other ->
                    waiting.computeIfAbsent(other, k -> new ArrayList<>()).add(id));
        });
        Queue<Integer> free = new ArrayDeque<>();
        open.forEach((id, count) -> {
            if (count == 0) {
                free.add(id);
            }
        });
        List<Integer> order = new ArrayList<>();
        for (Integer id = free.poll(); id != null; id = free.poll()) {
            order.add(id);
            for (Integer waiter : waiting.getOrDefault(id, List.of())) {
                if (open.merge(waiter, -1, Integer::sum) == 0) {
                    free.add(waiter);
                }
            }
        }
        return order;
    }

    /** Wave 1 waits for nothing, wave k+1 only for waves up to k; input order inside a wave. */
    List<List<Integer>> waves() {
        Map<Integer, Integer> level = new HashMap<>();
        List<List<Integer>> waves = new ArrayList<>();
        for (Integer id : order()) {
            int wave = 0;
            for (Integer other : needsOf(id)) {
                wave = Math.max(wave, level.getOrDefault(other, 0) + 1);
            }
            level.put(id, wave);
            while (waves.size() <= wave) {
                waves.add(new ArrayList<>());
            }
        }
        for (Integer id : needs.keySet()) {
            Integer wave = level.get(id);
            if (wave != null) {
                waves.get(wave).add(id);
            }
        }
        return waves;
    }

    /** Ids that are on a cycle or wait for one, in input order; empty when there is no cycle. */
    List<Integer> stuck() {
        Set<Integer> ordered = new HashSet<>(order());
        return needs.keySet().stream().filter(id -> !ordered.contains(id)).toList();
    }

    /** The shortest cycle, its first id repeated at the end: {@code [1, 2, 1]}; empty when there is none. */
    List<Integer> shortestCycle() {
        List<Integer> shortest = List.of();
        for (Integer start : stuck()) {
            List<Integer> cycle = cycleThrough(start);
            if (cycle != null && (shortest.isEmpty() || cycle.size() < shortest.size())) {
                shortest = cycle;
            }
        }
        return shortest;
    }

    private Set<Integer> needsOf(Integer id) {
        return needs.getOrDefault(id, Set.of());
    }

    private @Nullable List<Integer> cycleThrough(Integer start) {
        Map<Integer, Integer> cameFrom = new HashMap<>();
        Queue<Integer> queue = new ArrayDeque<>(List.of(start));
        for (Integer id = queue.poll(); id != null; id = queue.poll()) {
            for (Integer other : needsOf(id)) {
                if (other.equals(start)) {
                    Deque<Integer> path = new ArrayDeque<>(List.of(start));
                    for (Integer at = id; at != null && !at.equals(start); at = cameFrom.get(at)) {
                        path.addFirst(at);
                    }
                    path.addFirst(start);
                    return List.copyOf(path);
                }
                if (cameFrom.putIfAbsent(other, id) == null) {
                    queue.add(other);
                }
            }
        }
        return null;
    }
}
