package dev.hart.ledger;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a ledger's tasks amount to at one moment. Tasks that were put away do not count. Immutable, thread-safe;
 * {@link Ledger#report} reads it.
 */
public final class LedgerReport {

    /**
     * How far the ledger is.
     *
     * @param progress completed tasks as a share of all, such as {@code 33.3%}; {@code 0%} without tasks
     * @param resolvedPercent completed, skipped and not applicable tasks as a share of all, one decimal
     * @param endedPercent ended tasks as a share of all, one decimal
     * @param statusBreakdown how many tasks are in each status that occurs
     */
    public record Progress(
            int total,
            int completed,
            int inProgress,
            int pending,
            int blocked,
            int failed,
            String progress,
            BigDecimal resolvedPercent,
            BigDecimal endedPercent,
            Map<TaskStatus, Integer> statusBreakdown) {

        /** Under the names of routes. */
        public Map<String, @Nullable Object> document() {
            Map<String, @Nullable Object> document = new LinkedHashMap<>();
            document.put("total", (long) total);
            document.put("completed", (long) completed);
            document.put("in_progress", (long) inProgress);
            document.put("pending", (long) pending);
            document.put("blocked", (long) blocked);
            document.put("failed", (long) failed);
            document.put("progress", progress);
            document.put("resolved_pct", resolvedPercent);
            document.put("ended_pct", endedPercent);
            document.put("status_breakdown", counts(statusBreakdown));
            return document;
        }
    }

    /** How many tasks there are of each kind; one task is of several kinds. */
    public record DetailedProgress(
            int totalTasks,
            Map<TaskStatus, Integer> byState,
            int active,
            int paused,
            int terminal,
            int resumable,
            int pending,
            int deferred,
            int delegated) {

        /** Under the names of routes. */
        public Map<String, @Nullable Object> document() {
            Map<String, @Nullable Object> document = new LinkedHashMap<>();
            document.put("total_tasks", (long) totalTasks);
            document.put("by_state", counts(byState));
            document.put("active", (long) active);
            document.put("paused", (long) paused);
            document.put("terminal", (long) terminal);
            document.put("resumable", (long) resumable);
            document.put("pending", (long) pending);
            document.put("deferred", (long) deferred);
            document.put("delegated", (long) delegated);
            return document;
        }
    }

    /**
     * What was done, what is being done, and what comes next.
     *
     * @param executed ended tasks, the last one to end last
     * @param executing active tasks, containers left out
     * @param next ready tasks, the most urgent first
     */
    public record Execution(Progress progress, List<Task> executed, List<Task> executing, List<Task> next) {}

    private final TaskGraph graph;
    private final Map<TaskStatus, List<Task>> byStatus = new EnumMap<>(TaskStatus.class);

    LedgerReport(TaskGraph graph) {
        this.graph = graph;
        for (Task task : graph.tasks()) {
            byStatus.computeIfAbsent(task.status(), status -> new ArrayList<>()).add(task);
        }
    }

    /** The tasks that this is about. */
    public TaskGraph graph() {
        return graph;
    }

    private int count(TaskStatus status) {
        return byStatus.getOrDefault(status, List.of()).size();
    }

    private Map<TaskStatus, Integer> counts() {
        Map<TaskStatus, Integer> counts = new EnumMap<>(TaskStatus.class);
        byStatus.forEach((status, tasks) -> counts.put(status, tasks.size()));
        return Collections.unmodifiableMap(counts);
    }

    private static Map<String, @Nullable Object> counts(Map<TaskStatus, Integer> counts) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        counts.forEach((status, count) -> document.put(status.wireName(), (long) count));
        return document;
    }

    /** How far the ledger is. */
    public Progress progress() {
        int total = graph.tasks().size();
        int resolved = count(TaskStatus.COMPLETED) + count(TaskStatus.SKIPPED) + count(TaskStatus.NOT_APPLICABLE);
        return new Progress(
                total,
                count(TaskStatus.COMPLETED),
                count(TaskStatus.IN_PROGRESS),
                count(TaskStatus.PENDING),
                count(TaskStatus.BLOCKED),
                count(TaskStatus.FAILED),
                total == 0 ? "0%" : percent(count(TaskStatus.COMPLETED), total) + "%",
                percent(resolved, total),
                percent(graph.ended().size(), total),
                counts());
    }

    /** One decimal, half up. */
    static BigDecimal percent(int part, int whole) {
        return whole == 0
                ? BigDecimal.ZERO.setScale(1)
                : BigDecimal.valueOf(part * 100L).divide(BigDecimal.valueOf(whole), 1, RoundingMode.HALF_UP);
    }

    /** The tasks of each status that occurs, in the order of creation. */
    public Map<TaskStatus, List<Task>> states() {
        Map<TaskStatus, List<Task>> states = new EnumMap<>(TaskStatus.class);
        byStatus.forEach((status, tasks) -> states.put(status, Collections.unmodifiableList(tasks)));
        return Collections.unmodifiableMap(states);
    }

    /** How many tasks there are of each kind. */
    public DetailedProgress detailedProgress() {
        return new DetailedProgress(
                graph.tasks().size(),
                counts(),
                graph.active().size(),
                count(TaskStatus.PAUSED) + count(TaskStatus.USER_STOPPED),
                graph.ended().size(),
                graph.resumable().size(),
                count(TaskStatus.PENDING),
                count(TaskStatus.DEFERRED),
                count(TaskStatus.DELEGATED));
    }

    /** What was done, what is being done, and what comes next. */
    public Execution execution() {
        return new Execution(
                progress(),
                graph.ended().stream()
                        .sorted(Comparator.comparing(LedgerReport::endedAt))
                        .toList(),
                graph.active().stream().filter(task -> !task.container()).toList(),
                graph.ready());
    }

    private static java.time.Instant endedAt(Task task) {
        java.time.Instant at = task.completedAt();
        return at == null ? task.updatedAt() : at;
    }

    /** What an agent should know before it decides what to do. */
    public Awareness awareness() {
        return new Awareness(this);
    }
}
