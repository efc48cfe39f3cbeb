package dev.hart.ledger;

import dev.hart.error.LedgerException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Adds a task that was discovered at run time where a classifier's answer puts it, as far as that is possible. */
final class Placing {
    private final LedgerId ledger;
    private final LedgerJournal journal;
    private final Creation creation;
    private final Commands commands;
    private final Families families;
    private final List<String> warnings = new ArrayList<>();

    Placing(LedgerId ledger, LedgerJournal journal, Creation creation, Commands commands, Families families) {
        this.ledger = ledger;
        this.journal = journal;
        this.creation = creation;
        this.commands = commands;
        this.families = families;
    }

    DiscoveredTask place(Discovery discovery, String answer) {
        Classification where = Classification.read(answer, journal::isKnown, warnings);
        if (where.relatedTo() == null
                && where.conditionTask() == null
                && where.relationship() != Relationship.INDEPENDENT) {
            warnings.add("'" + where.relationship().wireName() + "' needs a related task");
            where = where.independent();
        }
        String id = families.freeId("dynamic_");
        TaskRow row;
        try {
            row = add(id, discovery, where);
        } catch (LedgerException e) {
            if (!e.code().equals("CYCLE") && !e.code().equals("TASK_ENDED")) {
                throw e;
            }
            warnings.add(e.getMessage());
            where = where.independent();
            row = add(id, discovery, where);
        }
        afterwards(row, where);
        return new DiscoveredTask(new Task(ledger, row.copy()), where, warnings);
    }

    private TaskRow add(String id, Discovery discovery, Classification where) {
        NewTask task = NewTask.of(id, discovery.description())
                .type(TaskType.AUTONOMOUS)
                .executionMode(where.executionMode())
                .priority(where.priority())
                .maxRetries(where.maxRetries())
                .context(context(discovery, where));
        Set<String> prerequisites = new LinkedHashSet<>(where.prerequisites());
        String related = where.relatedTo();
        if (where.relationship() == Relationship.SEQUENTIAL && related != null) {
            prerequisites.add(related);
        }
        task = task.after(prerequisites.toArray(String[]::new));
        String conditionTask = where.conditionTask() == null ? related : where.conditionTask();
        if (where.relationship() == Relationship.CONDITIONAL && conditionTask != null) {
            task = task.after(conditionTask, where.requiredOutcome());
        }
        if (!where.blockedBy().isEmpty()) {
            task = task.blockedBy(where.blockedBy().toArray(String[]::new));
        }
        BlockedReason reason = where.blockedReason();
        if (reason != null && reason != BlockedReason.DEPENDENCY) {
            task = task.blocked(reason);
        }
        if (where.scheduledAt() != null) {
            task = task.scheduledAt(where.scheduledAt());
        }
        if (where.relationship() == Relationship.CHILD && related != null) {
            return families.addWaitedFor(journal.require(related), task);
        }
        return creation.add(where.relationship() == Relationship.SIBLING ? beside(related, task) : task);
    }

    /** A sibling has the same parent, if that one still takes children. */
    private NewTask beside(@Nullable String related, NewTask task) {
        String parentId = related == null ? null : journal.require(related).parentTaskId;
        return parentId == null || journal.require(parentId).status.isTerminal() ? task : task.childOf(parentId);
    }

    private static Map<String, @Nullable Object> context(Discovery discovery, Classification where) {
        Map<String, @Nullable Object> notes = new LinkedHashMap<>();
        notes.put("relationship", where.relationship().wireName());
        put(notes, "related_to_task_id", where.relatedTo());
        put(notes, "discovered_by", discovery.discoveredBy());
        put(notes, "condition_description", where.conditionDescription());
        put(notes, "reasoning", where.reasoning());
        if (!where.parallelWith().isEmpty()) {
            notes.put("can_run_parallel_with", where.parallelWith());
        }
        Map<String, @Nullable Object> context = new LinkedHashMap<>();
        context.put("classification", notes);
        context.putAll(discovery.context());
        return context;
    }

    private static void put(Map<String, @Nullable Object> notes, String key, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            notes.put(key, value);
        }
    }

    private void afterwards(TaskRow row, Classification where) {
        if (where.relationship() == Relationship.SIBLING && where.relatedTo() != null) {
            families.linkSiblings(List.of(where.relatedTo(), row.taskId));
        }
        String agent = where.delegateTo();
        if (where.deferred()) {
            commands.apply(row, new TaskCommand.Defer(where.deferReason(), where.deferUntil()));
            if (agent != null) {
                warnings.add("it is put off and was not handed to " + agent);
            }
        } else if (agent != null && row.isClaimable()) {
            commands.apply(row, new TaskCommand.Delegate(agent, where.delegationType(), null));
        } else if (agent != null) {
            warnings.add("it is not ready and was not handed to " + agent);
        }
    }
}
