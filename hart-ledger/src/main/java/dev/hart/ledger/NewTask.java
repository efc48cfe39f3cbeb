package dev.hart.ledger;

import dev.hart.error.LedgerException;
import dev.hart.json.Json;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a task is made from.
 *
 * @param taskId unique in its ledger: 1 to 255 of letters, digits and {@code . _ : ~ -}
 * @param prerequisites ids of tasks that must be resolved before it starts; they must be there already
 * @param maxRetries how often a failed attempt is repeated
 */
public record NewTask(
        String taskId,
        String description,
        @Nullable String parentTaskId,
        boolean container,
        Map<String, @Nullable Object> context,
        List<String> prerequisites,
        int maxRetries) {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._:~-]{1,255}");

    public NewTask {
        if (!ID.matcher(taskId).matches()) {
            throw new LedgerException(
                    "INVALID_ARGUMENT", "task_id has 1 to 255 letters, digits and . _ : ~ -, was '" + taskId + "'");
        }
        if (description.isBlank()) {
            throw new LedgerException("INVALID_ARGUMENT", "description of task " + taskId + " is blank");
        }
        if (maxRetries < 0) {
            throw new LedgerException("INVALID_ARGUMENT", "max_retries of task " + taskId + " is negative");
        }
        context = Json.objectOf(context);
        prerequisites = List.copyOf(prerequisites);
    }

    /** A task of its own, with three retries. */
    public static NewTask of(String taskId, String description) {
        return new NewTask(taskId, description, null, false, Map.of(), List.of(), 3);
    }

    public NewTask withParent(String parent) {
        return new NewTask(taskId, description, parent, container, context, prerequisites, maxRetries);
    }

    /** Only groups others. */
    public NewTask asContainer() {
        return new NewTask(taskId, description, parentTaskId, true, context, prerequisites, maxRetries);
    }

    public NewTask withContext(Map<String, @Nullable Object> values) {
        return new NewTask(taskId, description, parentTaskId, container, values, prerequisites, maxRetries);
    }

    public NewTask withPrerequisites(List<String> taskIds) {
        return new NewTask(taskId, description, parentTaskId, container, context, taskIds, maxRetries);
    }

    public NewTask withMaxRetries(int retries) {
        return new NewTask(taskId, description, parentTaskId, container, context, prerequisites, retries);
    }
}
