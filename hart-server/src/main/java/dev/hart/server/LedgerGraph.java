package dev.hart.server;

import dev.hart.error.LedgerException;
import dev.hart.ledger.Edge;
import dev.hart.ledger.Ledger;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.Outcome;
import dev.hart.ledger.Task;
import dev.hart.ledger.TaskFilter;
import dev.hart.ledger.TaskStatus;
import dev.hart.server.LedgerDocuments.Fields;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tasks of a ledger and what waits for what, as a picture or a tree. Nothing here is recursive. */
public final class LedgerGraph {
    private static final int MOST_TASKS = 10_000;
    private static final int PAGE = 1_000;
    private static final int LONGEST_LABEL = 50;

    private final LedgerId id;
    private final List<Task> tasks;
    private final List<Edge> edges;
    private final Map<String, String> nodes = new LinkedHashMap<>();

    private LedgerGraph(LedgerId id, List<Task> tasks, List<Edge> edges) {
        this.id = id;
        this.tasks = tasks;
        tasks.forEach(task -> nodes.put(task.taskId(), "t" + nodes.size()));
        this.edges = edges.stream()
                .filter(edge -> nodes.containsKey(edge.from()) && nodes.containsKey(edge.to()))
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
                .put("edges", edges.stream().map(this::edge).toList())
                .map();
    }

    private Map<String, @Nullable Object> edge(Edge edge) {
        return new Fields()
                .put("from_task", edge.from())
                .put("to_task", edge.to())
                .put("kind", edge.kind())
                .put("condition", edge.condition())
                .put("strict", edge.strict())
                .map();
    }

    /** For Graphviz. */
    public String dot() {
        StringBuilder out = new StringBuilder("digraph ledger {\n  rankdir=LR;\n  node [shape=box, style=rounded];\n");
        for (Task task : tasks) {
            out.append("  %s [label=%s];%n".formatted(node(task.taskId()), quoted(label(task) + "\n" + status(task))));
        }
        for (Task task : tasks) {
            if (isShown(task.parentTaskId())) {
                out.append("  %s -> %s [style=dashed, arrowhead=none];%n"
                        .formatted(node(task.parentTaskId()), node(task.taskId())));
            }
        }
        for (Edge edge : edges) {
            String label = edge.condition() == Outcome.SUCCESS ? "" : " [label=" + quoted(condition(edge)) + "]";
            out.append("  %s -> %s%s;%n".formatted(node(edge.from()), node(edge.to()), label));
        }
        return unix(out.append("}\n"));
    }

    /** For Mermaid. */
    public String mermaid() {
        StringBuilder out = new StringBuilder("flowchart LR\n");
        for (Task task : tasks) {
            out.append("  %s[\"%s<br/>%s\"]%n".formatted(node(task.taskId()), entities(label(task)), status(task)));
        }
        for (Task task : tasks) {
            if (isShown(task.parentTaskId())) {
                out.append("  %s -.- %s%n".formatted(node(task.parentTaskId()), node(task.taskId())));
            }
        }
        for (Edge edge : edges) {
            String arrow = edge.condition() == Outcome.SUCCESS ? "-->" : "-- " + condition(edge) + " -->";
            out.append("  %s %s %s%n".formatted(node(edge.from()), arrow, node(edge.to())));
        }
        return unix(out);
    }

    /** A line of the tree: a task, and how deep it is. */
    public record Branch(int depth, Task task) {}

    /** Each task below its parent, in the order of creation. */
    public List<Branch> branches() {
        Map<String, List<Task>> children = new HashMap<>();
        Deque<Branch> next = new ArrayDeque<>();
        for (Task task : tasks) {
            String parent = task.parentTaskId();
            if (parent == null || !nodes.containsKey(parent)) {
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

    /** The tree as text, two spaces a level. */
    public String tree() {
        StringBuilder out = new StringBuilder();
        for (Branch branch : branches()) {
            out.append("  ".repeat(branch.depth()))
                    .append('[')
                    .append(icon(branch.task().status()))
                    .append("] ")
                    .append(label(branch.task()))
                    .append('\n');
        }
        return out.toString();
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

    private boolean isShown(@Nullable String taskId) {
        return taskId != null && nodes.containsKey(taskId);
    }

    private String node(@Nullable String taskId) {
        return String.valueOf(nodes.get(taskId));
    }

    private static String status(Task task) {
        return task.status().wireName();
    }

    private static String condition(Edge edge) {
        return LedgerDocuments.wireName(edge.condition());
    }

    private static String label(Task task) {
        String text = task.taskId() + ": " + task.description().replaceAll("\\s+", " ");
        return text.length() <= LONGEST_LABEL ? text : text.substring(0, LONGEST_LABEL - 1) + "…";
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }

    private static String entities(String text) {
        StringBuilder safe = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (Character.isLetterOrDigit(c) || " .,:_-~/()…".indexOf(c) >= 0) {
                safe.appendCodePoint(c);
            } else {
                safe.append('#').append(c).append(';');
            }
        });
        return safe.toString();
    }

    private static String unix(StringBuilder text) {
        return text.toString().replace(System.lineSeparator(), "\n");
    }
}
