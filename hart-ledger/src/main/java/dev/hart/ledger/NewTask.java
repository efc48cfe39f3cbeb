package dev.hart.ledger;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A task to be added. Begin with {@link #of} and name what differs.
 *
 * @param type {@link TaskType#PRE_ASSIGNED} unless set
 * @param executionMode {@link ExecutionMode#SEQUENTIAL} unless set
 * @param priority 50 unless set; put into 0 to 100
 * @param parentTaskId the task that waits for this one to end, or null
 * @param context {@code dev.hart.json} values; empty unless set
 * @param maxRetries 3 unless set
 * @param prerequisites ids of tasks that must succeed first, without repetition
 */
public record NewTask(
        String taskId,
        String description,
        TaskType type,
        ExecutionMode executionMode,
        int priority,
        @Nullable String parentTaskId,
        Map<String, ? extends @Nullable Object> context,
        boolean container,
        int maxRetries,
        List<String> prerequisites) {

    /** @throws dev.hart.error.LedgerException INVALID_ARGUMENT for a bad id, a blank description, or retries outside 0 to 1000 */
    public NewTask {
        Limits.requireId("task id", taskId);
        Limits.requireText("description", description);
        Limits.requireRange("maxRetries", maxRetries, 0, Limits.MAX_RETRIES);
        priority = Math.max(0, Math.min(100, priority));
        prerequisites = List.copyOf(new LinkedHashSet<>(prerequisites));
    }

    public static NewTask of(String taskId, String description) {
        return new NewTask(
                taskId,
                description,
                TaskType.PRE_ASSIGNED,
                ExecutionMode.SEQUENTIAL,
                50,
                null,
                Map.of(),
                false,
                3,
                List.of());
    }

    public NewTask type(TaskType type) {
        return new NewTask(
                taskId,
                description,
                type,
                executionMode,
                priority,
                parentTaskId,
                context,
                container,
                maxRetries,
                prerequisites);
    }

    public NewTask executionMode(ExecutionMode executionMode) {
        return new NewTask(
                taskId,
                description,
                type,
                executionMode,
                priority,
                parentTaskId,
                context,
                container,
                maxRetries,
                prerequisites);
    }

    public NewTask priority(int priority) {
        return new NewTask(
                taskId,
                description,
                type,
                executionMode,
                priority,
                parentTaskId,
                context,
                container,
                maxRetries,
                prerequisites);
    }

    public NewTask childOf(String parentTaskId) {
        return new NewTask(
                taskId,
                description,
                type,
                executionMode,
                priority,
                parentTaskId,
                context,
                container,
                maxRetries,
                prerequisites);
    }

    public NewTask context(Map<String, ? extends @Nullable Object> context) {
        return new NewTask(
                taskId,
                description,
                type,
                executionMode,
                priority,
                parentTaskId,
                context,
                container,
                maxRetries,
                prerequisites);
    }

    /** Makes it a task that only groups its children. */
    public NewTask asContainer() {
        return new NewTask(
                taskId,
                description,
                type,
                executionMode,
                priority,
                parentTaskId,
                context,
                true,
                maxRetries,
                prerequisites);
    }

    public NewTask maxRetries(int maxRetries) {
        return new NewTask(
                taskId,
                description,
                type,
                executionMode,
                priority,
                parentTaskId,
                context,
                container,
                maxRetries,
                prerequisites);
    }

    public NewTask after(String... prerequisites) {
        return new NewTask(
                taskId,
                description,
                type,
                executionMode,
                priority,
                parentTaskId,
                context,
                container,
                maxRetries,
                List.of(prerequisites));
    }
}
