package dev.hart.ledger;

import dev.hart.error.LedgerException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Adds tasks that belong together, under ids that the ledger makes: children, siblings, chains, subtasks, goals,
 * delegations. Task rows are never deleted, so an id that is not there has never been used.
 */
final class Families {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd_HHmmss").withZone(ZoneOffset.UTC);

    private final LedgerJournal journal;
    private final Lifecycle lifecycle;
    private final Creation creation;
    private final Commands commands;

    Families(LedgerJournal journal, Lifecycle lifecycle, Creation creation, Commands commands) {
        this.journal = journal;
        this.lifecycle = lifecycle;
        this.creation = creation;
        this.commands = commands;
    }

    /** The time and chance part of an id: {@code 20260101_000000_89abcdef}. */
    static String stamp(long now, String hex) {
        return TIME.format(Instant.ofEpochMilli(now)) + "_" + hex;
    }

    /** A number that no id with this prefix has: the next one, where the numbers used so far have no gap. */
    private long firstFree(String prefix) {
        if (!journal.isKnown(prefix + 1)) {
            return 1;
        }
        long used = 1;
        long free = 2;
        while (journal.isKnown(prefix + free)) {
            used = free;
            free *= 2;
        }
        while (free - used > 1) {
            long middle = used + (free - used) / 2;
            if (journal.isKnown(prefix + middle)) {
                used = middle;
            } else {
                free = middle;
            }
        }
        return free;
    }

    /** As many unused ids with this prefix, in rising order; those in {@code taken} left out too. */
    private List<String> freeIds(String prefix, int count, Set<String> taken) {
        List<String> ids = new ArrayList<>();
        for (long n = firstFree(prefix); ids.size() < count; n++) {
            String id = prefix + n;
            if (!taken.contains(id) && !journal.isKnown(id)) {
                ids.add(id);
            }
        }
        return ids;
    }

    String freeId(String prefix) {
        return prefix + firstFree(prefix);
    }

    TaskRow addChild(String parent, String description, UnaryOperator<NewTask> more) {
        journal.require(parent);
        NewTask child = NewTask.of(freeId(parent + "_child_"), description);
        return creation.add(more.apply(child).childOf(parent));
    }

    List<TaskRow> addSiblings(String parent, List<String> descriptions, UnaryOperator<NewTask> more) {
        journal.require(parent);
        List<String> ids = freeIds(parent + "_sibling_", descriptions.size(), Set.of());
        List<NewTask> siblings = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            siblings.add(more.apply(NewTask.of(ids.get(i), descriptions.get(i))).childOf(parent));
        }
        return creation.addAll(siblings);
    }

    List<TaskRow> addChain(@Nullable String parent, List<String> descriptions, UnaryOperator<NewTask> more) {
        if (parent != null) {
            journal.require(parent);
        }
        List<String> ids = freeIds(parent == null ? "seq_task_" : parent + "_seq_", descriptions.size(), Set.of());
        List<NewTask> chain = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            NewTask link = more.apply(NewTask.of(ids.get(i), descriptions.get(i)));
            link = parent == null ? link : link.childOf(parent);
            chain.add(i == 0 ? link : link.blockedBy(ids.get(i - 1)));
        }
        return creation.addAll(chain);
    }

    List<TaskRow> addSubtasks(String parent, Collection<NewTask> subtasks) {
        TaskRow row = journal.require(parent);
        List<TaskRow> rows = creation.addAll(subtasks.stream()
                .map(task -> task.type(TaskType.AUTONOMOUS).childOf(parent))
                .toList());
        if (!rows.isEmpty() && row.status == TaskStatus.IN_PROGRESS) {
            waitForChildren(row);
        }
        return rows;
    }

    /** A container goes on while its children work; any other parent is blocked. */
    private void waitForChildren(TaskRow parent) {
        if (!parent.container) {
            commands.apply(parent, new TaskCommand.Block(BlockedReason.DEPENDENCY, "its children"));
        }
    }

    /** Like {@link #addSubtasks} for one task that was made for a running parent. */
    TaskRow addWaitedFor(TaskRow parent, NewTask child) {
        TaskRow row = creation.add(child.childOf(parent.taskId));
        if (parent.status == TaskStatus.IN_PROGRESS) {
            waitForChildren(parent);
        }
        return row;
    }

    void linkSiblings(Collection<String> ids) {
        Set<String> all = new LinkedHashSet<>(ids);
        if (all.size() < 2) {
            throw Limits.invalid("siblings are at least two tasks, was " + all);
        }
        all.stream().sorted().forEach(journal::require); // rows are locked in this order
        for (String id : all) {
            TaskRow row = journal.require(id);
            Set<Object> siblings = new LinkedHashSet<>();
            if (row.field(Fields.SIBLINGS) instanceof List<?> before) {
                siblings.addAll(before);
            }
            siblings.addAll(all);
            siblings.remove(id);
            List<Object> now = List.copyOf(siblings);
            if (!now.equals(row.field(Fields.SIBLINGS))) {
                journal.change(row, Projection.UPDATED, Map.of(Fields.SIBLINGS, now));
            }
        }
    }

    List<TaskRow> addActions(List<PlannedAction> actions) {
        Set<String> given = new LinkedHashSet<>();
        for (PlannedAction action : actions) {
            if (action.actionId() != null && !given.add("action_" + action.actionId())) {
                throw Refusals.taskExists(journal.name("action_" + action.actionId()));
            }
        }
        List<NewTask> tasks = new ArrayList<>();
        long next = 1;
        for (PlannedAction action : actions) {
            String id = "action_" + action.actionId();
            if (action.actionId() == null) {
                long n = Math.max(next, tasks.size() + 1L);
                while (given.contains("action_" + n) || journal.isKnown("action_" + n)) {
                    n++;
                }
                id = "action_" + n;
                next = n + 1;
            }
            tasks.add(action.task(id));
        }
        return creation.addAll(tasks);
    }

    TaskRow submitGoal(NewGoal goal, String hex) {
        String id = "goal_" + stamp(journal.now(), hex);
        List<NewGoal.Part> parts = goal.parts();
        if (parts.isEmpty()) {
            throw Limits.invalid("a goal needs at least one task");
        }
        Set<String> named = new LinkedHashSet<>();
        parts.forEach(part -> {
            if (part.taskId() != null) {
                named.add(part.taskId());
            }
        });
        List<String> free = freeIds(id + "_sub_", parts.size() - named.size(), named);
        List<NewTask> tasks = new ArrayList<>();
        tasks.add(NewTask.of(id, "[GOAL] " + goal.objective())
                .type(TaskType.USER_REQUESTED)
                .context(goal.context())
                .asAutoCompleting());
        int next = 0;
        for (NewGoal.Part part : parts) {
            String partId = part.taskId() == null ? free.get(next++) : part.taskId();
            Function<String, NewTask> make = part.make();
            tasks.add(make.apply(partId).childOf(id));
        }
        return creation.addAll(tasks).get(0);
    }

    TaskRow delegate(TaskRow parent, Delegation delegation) {
        if (parent.status.isTerminal()) {
            throw Refusals.taskEnded(journal.name(parent.taskId), "can delegate nothing");
        }
        NewTask task = NewTask.of(freeId("delegation_"), delegation.description())
                .type(TaskType.INTERMEDIATE)
                .childOf(parent.taskId);
        if (!delegation.skills().isEmpty()) {
            task = task.requiredCapabilities(delegation.skills().toArray(String[]::new));
        }
        TaskRow child = creation.add(task);
        commands.apply(child, new TaskCommand.Delegate(delegation.agent(), delegation.type(), delegation.lease()));
        if (parent.status == TaskStatus.DELEGATED) {
            // Whoever has it has begun: it goes on in progress, and not as a task that anybody may claim.
            commands.apply(parent, new TaskCommand.ReclaimDelegation());
        }
        if (parent.status == TaskStatus.IN_PROGRESS || parent.status == TaskStatus.PENDING) {
            waitForChildren(parent);
        }
        return child;
    }

    TaskRow finishDelegation(TaskRow row, boolean ok, @Nullable Object result) {
        if (row.field(Fields.DELEGATED_TO) == null) {
            throw new LedgerException(
                    "NOT_DELEGATED",
                    "task %s was handed to nobody: complete or fail it instead".formatted(journal.name(row.taskId)));
        }
        if (row.status == TaskStatus.PENDING) { // what it delegated itself came back
            lifecycle.start(row, false);
        }
        if (ok) {
            CanonicalJson.Raw json = result == null
                    ? null
                    : journal.redacted(result, journal.options().maxPayloadBytes());
            lifecycle.complete(row, json, false, true);
        } else {
            String error = result instanceof String text ? text : CanonicalJson.writeRedacted(result);
            lifecycle.fail(row, Limits.requireLength("error", error), FailureReason.ERROR);
        }
        return row;
    }
}
