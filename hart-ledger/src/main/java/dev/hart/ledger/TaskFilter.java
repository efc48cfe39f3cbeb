package dev.hart.ledger;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which tasks are wanted. Begin with {@link #all} and name what they must have.
 *
 * @param statuses any of them; none for every status
 * @param afterCreatedNo only tasks created after this {@link Task#createdNo}: the last one of the page before; 0 to begin
 * @param limit how many at most, 1 to 1000; 100 unless set
 * @param archived whether tasks that were put away are wanted, instead of the others
 */
public record TaskFilter(
        Set<TaskStatus> statuses,
        @Nullable TaskType type,
        @Nullable String ownerNodeId,
        @Nullable String delegatedTo,
        @Nullable String parentTaskId,
        @Nullable String text,
        @Nullable Instant updatedSince,
        @Nullable Instant updatedBefore,
        boolean archived,
        long afterCreatedNo,
        int limit) {
    private static final TaskFilter ALL =
            new TaskFilter(Set.of(), null, null, null, null, null, null, null, false, 0, 100);

    public TaskFilter {
        statuses = statuses.isEmpty() ? Set.of() : Set.copyOf(statuses);
        Limits.requireRange("limit", limit, 1, Limits.MAX_EVENTS_PER_PAGE);
    }

    public static TaskFilter all() {
        return ALL;
    }

    /** In one of these statuses. */
    public TaskFilter status(TaskStatus first, TaskStatus... others) {
        return new TaskFilter(
                EnumSet.of(first, others),
                type,
                ownerNodeId,
                delegatedTo,
                parentTaskId,
                text,
                updatedSince,
                updatedBefore,
                archived,
                afterCreatedNo,
                limit);
    }

    public TaskFilter type(TaskType wanted) {
        return new TaskFilter(
                statuses,
                wanted,
                ownerNodeId,
                delegatedTo,
                parentTaskId,
                text,
                updatedSince,
                updatedBefore,
                archived,
                afterCreatedNo,
                limit);
    }

    /** Worked on by this node. */
    public TaskFilter owner(String nodeId) {
        return new TaskFilter(
                statuses,
                type,
                nodeId,
                delegatedTo,
                parentTaskId,
                text,
                updatedSince,
                updatedBefore,
                archived,
                afterCreatedNo,
                limit);
    }

    /** In the hands of this agent. */
    public TaskFilter delegatedTo(String agent) {
        return new TaskFilter(
                Set.of(TaskStatus.DELEGATED),
                type,
                ownerNodeId,
                agent,
                parentTaskId,
                text,
                updatedSince,
                updatedBefore,
                archived,
                afterCreatedNo,
                limit);
    }

    /** Children of this task. */
    public TaskFilter parent(String taskId) {
        return new TaskFilter(
                statuses,
                type,
                ownerNodeId,
                delegatedTo,
                taskId,
                text,
                updatedSince,
                updatedBefore,
                archived,
                afterCreatedNo,
                limit);
    }

    /** With this text in their id or description, in any case of its ASCII letters. */
    public TaskFilter containing(String wanted) {
        return new TaskFilter(
                statuses,
                type,
                ownerNodeId,
                delegatedTo,
                parentTaskId,
                wanted,
                updatedSince,
                updatedBefore,
                archived,
                afterCreatedNo,
                limit);
    }

    /** Last changed at {@code since} or later, and before {@code before}; null for any time. */
    public TaskFilter updated(@Nullable Instant since, @Nullable Instant before) {
        return new TaskFilter(
                statuses,
                type,
                ownerNodeId,
                delegatedTo,
                parentTaskId,
                text,
                since,
                before,
                archived,
                afterCreatedNo,
                limit);
    }

    /** Put away. */
    public TaskFilter onlyArchived() {
        return new TaskFilter(
                statuses,
                type,
                ownerNodeId,
                delegatedTo,
                parentTaskId,
                text,
                updatedSince,
                updatedBefore,
                true,
                afterCreatedNo,
                limit);
    }

    /** The next page. */
    public TaskFilter after(long createdNo) {
        return new TaskFilter(
                statuses,
                type,
                ownerNodeId,
                delegatedTo,
                parentTaskId,
                text,
                updatedSince,
                updatedBefore,
                archived,
                createdNo,
                limit);
    }

    public TaskFilter limit(int most) {
        return new TaskFilter(
                statuses,
                type,
                ownerNodeId,
                delegatedTo,
                parentTaskId,
                text,
                updatedSince,
                updatedBefore,
                archived,
                afterCreatedNo,
                most);
    }

    List<TaskRow> rows(LedgerTables tables) {
        StringBuilder where = new StringBuilder("WHERE ledger_id = ? AND created_no > ?");
        List<Object> values = new ArrayList<>(List.of(afterCreatedNo));
        where.append(archived ? " AND archived" : " AND NOT archived");
        if (!statuses.isEmpty()) {
            where.append(" AND status IN (")
                    .append("?, ".repeat(statuses.size() - 1))
                    .append("?)");
            statuses.stream().sorted().map(TaskStatus::wireName).forEach(values::add);
        }
        add(where, values, " AND task_type = ?", type == null ? null : type.wireName());
        add(where, values, " AND owner_node_id = ?", ownerNodeId);
        add(where, values, " AND parent_task_id = ?", parentTaskId);
        add(where, values, " AND updated_at >= ?", updatedSince == null ? null : updatedSince.toEpochMilli());
        add(where, values, " AND updated_at < ?", updatedBefore == null ? null : updatedBefore.toEpochMilli());
        if (text != null) {
            String pattern = "%"
                    + text.toLowerCase(Locale.ROOT)
                            .replace("!", "!!")
                            .replace("%", "!%")
                            .replace("_", "!_") + "%";
            where.append(" AND (lower(task_id) LIKE ? ESCAPE '!' OR lower(description) LIKE ? ESCAPE '!')");
            values.add(pattern);
            values.add(pattern);
        }
        if (delegatedTo != null) {
            // The name is inside JSON: a first choice by text, then exactly.
            add(where, values, " AND more_json LIKE ?", "%" + delegatedTo + "%");
        }
        where.append(" ORDER BY created_no LIMIT ?");
        values.add(limit);
        List<TaskRow> rows = tables.tasks(where.toString(), values.toArray());
        return delegatedTo == null
                ? rows
                : rows.stream()
                        .filter(row -> delegatedTo.equals(row.text(Fields.DELEGATED_TO)))
                        .toList();
    }

    private static void add(StringBuilder where, List<Object> values, String condition, @Nullable Object value) {
        if (value != null) {
            where.append(condition);
            values.add(value);
        }
    }
}
