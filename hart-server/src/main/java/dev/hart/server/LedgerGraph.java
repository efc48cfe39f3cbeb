package dev.hart.server;

import dev.hart.error.LedgerException;
import dev.hart.ledger.Edge;
import dev.hart.ledger.Ledger;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.Task;
import dev.hart.ledger.TaskDocument;
import dev.hart.ledger.TaskFilter;
import dev.hart.ledger.TaskStatus;
import dev.hart.server.LedgerDocuments.Fields;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of a ledger, or a page of them, and what waits for what, as they stand. Nothing here is recursive.
 */
public final class LedgerGraph {
    /** How many tasks one picture has at most. */
    static final int MOST_TASKS = 10_000;

    private static final int PAGE = 1_000;

    private final LedgerId id;
    private final List<Task> tasks;
    private final List<Edge> edges;
    private final Set<String> ids;
    private final boolean isFirst;
    private final boolean hasMore;

    private LedgerGraph(LedgerId id, List<Task> tasks, List<Edge> edges, boolean isFirst, boolean hasMore) {
        this.id = id;
        this.tasks = tasks;
        this.ids = ids(tasks);
        this.edges = edges;
        this.isFirst = isFirst;
        this.hasMore = hasMore;
    }

    private static Set<String> ids(List<Task> tasks) {
        Set<String> ids = new HashSet<>();
        tasks.forEach(task -> ids.add(task.taskId()));
        return ids;
    }

    /**
     * The graph as it stands; tasks that were put away are left out.
     *
     * @throws LedgerException TOO_MANY_TASKS beyond 10,000
     */
    public static LedgerGraph of(Ledger ledger) {
        LedgerGraph graph = page(ledger, 0, MOST_TASKS);
        if (graph.hasMore) {
            throw new LedgerException(
                    "TOO_MANY_TASKS",
                    "%s has more than %d tasks, which is too many for one picture; list them in pages, or export them"
                            .formatted(ledger.id().key(), MOST_TASKS));
        }
        return graph;
    }

    /**
     * A page of the graph, in the order of creation: tasks, and the edges that lead to them, wherever they come from. Over
     * all pages each edge comes once. Tasks that were put away are left out, and their edges.
     *
     * @param after only tasks after the one of this {@link Task#createdNo}; 0 to begin
     * @param limit 1 to 10,000
     */
    static LedgerGraph page(Ledger ledger, long after, int limit) {
        List<Task> tasks = tasks(ledger, TaskFilter.all(), after, limit + 1);
        boolean hasMore = tasks.size() > limit;
        List<Task> page = hasMore ? tasks.subList(0, limit) : tasks;
        Set<String> ids = ids(page);
        List<Edge> edges =
                ledger.edges().stream().filter(edge -> ids.contains(edge.to())).toList();
        if (!edges.stream().allMatch(edge -> ids.contains(edge.from()))) {
            Set<String> away = ids(tasks(ledger, TaskFilter.all().onlyArchived(), 0, Integer.MAX_VALUE));
            edges = edges.stream().filter(edge -> !away.contains(edge.from())).toList();
        }
        return new LedgerGraph(ledger.id(), page, edges, after == 0, hasMore);
    }

    private static List<Task> tasks(Ledger ledger, TaskFilter filter, long after, int most) {
        List<Task> tasks = new ArrayList<>();
        List<Task> page;
        long last = after;
        int wanted;
        do {
            wanted = Math.min(PAGE, most - tasks.size());
            page = ledger.find(filter.after(last).limit(wanted));
            tasks.addAll(page);
            last = page.isEmpty() ? last : page.get(page.size() - 1).createdNo();
        } while (page.size() == wanted && tasks.size() < most);
        return tasks;
    }

    /** Tasks and edges; {@code complete} when that is the whole graph, and {@code next} when tasks follow. */
    public Map<String, @Nullable Object> json() {
        Fields fields = new Fields()
                .put("ledger_id", id.key())
                .put("complete", isFirst && !hasMore)
                .put("tasks", tasks.stream().map(LedgerDocuments::task).toList())
                .put("edges", edges.stream().map(TaskDocument::of).toList());
        if (hasMore) {
            fields.put("next", Long.toString(tasks.get(tasks.size() - 1).createdNo()));
        }
        return fields.map();
    }

    /** A line of the tree: a task, and how deep it is. */
    public record Branch(int depth, Task task) {}

    /** Each task below its parent, in the order of creation. */
    public List<Branch> branches() {
        Map<String, List<Task>> children = new HashMap<>();
        Deque<Branch> next = new ArrayDeque<>();
        for (Task task : tasks) {
            String parent = task.parentTaskId();
            if (parent == null || !ids.contains(parent)) {
                next.addLast(new Branch(0, task));
            } else {
                children.computeIfAbsent(parent, key -> new ArrayList<>()).add(task);
            }
        }
        List<Branch> branches = new ArrayList<>();
        while (!next.isEmpty()) {
            Branch branch = next.removeFirst();
            branches.add(branch);
            List<Task> below = children.getOrDefault(branch.task().taskId(), List.of());
            for (int i = below.size() - 1; i >= 0; i--) {
                next.addFirst(new Branch(branch.depth() + 1, below.get(i)));
            }
        }
        return branches;
    }

    /** Four letters for a status. */
    public static String icon(TaskStatus status) {
        return switch (status) {
            case PENDING, DEFERRED -> "PEND";
            case IN_PROGRESS, RESUMING, DELEGATED -> "RUN ";
            case COMPLETED, SKIPPED, NOT_APPLICABLE -> "DONE";
            case FAILED, ROLLED_BACK -> "FAIL";
            case BLOCKED -> "BLOK";
            case PAUSED, USER_STOPPED -> "PAUS";
            case CANCELLED, TERMINATED -> "CANC";
        };
    }
}
