package dev.hart.core.run;

import dev.hart.ledger.BlockedReason;
import dev.hart.ledger.Edge;
import dev.hart.ledger.FailureReason;
import dev.hart.ledger.LedgerTransaction;
import dev.hart.ledger.NewTask;
import dev.hart.ledger.Outcome;
import dev.hart.ledger.Task;
import dev.hart.ledger.TaskStatus;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the ledger's tasks in step with the states of the run's actions: each change of state becomes the legal ledger
 * commands that lead to the status the table gives, and a terminal task is never touched again.
 */
final class TaskSync {
    /** One or more legal commands. */
    @FunctionalInterface
    interface Command {
        void on(LedgerTransaction ledger) throws SQLException;
    }

    private final Map<String, TaskStatus> statuses = new HashMap<>();

    /** What the ledger says of a task. */
    void status(String task, TaskStatus status) {
        statuses.put(task, status);
    }

    boolean isOpen(String task) {
        return !status(task).isTerminal();
    }

    private TaskStatus status(String task) {
        return statuses.getOrDefault(task, TaskStatus.PENDING);
    }

    /** Tasks that have not ended. */
    List<String> open() {
        return statuses.keySet().stream().filter(this::isOpen).sorted().toList();
    }

    /**
     * The commands for an action that changes to {@code to}.
     *
     * @param why a text from anywhere
     * @param result of the action, when it completes
     * @param attemptsLeft whether it will be tried again, when it is in error
     */
    List<Command> follow(
            ActionProgress action, ActionState to, String why, @Nullable Object result, boolean attemptsLeft) {
        String reason = LedgerText.of(why);
        String task = action.ref.taskId();
        List<Command> commands = new ArrayList<>();
        if (!isOpen(task)) {
            return commands;
        }
        switch (to) {
            case IN_PROGRESS,
                    STATUS_VERIFICATION_REQUESTED,
                    EXECUTING_MOTION,
                    SENSOR_CONFIRM,
                    FALLBACK_RECEIVED,
                    RECIPE_REQUESTED,
                    RECIPE_RECEIVED -> run(task, commands);
            case PREVIEW_APPROVED -> {
                // The ledger starts the task when the action does, in the same commit.
            }
            case PENDING -> {
                run(task, commands);
                block(task, reasonOf(reason), reason, commands);
            }
            case PREVIEW_PENDING -> block(task, BlockedReason.APPROVAL_REQUIRED, reason, commands);
            case FALLBACK_REQUESTED -> block(task, BlockedReason.INPUT_REQUIRED, reason, commands);
            case COMPLETED -> {
                run(task, commands);
                commands.add(ledger -> ledger.complete(task, result));
                statuses.put(task, TaskStatus.COMPLETED);
            }
            case ERROR -> {
                run(task, commands);
                if (attemptsLeft) {
                    commands.add(ledger -> ledger.failAttempt(task, reason, FailureReason.ERROR));
                    statuses.put(task, TaskStatus.PENDING);
                } else {
                    commands.add(ledger -> ledger.fail(task, reason, FailureReason.ERROR));
                    statuses.put(task, TaskStatus.FAILED);
                }
            }
            case TERMINATED -> {
                if (action.approved != null && !action.approved) {
                    cancel(task, reason, commands);
                } else {
                    run(task, commands);
                    commands.add(ledger -> ledger.fail(task, reason, FailureReason.ERROR));
                    statuses.put(task, TaskStatus.FAILED);
                }
            }
            case ASSIGNED -> {}
        }
        return commands;
    }

    /** The commands for an action that is not carried out any more as it stands. */
    List<Command> drop(String task, String reason) {
        if (!isOpen(task)) {
            return List.of();
        }
        statuses.put(task, status(task) == TaskStatus.IN_PROGRESS ? TaskStatus.TERMINATED : TaskStatus.CANCELLED);
        return List.of(ledger -> close(ledger, task, reason));
    }

    /**
     * The commands for an action that is assigned anew.
     *
     * @param old its task so far, which has ended
     * @param fresh the task that the ledger makes of it
     * @param before the tasks that come first now
     */
    List<Command> again(String old, String fresh, List<String> before) {
        statuses.put(fresh, TaskStatus.PENDING);
        return List.of(ledger -> {
            Task made = ledger.retryAsNew(old);
            if (!made.taskId().equals(fresh)) {
                throw new IllegalStateException("the ledger calls " + fresh + " " + made.taskId());
            }
            List<String> waits = ledger.waitsFor(fresh).stream().map(Edge::from).toList();
            for (String prerequisite : waits) {
                if (!before.contains(prerequisite)) {
                    ledger.removePrerequisite(fresh, prerequisite);
                }
            }
            for (String prerequisite : before) {
                if (!waits.contains(prerequisite)) {
                    ledger.addPrerequisite(fresh, prerequisite, Outcome.SUCCESS, false);
                }
            }
        });
    }

    /**
     * The command for an action that a run gets while it goes on.
     *
     * @param parent the task that it belongs to
     * @param before the tasks that come first
     */
    List<Command> add(String task, String description, String parent, List<String> before) {
        statuses.put(task, TaskStatus.PENDING);
        return List.of(ledger -> ledger.add(NewTask.of(task, LedgerText.of(description))
                .childOf(parent)
                .maxRetries(RunJournal.MAX_LEDGER_RETRIES)
                .after(before.toArray(String[]::new))));
    }

    private static BlockedReason reasonOf(String reason) {
        WaitsFor waits = WaitsFor.of(reason);
        if (waits == null) {
            return BlockedReason.DEPENDENCY;
        }
        return switch (waits) {
            case IN_DOUBT -> BlockedReason.MANUAL_BLOCK;
            case APPROVAL_REQUIRED -> BlockedReason.APPROVAL_REQUIRED;
            case INPUT_REQUIRED -> BlockedReason.INPUT_REQUIRED;
            case SUBRECIPE_PAUSED, SUBTASKS -> BlockedReason.DEPENDENCY;
        };
    }

    private void run(String task, List<Command> commands) {
        TaskStatus status = status(task);
        if (status == TaskStatus.BLOCKED) {
            commands.add(ledger -> {
                // The ledger itself resumes a task whose children have all ended.
                TaskStatus now = ledger.task(task).status();
                if (now == TaskStatus.BLOCKED) {
                    now = ledger.resume(task).status();
                }
                if (now == TaskStatus.PENDING) {
                    ledger.start(task);
                }
            });
        } else if (status == TaskStatus.PENDING) {
            commands.add(ledger -> ledger.start(task));
        }
        statuses.put(task, TaskStatus.IN_PROGRESS);
    }

    private void block(String task, BlockedReason reason, String detail, List<Command> commands) {
        commands.add(ledger -> ledger.block(task, reason, detail));
        statuses.put(task, TaskStatus.BLOCKED);
    }

    private void cancel(String task, String reason, List<Command> commands) {
        commands.add(ledger -> ledger.cancel(task, reason));
        statuses.put(task, TaskStatus.CANCELLED);
    }

    /**
     * Ends a task of a run that failed or was cancelled: running work is terminated, all other cancelled. Remembers nothing, as it
     * may be called again when the commit is.
     */
    void close(LedgerTransaction ledger, String task, String reason) throws SQLException {
        TaskStatus now = ledger.task(task).status();
        if (now == TaskStatus.IN_PROGRESS) {
            ledger.terminate(task, reason);
        } else if (!now.isTerminal()) {
            ledger.cancel(task, reason);
        }
    }
}
