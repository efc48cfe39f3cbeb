package dev.hart.ledger;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An action of a plan, which becomes the task {@code action_{actionId}}.
 *
 * @param actionId from 1, or null to have the ledger choose; earlier actions come first among those that are ready
 * @param prerequisites the ids of actions that must succeed first
 * @param flow the number of the flow it belongs to, or null
 * @param persona who acts, or null
 */
public record PlannedAction(
        @Nullable Long actionId,
        String description,
        List<Long> prerequisites,
        @Nullable Long flow,
        @Nullable String persona) {

    /** Checks the parts; throws LedgerException INVALID_ARGUMENT. */
    public PlannedAction {
        prerequisites = List.copyOf(prerequisites);
        Limits.requireText("description", description);
        if (actionId != null) {
            Limits.requireRange("action_id", actionId, 0, Integer.MAX_VALUE);
        }
    }

    /** An action with nothing but a description. */
    public static PlannedAction of(String description) {
        return new PlannedAction(null, description, List.of(), null, null);
    }

    public static PlannedAction of(long actionId, String description, long... prerequisites) {
        List<Long> before = new ArrayList<>();
        for (long id : prerequisites) {
            before.add(id);
        }
        return new PlannedAction(actionId, description, before, null, null);
    }

    /**
     * Reads an action of a recipe document: a text, or an object with {@code action} (or {@code description}), and perhaps
     * {@code action_id}, {@code prerequisites}, {@code flow} and {@code persona}; other keys are left aside.
     *
     * @param document a {@code dev.hart.json} value
     * @throws dev.hart.error.LedgerException INVALID_ARGUMENT naming the field
     */
    public static PlannedAction read(@Nullable Object document) {
        if (document instanceof String text) {
            return of(text);
        }
        if (!(document instanceof Map<?, ?> action)) {
            throw Limits.invalid("an action is a text or an object, was " + document);
        }
        Object description = action.get("action") == null ? action.get("description") : action.get("action");
        if (!(description instanceof String text)) {
            throw Limits.invalid("action: 'action' must be a text, was " + description);
        }
        List<Long> before = new ArrayList<>();
        Object prerequisites = action.get("prerequisites");
        if (prerequisites instanceof List<?> ids) {
            ids.forEach(id -> before.add(number("prerequisites", id)));
        } else if (prerequisites != null) {
            throw Limits.invalid("action: 'prerequisites' must be a list of numbers, was " + prerequisites);
        }
        return new PlannedAction(
                action.get("action_id") == null ? null : (Long) number("action_id", action.get("action_id")),
                text,
                before,
                action.get("flow") == null ? null : (Long) number("flow", action.get("flow")),
                action.get("persona") instanceof String persona ? persona : null);
    }

    private static long number(String field, @Nullable Object value) {
        try {
            if (value instanceof Number number) {
                return new BigDecimal(number.toString()).longValueExact();
            }
        } catch (ArithmeticException e) {
            throw Limits.invalid("action: '%s' must be a whole number, was %s".formatted(field, value));
        }
        throw Limits.invalid("action: '%s' must be a whole number, was %s".formatted(field, value));
    }

    NewTask task(String taskId) {
        Map<String, @Nullable Object> context = new LinkedHashMap<>();
        put(context, "action_id", actionId);
        put(context, "flow", flow);
        put(context, "persona", persona);
        return NewTask.of(taskId, description)
                .executionMode(prerequisites.isEmpty() ? ExecutionMode.PARALLEL : ExecutionMode.SEQUENTIAL)
                .priority((int) (100 - (actionId == null ? 0 : actionId)))
                .context(context)
                .after(prerequisites.stream().map(id -> "action_" + id).toArray(String[]::new))
                .sealed();
    }

    private static void put(Map<String, @Nullable Object> context, String key, @Nullable Object value) {
        if (value != null) {
            context.put(key, value);
        }
    }
}
