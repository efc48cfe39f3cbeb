package dev.hart.ledger;

import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A ledger's tasks with their parents and with what they wait for, as they stood at one moment. Immutable, thread-safe;
 * {@link Ledger#graph} reads it. Lists are in the order of creation unless they say otherwise.
 *
 * <p>Tasks that were put away ({@link Task#archived}) are in no list, but what waited for them still knows them.
 *
 * <p>Methods that take an id throw {@link dev.hart.error.LedgerException} TASK_NOT_FOUND for an unknown one.
 */
public final class TaskGraph {
    private static final String ESTIMATE = "estimated_duration";

    /** A task in a tree, and how far it is from the tree's root, which is 0. */
    public record Node(Task task, int depth) {}

    /**
     * A longest way through tasks that wait for each other.
     *
     * @param taskIds in the order in which they are done; empty for a ledger without tasks
     * @param duration the sum of their estimates, the last one included, in the unit of the estimates
     */
    public record CriticalPath(List<String> taskIds, BigDecimal duration) {}

    /** Something that a task waits for, and where that stands; {@code edge.isDead} cannot come true any more. */
    public record Dependency(Edge edge, TaskStatus status, boolean isSatisfied, boolean isDead) {}

    /**
     * What a task waits for.
     *
     * @param dependencies prerequisites and blockers, in the order of their ids
     * @param openChildren ids of children that have not ended
     */
    public record DependencyStatus(Task task, List<Dependency> dependencies, List<String> openChildren) {

        /** Whether nothing that is not satisfied is left; time and the status of the task itself are left aside. */
        public boolean isMet() {
            return openChildren.isEmpty() && unmet().isEmpty();
        }

        /** Ids of tasks that have not come to the outcome that is waited for. */
        public List<String> unmet() {
            return dependencies.stream()
                    .filter(dependency -> !dependency.isSatisfied())
                    .map(dependency -> dependency.edge().from())
                    .distinct()
                    .toList();
        }
    }

    /**
     * What whoever works on a task should know.
     *
     * @param prerequisiteResults results of what it waited for, by task id
     */
    public record Surroundings(
            Task task, @Nullable Task parent, Map<String, Object> prerequisiteResults, List<Task> siblings) {}

    /**
     * Why nothing goes on.
     *
     * @param task what somebody has to decide about
     * @param reason what is the matter with it
     * @param holdsUp ids of tasks that wait for it directly
     */
    public record RootCause(Task task, String reason, List<String> holdsUp) {}

    private final LedgerId ledger;
    private final boolean paused;
    private final Map<String, Task> known = new LinkedHashMap<>();
    private final List<Task> tasks;
    private final List<Edge> edges;
    private final Map<String, List<Edge>> edgesTo = new HashMap<>();
    private final Map<String, List<Edge>> edgesFrom = new HashMap<>();
    private final Map<String, List<Task>> children = new HashMap<>();

    /** @param all with tasks put away, in the order of creation */
    TaskGraph(LedgerId ledger, boolean paused, List<Task> all, List<Edge> edges) {
        this.ledger = ledger;
        this.paused = paused;
        this.edges = List.copyOf(edges);
        all.forEach(task -> known.put(task.taskId(), task));
        this.tasks = all.stream().filter(task -> !task.archived()).toList();
        for (Task task : tasks) {
            if (task.parentTaskId() != null) {
                children.computeIfAbsent(task.parentTaskId(), id -> new ArrayList<>())
                        .add(task);
            }
        }
        for (Edge edge : edges) {
            edgesTo.computeIfAbsent(edge.to(), id -> new ArrayList<>()).add(edge);
            edgesFrom.computeIfAbsent(edge.from(), id -> new ArrayList<>()).add(edge);
        }
    }

    public LedgerId ledger() {
        return ledger;
    }

    /** All tasks. */
    public List<Task> tasks() {
        return tasks;
    }

    /** All edges, those of tasks put away too. */
    public List<Edge> edges() {
        return edges;
    }

    public Optional<Task> task(String taskId) {
        return Optional.ofNullable(known.get(taskId));
    }

    /** The task of that id. */
    public Task require(String taskId) {
        Task task = known.get(taskId);
        if (task == null) {
            throw Refusals.taskNotFound(ledger.key() + "/" + taskId);
        }
        return task;
    }

    private List<Task> those(Predicate<Task> condition) {
        return tasks.stream().filter(condition).toList();
    }

    /** Tasks that a worker could claim, the most urgent first; none while the ledger is paused. */
    public List<Task> ready() {
        return paused
                ? List.of()
                : tasks.stream()
                        .filter(Task::claimable)
                        .sorted(Comparator.comparing(Task::priority).reversed())
                        .toList();
    }

    /** Those of {@link #ready} that may run beside others. */
    public List<Task> readyParallel() {
        return ready().stream()
                .filter(task -> task.executionMode() == ExecutionMode.PARALLEL)
                .toList();
    }

    /** In progress or delegated. */
    public List<Task> active() {
        return those(task -> task.status().isActive());
    }

    /** Paused, stopped by a person, or blocked. */
    public List<Task> resumable() {
        return those(task -> task.status().isResumable());
    }

    /** Those of {@link #resumable} that wait for no other task any more. */
    public List<Task> readyToResume() {
        return those(task -> task.status().isResumable() && task.unmetEdges() == 0 && !task.hasOpenChildren());
    }

    /** Ended, of whatever kind. */
    public List<Task> ended() {
        return those(task -> !task.isOpen());
    }

    /** Pending or deferred until a time that was set with them. */
    public List<Task> scheduled() {
        return those(task -> task.scheduledAt() != null
                && (task.status() == TaskStatus.PENDING || task.status() == TaskStatus.DEFERRED));
    }

    /** In that status. */
    public List<Task> inStatus(TaskStatus status) {
        return those(task -> task.status() == status);
    }

    /** What a task waits for. */
    public List<Edge> waitsFor(String taskId) {
        require(taskId);
        return Collections.unmodifiableList(edgesTo.getOrDefault(taskId, List.of()));
    }

    /** What waits for a task. */
    public List<Edge> waiters(String taskId) {
        require(taskId);
        return Collections.unmodifiableList(edgesFrom.getOrDefault(taskId, List.of()));
    }

    /** Open tasks that this one holds up directly: it has not come to the outcome that they wait for. */
    public List<Task> blockedBy(String taskId) {
        Task holder = require(taskId);
        Set<Task> held = new LinkedHashSet<>();
        for (Edge edge : edgesFrom.getOrDefault(taskId, List.of())) {
            Task waiter = known.get(edge.to());
            if (waiter != null && waiter.isOpen() && !edge.isSatisfiedBy(holder.status())) {
                held.add(waiter);
            }
        }
        return List.copyOf(held);
    }

    /** A task's children. */
    public List<Task> children(String taskId) {
        require(taskId);
        return Collections.unmodifiableList(children.getOrDefault(taskId, List.of()));
    }

    /** Other children of the same parent, and tasks linked with {@link LedgerTransaction#linkSiblings}. */
    public List<Task> siblings(String taskId) {
        Task task = require(taskId);
        Set<Task> siblings = new LinkedHashSet<>();
        if (task.parentTaskId() != null) {
            siblings.addAll(children.getOrDefault(task.parentTaskId(), List.of()));
        }
        for (String id : task.linkedSiblings()) {
            Task linked = known.get(id);
            if (linked != null) {
                siblings.add(linked);
            }
        }
        siblings.remove(task);
        return siblings.stream().sorted(Comparator.comparing(Task::createdNo)).toList();
    }

    /** Children, their children and so on, each task before its children. */
    public List<Task> descendants(String taskId) {
        return tree(taskId).stream().skip(1).map(Node::task).toList();
    }

    /** How many parents a task has above it: 0 for a root. */
    public int depth(String taskId) {
        int depth = 0;
        for (Task at = require(taskId); at != null && at.parentTaskId() != null; at = known.get(at.parentTaskId())) {
            depth++;
        }
        return depth;
    }

    /** All trees, each task before its children. */
    public List<Node> tree() {
        return nodes(those(task -> {
            Task parent = task.parentTaskId() == null ? null : known.get(task.parentTaskId());
            return parent == null || parent.archived();
        }));
    }

    /** A task and its descendants, each before its children. */
    public List<Node> tree(String taskId) {
        return nodes(List.of(require(taskId)));
    }

    private List<Node> nodes(List<Task> roots) {
        List<Node> nodes = new ArrayList<>();
        Deque<Node> next = new ArrayDeque<>();
        pushAll(next, roots, 0);
        while (!next.isEmpty()) {
            Node node = next.pop();
            nodes.add(node);
            pushAll(next, children.getOrDefault(node.task().taskId(), List.of()), node.depth() + 1);
        }
        return nodes;
    }

    private static void pushAll(Deque<Node> stack, List<Task> siblings, int depth) {
        for (int i = siblings.size() - 1; i >= 0; i--) {
            stack.push(new Node(siblings.get(i), depth));
        }
    }

    /** What a task waits for, and where that stands. */
    public DependencyStatus dependencyStatus(String taskId) {
        Task task = require(taskId);
        List<Dependency> dependencies = new ArrayList<>();
        for (Edge edge : edgesTo.getOrDefault(taskId, List.of())) {
            TaskStatus status = require(edge.from()).status();
            dependencies.add(new Dependency(edge, status, edge.isSatisfiedBy(status), edge.isDeadBy(status)));
        }
        return new DependencyStatus(
                task,
                List.copyOf(dependencies),
                children.getOrDefault(taskId, List.of()).stream()
                        .filter(Task::isOpen)
                        .map(Task::taskId)
                        .toList());
    }

    /** The results, where there are any, of what a task waited for: {@code dev.hart.json} values by task id. */
    public Map<String, Object> prerequisiteResults(String taskId) {
        Map<String, Object> results = new LinkedHashMap<>();
        for (Edge edge : waitsFor(taskId)) {
            Object result = require(edge.from()).result();
            if (result != null) {
                results.put(edge.from(), result);
            }
        }
        return Collections.unmodifiableMap(results);
    }

    /** What whoever works on a task should know. */
    public Surroundings context(String taskId) {
        Task task = require(taskId);
        return new Surroundings(
                task,
                task.parentTaskId() == null ? null : known.get(task.parentTaskId()),
                prerequisiteResults(taskId),
                siblings(taskId));
    }

    /** Tasks in progress though something they wait for is open or came out otherwise: they were started by force. */
    public List<DependencyStatus> validate() {
        return inStatus(TaskStatus.IN_PROGRESS).stream()
                .filter(task -> task.unmetEdges() > 0)
                .map(task -> dependencyStatus(task.taskId()))
                .toList();
    }

    /**
     * Why nothing goes on: empty while all tasks have ended, or one is ready, is worked on, waits for a time, or waits for
     * somebody's answer, and while the ledger is paused. Otherwise the tasks somebody has to decide about.
     */
    public List<RootCause> stalled() {
        if (paused || tasks.stream().noneMatch(Task::isOpen) || tasks.stream().anyMatch(TaskGraph::isMoving)) {
            return List.of();
        }
        List<RootCause> causes = new ArrayList<>();
        for (Task task : known.values()) {
            List<String> dead = edgesFrom.getOrDefault(task.taskId(), List.of()).stream()
                    .filter(edge -> edge.isDeadBy(task.status()) && isOpen(edge.to()))
                    .map(Edge::to)
                    .distinct()
                    .toList();
            if (!dead.isEmpty()) {
                causes.add(new RootCause(task, "ended as " + task.status().wireName(), dead));
            } else if (task.isOpen() && task.unmetEdges() == 0 && !task.hasOpenChildren()) {
                causes.add(new RootCause(
                        task,
                        reason(task),
                        blockedBy(task.taskId()).stream().map(Task::taskId).toList()));
            }
        }
        return List.copyOf(causes);
    }

    private boolean isOpen(String taskId) {
        Task task = known.get(taskId);
        return task != null && task.isOpen() && !task.archived();
    }

    /** Whether something happens to the task without anybody deciding anew, or somebody was asked about it. */
    private static boolean isMoving(Task task) {
        return switch (task.status()) {
            case PENDING -> task.claimable() || task.notBefore() != null;
            case DEFERRED -> task.notBefore() != null;
            case IN_PROGRESS -> !task.container();
            case DELEGATED, RESUMING -> true;
            case BLOCKED -> task.blockedReason() != null && task.blockedReason() != BlockedReason.DEPENDENCY;
            default -> false;
        };
    }

    private static String reason(Task task) {
        if (task.container() && task.status() == TaskStatus.IN_PROGRESS) {
            return "all its children have ended";
        } else if (task.cancelRequested()) {
            return "it shall be cancelled";
        } else if (task.status() == TaskStatus.PENDING) {
            return task.container() ? "it groups tasks and was not started" : "its budget is spent";
        } else if (task.status() == TaskStatus.DEFERRED) {
            return "it is deferred until somebody takes it up again";
        }
        return "it is " + task.status().wireName() + " until somebody resumes it";
    }

    /** Ids of all tasks, what a task waits for before it; always the available one that was created first. */
    public List<String> topologicalOrder() {
        return Walks.order(ids(), edges);
    }

    private List<String> ids() {
        return tasks.stream().map(Task::taskId).toList();
    }

    /**
     * Ids of tasks that could run beside each other: those that wait for none, then those that wait for the first group only,
     * and so on.
     */
    public List<List<String>> parallelGroups() {
        Map<String, Integer> levels = new HashMap<>();
        Map<Integer, List<String>> groups = new LinkedHashMap<>();
        for (String id : topologicalOrder()) {
            int level = 0;
            for (Edge edge : edgesTo.getOrDefault(id, List.of())) {
                level = Math.max(level, levels.getOrDefault(edge.from(), -1) + 1);
            }
            levels.put(id, level);
        }
        List<List<String>> ordered = new ArrayList<>();
        for (Task task : tasks) {
            groups.computeIfAbsent(levels.getOrDefault(task.taskId(), 0), level -> new ArrayList<>())
                    .add(task.taskId());
        }
        for (int level = 0; groups.containsKey(level); level++) {
            ordered.add(Collections.unmodifiableList(Objects.requireNonNull(groups.get(level))));
        }
        return ordered;
    }

    /**
     * The way through waiting tasks that takes longest by the number {@code estimated_duration} in their contexts; 1 where
     * there is none, or none that is 0 or more. Of several the one whose tasks were created first.
     */
    public CriticalPath criticalPath() {
        Map<String, BigDecimal> longest = new HashMap<>();
        Map<String, String> before = new HashMap<>();
        String last = null;
        for (String id : topologicalOrder()) {
            BigDecimal start = BigDecimal.ZERO;
            Task nearest = null;
            for (Edge edge : edgesTo.getOrDefault(id, List.of())) {
                BigDecimal end = longest.get(edge.from());
                if (end == null) {
                    continue; // put away
                }
                Task from = require(edge.from());
                int order = nearest == null ? 1 : end.compareTo(start);
                if (order > 0
                        || order == 0
                                && from.createdNo()
                                        < Objects.requireNonNull(nearest).createdNo()) {
                    start = end;
                    nearest = from;
                }
            }
            BigDecimal end = start.add(estimate(require(id)));
            longest.put(id, end);
            if (nearest != null) {
                before.put(id, nearest.taskId());
            }
            if (last == null || end.compareTo(Objects.requireNonNull(longest.get(last))) > 0) {
                last = id;
            }
        }
        List<String> path = new ArrayList<>();
        for (String at = last; at != null; at = before.get(at)) {
            path.add(at);
        }
        Collections.reverse(path);
        BigDecimal duration = last == null ? null : longest.get(last);
        return new CriticalPath(List.copyOf(path), duration == null ? BigDecimal.ZERO : duration);
    }

    private static BigDecimal estimate(Task task) {
        if (task.context().get(ESTIMATE) instanceof Number number) {
            BigDecimal estimate = new BigDecimal(number.toString());
            return estimate.signum() < 0 ? BigDecimal.ONE : estimate;
        }
        return BigDecimal.ONE;
    }

    /**
     * Ids of tasks that wait for each other, in the order of flow and the first again at the end; empty if there are none. A
     * ledger refuses to make such tasks.
     */
    public List<String> cycle() {
        List<Edge> all = new ArrayList<>(edges);
        for (Task task : known.values()) {
            if (task.parentTaskId() != null) {
                all.add(new Edge(task.taskId(), task.parentTaskId(), Edge.Kind.BLOCKER, Outcome.ANY, false));
            }
        }
        return Walks.cycle(known.keySet(), all);
    }
}
