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

/** The tasks of a ledger and what waits for what, as they stand. Nothing here is recursive. */
public final class LedgerGraph {
    private static final int MOST_TASKS = 10_000;
    private static final int PAGE = 1_000;

    private final LedgerId id;
    private final List<Task> tasks;
    private final List<Edge> edges;
    private final Set<String> ids = new HashSet<>();

    private LedgerGraph(LedgerId id, List<Task> tasks, List<Edge> edges) {
        this.id = id;
        this.tasks = tasks;
        tasks.forEach(task -> ids.add(task.taskId()));
        this.edges = edges.stream()
                .filter(edge -> ids.contains(edge.from()) && ids.contains(edge.to()))
                .toList();
    }

    /**
     * The graph as it stands; tasks that were put away are left out.
     *
     * @throws LedgerException TOO_MANY_TASKS beyond 10,000
     */
    public static LedgerGraph of(Ledger ledger) {
        List<Task> tasks = new ArrayList<>();
        List<Task> page;
        long after = 0;
        do {
            page = ledger.find(TaskFilter.all().after(after).limit(PAGE));
            tasks.addAll(page);
            if (tasks.size() > MOST_TASKS) {
                throw new LedgerException(
                        "TOO_MANY_TASKS",
                        "%s has more than %d tasks, which is too many for one picture; list them in pages"
                                .formatted(ledger.id().key(), MOST_TASKS));
            }
            after = page.isEmpty() ? after : page.get(page.size() - 1).createdNo();
        } while (page.size() == PAGE);
        return new LedgerGraph(ledger.id(), tasks, tasks.isEmpty() ? List.of() : ledger.edges());
    }

    /** Tasks and edges. */
    public Map<String, @Nullable Object> json() {
        return new Fields()
                .put("ledger_id", id.key())
                .put("tasks", tasks.stream().map(LedgerDocuments::task).toList())
                .put("edges", edges.stream().map(TaskDocument::of).toList())
                .map();
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
