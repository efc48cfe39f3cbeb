package dev.hart.ledger;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What an agent should know of a ledger before it decides what to do, as data and as a text for a prompt. Immutable. */
public final class Awareness {
    private static final int LISTED = 5;
    private static final int MAX_PARALLEL = 3;
    private static final int MAX_DESCRIPTION = 50;
    private static final int MAX_OUTCOME = 100;
    private static final double HIGH_FAILURE_RATE = 0.3;
    private static final int LITTLE_PROGRESS = 20;
    private static final int MANY_BLOCKED = 3;
    private static final int SEVERAL_PARALLEL = 2;

    /** What to do next, in the order in which they are thought of. */
    public enum Action {
        /** A running task has come to 100 percent. */
        COMPLETE_TASK,
        /** A child of a task that waits for it is ready. */
        EXECUTE_CHILD,
        /** Several ready tasks may run beside one another. */
        START_PARALLEL,
        START_TASK,
        /** Go on with a running task. */
        CONTINUE,
        /** A task is held and nothing else can be done. */
        RESOLVE_BLOCKER,
        /** A failed task still holds up others. */
        REVIEW_FAILURE,
        ALL_COMPLETE,
        WAIT;

        /** Lower case, as in prompts and documents. */
        public String wireName() {
            return WireNames.of(this);
        }
    }

    /** The action, the tasks it is about, and why. */
    public record Recommendation(Action action, List<String> taskIds, String reason) {}

    /** A task being done, and what to do about it. */
    public record Executing(Task task, String nextAction) {}

    /** A task that is held, and what would let it go on. */
    public record Blocked(Task task, String unblockCondition) {}

    private final LedgerReport.Progress progress;
    private final List<Task> executed;
    private final List<Executing> executing;
    private final List<Task> pending;
    private final List<Blocked> blocked;
    private final Recommendation recommendation;
    private final List<String> hints;

    Awareness(LedgerReport report) {
        TaskGraph graph = report.graph();
        LedgerReport.Execution execution = report.execution();
        this.progress = execution.progress();
        this.executed = execution.executed();
        this.executing = execution.executing().stream()
                .map(task -> new Executing(task, nextAction(task)))
                .toList();
        this.pending = graph.inStatus(TaskStatus.PENDING);
        this.blocked = graph.resumable().stream()
                .map(task -> new Blocked(task, unblockCondition(graph, task)))
                .toList();
        List<Task> waitingChildren = graph.ready().stream()
                .filter(task -> isWaitedForByParent(graph, task))
                .toList();
        this.recommendation = recommend(graph, execution, waitingChildren);
        this.hints = hints(graph, waitingChildren);
    }

    private static boolean isWaitedForByParent(TaskGraph graph, Task task) {
        Task parent = task.parentTaskId() == null
                ? null
                : graph.task(task.parentTaskId()).orElse(null);
        return parent != null
                && !parent.container()
                && (parent.status() == TaskStatus.BLOCKED || parent.status() == TaskStatus.IN_PROGRESS);
    }

    private static String nextAction(Task task) {
        if (task.status() == TaskStatus.DELEGATED) {
            return "wait for " + task.delegatedTo();
        } else if (task.progress() == 100) {
            return "complete it";
        } else if (task.hasOpenChildren()) {
            return "finish its children";
        }
        return "go on";
    }

    private static String unblockCondition(TaskGraph graph, Task task) {
        TaskGraph.DependencyStatus status = graph.dependencyStatus(task.taskId());
        List<String> waits = new ArrayList<>(status.unmet());
        waits.addAll(status.openChildren());
        BlockedReason reason = task.blockedReason();
        String asked = reason == null || reason == BlockedReason.DEPENDENCY
                ? ""
                : reason.wireName() + (task.blockedDetail() == null ? "" : " (" + task.blockedDetail() + ")");
        String others = waits.isEmpty()
                ? ""
                : waits.stream().limit(LISTED).collect(Collectors.joining(", "))
                        + (waits.size() > LISTED ? " and " + (waits.size() - LISTED) + " more" : "");
        if (asked.isEmpty() && others.isEmpty()) {
            return "resume it";
        } else if (asked.isEmpty()) {
            return "finish " + others;
        }
        return "answer " + asked + (others.isEmpty() ? "" : " and finish " + others);
    }

    private Recommendation recommend(TaskGraph graph, LedgerReport.Execution execution, List<Task> waitingChildren) {
        for (Executing running : executing) {
            if (running.task().progress() == 100 && running.task().status() == TaskStatus.IN_PROGRESS) {
                return about(Action.COMPLETE_TASK, running.task(), "it has come to 100 percent");
            }
        }
        if (!waitingChildren.isEmpty()) {
            Task child = waitingChildren.get(0);
            return about(Action.EXECUTE_CHILD, child, child.parentTaskId() + " waits for it");
        }
        List<Task> parallel = graph.readyParallel();
        if (parallel.size() >= SEVERAL_PARALLEL) {
            return new Recommendation(
                    Action.START_PARALLEL,
                    parallel.stream().limit(MAX_PARALLEL).map(Task::taskId).toList(),
                    parallel.size() + " tasks may run beside one another");
        }
        if (!execution.next().isEmpty()) {
            return about(Action.START_TASK, execution.next().get(0), "it is the most urgent ready task");
        }
        for (Executing running : executing) {
            if (running.task().status() == TaskStatus.IN_PROGRESS) {
                return about(
                        Action.CONTINUE,
                        running.task(),
                        "it is at " + running.task().progress() + " percent");
            }
        }
        for (Blocked held : blocked) {
            // What waits for other tasks is no blocker of its own.
            if (held.task().unmetEdges() == 0 && !held.task().hasOpenChildren()) {
                return about(Action.RESOLVE_BLOCKER, held.task(), held.unblockCondition());
            }
        }
        for (Task task : executed) {
            if (task.status().isFailure() && !graph.blockedBy(task.taskId()).isEmpty()) {
                return about(
                        Action.REVIEW_FAILURE,
                        task,
                        graph.blockedBy(task.taskId()).size() + " tasks wait for it in vain");
            }
        }
        return progress.total() > 0 && executed.size() == progress.total()
                ? new Recommendation(Action.ALL_COMPLETE, List.of(), "every task has ended")
                : new Recommendation(Action.WAIT, List.of(), "nothing can be done now");
    }

    private static Recommendation about(Action action, Task task, String reason) {
        return new Recommendation(action, List.of(task.taskId()), reason);
    }

    private List<String> hints(TaskGraph graph, List<Task> waitingChildren) {
        List<String> found = new ArrayList<>();
        if (!executed.isEmpty() && (double) progress.failed() / executed.size() > HIGH_FAILURE_RATE) {
            found.add("%d of %d ended tasks failed: look for a common cause"
                    .formatted(progress.failed(), executed.size()));
        }
        for (Executing running : executing) {
            Task task = running.task();
            if (task.status() == TaskStatus.IN_PROGRESS
                    && task.progress() < LITTLE_PROGRESS
                    && task.steps().isEmpty()) {
                found.add("%s is running and has reported no step: note its progress".formatted(task.taskId()));
            }
        }
        if (progress.blocked() > MANY_BLOCKED) {
            found.add("%d tasks are blocked: resolve what holds most of them".formatted(progress.blocked()));
        }
        int parallel = graph.readyParallel().size();
        if (parallel > SEVERAL_PARALLEL) {
            found.add("%d ready tasks may run beside one another".formatted(parallel));
        }
        if (!waitingChildren.isEmpty()) {
            found.add("%s waits for its child %s"
                    .formatted(
                            waitingChildren.get(0).parentTaskId(),
                            waitingChildren.get(0).taskId()));
        }
        return List.copyOf(found);
    }

    public LedgerReport.Progress progress() {
        return progress;
    }

    /** Ended tasks, the last one to end last. */
    public List<Task> executed() {
        return executed;
    }

    /** Active tasks, containers left out. */
    public List<Executing> executing() {
        return executing;
    }

    /** Pending tasks, ready or not. */
    public List<Task> pending() {
        return pending;
    }

    /** Paused, stopped and blocked tasks. */
    public List<Blocked> blocked() {
        return blocked;
    }

    public Recommendation recommendation() {
        return recommendation;
    }

    /** What deserves attention, as sentences. */
    public List<String> hints() {
        return hints;
    }

    /** For a prompt: descriptions are cut at 50 characters, results and errors at 100, lists after five. */
    public String text() {
        StringBuilder text = new StringBuilder();
        text.append("TASKS: %d of %d completed (%s), %d in progress, %d pending, %d blocked, %d failed%n"
                .formatted(
                        progress.completed(),
                        progress.total(),
                        progress.progress(),
                        progress.inProgress(),
                        progress.pending(),
                        progress.blocked(),
                        progress.failed())
                .replace(System.lineSeparator(), "\n"));
        list(text, "EXECUTED", executed, task -> line(task) + outcome(task));
        list(
                text,
                "EXECUTING",
                executing,
                running ->
                        line(running.task()) + " (" + running.task().progress() + "%) next: " + running.nextAction());
        list(text, "PENDING", pending, task -> line(task) + (task.claimable() ? "" : " (not ready)"));
        list(text, "BLOCKED", blocked, held -> line(held.task()) + " until: " + held.unblockCondition());
        text.append("RECOMMENDED: ")
                .append(recommendation.action().wireName())
                .append(recommendation.taskIds().isEmpty() ? "" : " " + String.join(", ", recommendation.taskIds()))
                .append(" (")
                .append(recommendation.reason())
                .append(")\n");
        hints.forEach(hint -> text.append("HINT: ").append(hint).append('\n'));
        return text.toString();
    }

    private static <T> void list(
            StringBuilder text, String title, List<T> items, java.util.function.Function<T, String> line) {
        if (items.isEmpty()) {
            return;
        }
        text.append(title).append(" (").append(items.size()).append("):\n");
        items.stream()
                .limit(LISTED)
                .forEach(item -> text.append("- ").append(line.apply(item)).append('\n'));
        if (items.size() > LISTED) {
            text.append("- and ").append(items.size() - LISTED).append(" more\n");
        }
    }

    private static String line(Task task) {
        return task.taskId() + ": " + TextCut.line(task.description(), MAX_DESCRIPTION);
    }

    private static String outcome(Task task) {
        if (task.status() == TaskStatus.COMPLETED) {
            return task.result() == null
                    ? " -> completed"
                    : " -> " + TextCut.line(plain(Objects.requireNonNull(task.result())), MAX_OUTCOME);
        }
        String error = task.errorMessage();
        return " -> " + task.status().wireName() + (error == null ? "" : ": " + TextCut.line(error, MAX_OUTCOME));
    }

    private static String plain(Object result) {
        return result instanceof String text ? text : CanonicalJson.write(result);
    }

    /** The whole as a JSON object: every task by id, description, status and what there is to say about it. */
    public Map<String, @Nullable Object> document() {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("progress", progress.document());
        document.put(
                "executed",
                executed.stream()
                        .map(task -> entry(task, "outcome", outcome(task).substring(" -> ".length())))
                        .toList());
        document.put(
                "executing",
                executing.stream()
                        .map(running -> entry(running.task(), "next_action", running.nextAction()))
                        .toList());
        document.put(
                "pending",
                pending.stream()
                        .map(task -> entry(task, "ready", task.claimable()))
                        .toList());
        document.put(
                "blocked",
                blocked.stream()
                        .map(held -> entry(held.task(), "unblock_condition", held.unblockCondition()))
                        .toList());
        Map<String, @Nullable Object> advice = new LinkedHashMap<>();
        advice.put("action", recommendation.action().wireName());
        advice.put("task_ids", recommendation.taskIds());
        advice.put("reason", recommendation.reason());
        document.put("recommended_action", advice);
        document.put("hints", hints);
        return document;
    }

    private static Map<String, @Nullable Object> entry(Task task, String name, Object value) {
        Map<String, @Nullable Object> entry = new LinkedHashMap<>();
        entry.put("task_id", task.taskId());
        entry.put("description", task.description());
        entry.put("status", task.status().wireName());
        entry.put(name, value);
        return entry;
    }
}
