package dev.hart.ledger;

import dev.hart.error.IllegalTransitionException;
import dev.hart.error.LedgerException;
import java.util.List;

/** What the ledger says when it refuses: which thing, why, and what to do. */
final class Refusals {
    private Refusals() {}

    static LedgerException idClash(String key, LedgerId stored, LedgerId asked) {
        return new LedgerException(
                "LEDGER_ID_CLASH",
                "%s is the ledger of agent '%s', session '%s', not of agent '%s', session '%s': choose other ids"
                        .formatted(key, stored.agentId(), stored.sessionId(), asked.agentId(), asked.sessionId()));
    }

    static LedgerException ledgerOpen(String key, String task) {
        return new LedgerException(
                "LEDGER_OPEN", "%s is not deleted: its task %s has not ended; end it first".formatted(key, task));
    }

    static LedgerException taskExists(String task) {
        return new LedgerException("TASK_EXISTS", "task %s is already there: choose another id".formatted(task));
    }

    static LedgerException taskNotFound(String task) {
        return new LedgerException("TASK_NOT_FOUND", "there is no task " + task);
    }

    static LedgerException taskEnded(String task, String consequence) {
        return new LedgerException("TASK_ENDED", "task %s has ended and %s".formatted(task, consequence));
    }

    static LedgerException unknownDependency(String task, String role, String other) {
        return new LedgerException(
                "UNKNOWN_DEPENDENCY",
                "task %s names the %s '%s', which is not in the ledger: add that first".formatted(task, role, other));
    }

    static LedgerException cycle(List<String> path) {
        return new LedgerException(
                "CYCLE", "these tasks would wait for each other: %s: leave one out".formatted(String.join(", ", path)));
    }

    static LedgerException noChange(String task, TaskStatus status) {
        return new LedgerException("NO_CHANGE", "task %s already is %s".formatted(task, status.wireName()));
    }

    static IllegalTransitionException illegal(String task, TaskStatus from, TaskStatus to) {
        return new IllegalTransitionException(
                "task",
                task,
                from.wireName(),
                to.wireName(),
                from.next().stream().map(TaskStatus::wireName).toList());
    }

    static LedgerException versionConflict(String task, long version, long expected) {
        return new LedgerException(
                "VERSION_CONFLICT",
                "task %s has version %d, not %d: read it again and decide anew".formatted(task, version, expected));
    }

    static LedgerException staleLease(String task, long token, long current) {
        return new LedgerException(
                "STALE_LEASE",
                "lease %d of task %s is over, the newest is %d: stop this work, its result is not taken"
                        .formatted(token, task, current));
    }

    static LedgerException corrupt(String key, Object report) {
        return new LedgerException(
                "LEDGER_CORRUPT",
                "%s may only be read, it is not what was written: %s; keep the file and restore a backup"
                        .formatted(key, report));
    }
}
