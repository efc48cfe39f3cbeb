package dev.hart.ledger;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Edges that were put or taken away and are not in the tables yet. Used by one thread. */
final class EdgeChanges {
    private record Key(String from, String to, Edge.Kind kind) {
        static Key of(Edge edge) {
            return new Key(edge.from(), edge.to(), edge.kind());
        }
    }

    /** The edge of each key as it is now; null for none. */
    private final Map<Key, @Nullable Edge> edges = new LinkedHashMap<>();

    private final Set<Key> removed = new HashSet<>();
    private final Map<String, Set<Key>> byFrom = new HashMap<>();
    private final Map<String, Set<Key>> byTo = new HashMap<>();

    EdgeChanges() {}

    EdgeChanges(EdgeChanges others) {
        add(others);
    }

    boolean isEmpty() {
        return edges.isEmpty();
    }

    /** An edge that is there already stays as it is. */
    void put(Edge edge) {
        Key key = Key.of(edge);
        if (edges.get(key) == null) {
            change(key, edge);
        }
    }

    void remove(Edge edge) {
        Key key = Key.of(edge);
        removed.add(key);
        change(key, null);
    }

    private void change(Key key, @Nullable Edge edge) {
        edges.put(key, edge);
        byFrom.computeIfAbsent(key.from(), id -> new LinkedHashSet<>()).add(key);
        byTo.computeIfAbsent(key.to(), id -> new LinkedHashSet<>()).add(key);
    }

    /** Changes that were made after these. */
    void add(EdgeChanges later) {
        later.removed.forEach(key -> {
            removed.add(key);
            change(key, null);
        });
        later.put().forEach(this::put);
    }

    /** What waits for {@code taskId}, given what waited for it before these changes. */
    List<Edge> from(String taskId, List<Edge> before) {
        return applied(before, byFrom.get(taskId), Comparator.comparing(Edge::to));
    }

    /** What {@code taskId} waits for, given what it waited for before these changes. */
    List<Edge> to(String taskId, List<Edge> before) {
        return applied(before, byTo.get(taskId), Comparator.comparing(Edge::from));
    }

    private List<Edge> applied(List<Edge> before, @Nullable Set<Key> changed, Comparator<Edge> order) {
        if (changed == null) {
            return before;
        }
        Map<Key, Edge> after = new LinkedHashMap<>();
        before.forEach(edge -> after.put(Key.of(edge), edge));
        for (Key key : changed) {
            Edge edge = edges.get(key);
            if (removed.contains(key)) {
                after.remove(key);
            }
            if (edge != null) {
                after.putIfAbsent(key, edge);
            }
        }
        List<Edge> all = new ArrayList<>(after.values());
        all.sort(order);
        return all;
    }

    /** The tasks whose waiters change. */
    Set<String> from() {
        return byFrom.keySet();
    }

    /** Those whose rows have to go before {@link #put} ones come. */
    List<Edge> removed() {
        return removed.stream()
                .map(key -> new Edge(key.from(), key.to(), key.kind(), Outcome.ANY, false))
                .toList();
    }

    List<Edge> put() {
        List<Edge> put = new ArrayList<>();
        edges.values().forEach(edge -> {
            if (edge != null) {
                put.add(edge);
            }
        });
        return put;
    }
}
