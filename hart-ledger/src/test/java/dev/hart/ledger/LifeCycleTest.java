package dev.hart.ledger;

import static dev.hart.ledger.TaskStatus.BLOCKED;
import static dev.hart.ledger.TaskStatus.CANCELLED;
import static dev.hart.ledger.TaskStatus.COMPLETED;
import static dev.hart.ledger.TaskStatus.DEFERRED;
import static dev.hart.ledger.TaskStatus.DELEGATED;
import static dev.hart.ledger.TaskStatus.FAILED;
import static dev.hart.ledger.TaskStatus.IN_PROGRESS;
import static dev.hart.ledger.TaskStatus.NOT_APPLICABLE;
import static dev.hart.ledger.TaskStatus.PAUSED;
import static dev.hart.ledger.TaskStatus.PENDING;
import static dev.hart.ledger.TaskStatus.ROLLED_BACK;
import static dev.hart.ledger.TaskStatus.SKIPPED;
import static dev.hart.ledger.TaskStatus.TERMINATED;
import static dev.hart.ledger.TaskStatus.USER_STOPPED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.HartException;
import dev.hart.error.IllegalTransitionException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What each command does to one task, and in which states it is refused. */
class LifeCycleTest extends LedgerContract {
    private static final TaskCommand START_IT = TaskCommand.start();
    private static final TaskCommand DELEGATE = new TaskCommand.Delegate("b", DelegationType.SUB_AGENT, null);

    /** How a task comes to each status in which it can rest. */
    private static final Map<TaskStatus, List<TaskCommand>> WAYS = new LinkedHashMap<>();

    static {
        WAYS.put(PENDING, List.of());
        WAYS.put(DEFERRED, List.of(new TaskCommand.Defer("later", null)));
        WAYS.put(IN_PROGRESS, List.of(START_IT));
        WAYS.put(DELEGATED, List.of(DELEGATE));
        WAYS.put(PAUSED, List.of(START_IT, new TaskCommand.Pause("x")));
        WAYS.put(USER_STOPPED, List.of(START_IT, new TaskCommand.Stop("x")));
        WAYS.put(BLOCKED, List.of(START_IT, new TaskCommand.Block(BlockedReason.INPUT_REQUIRED, null)));
        WAYS.put(COMPLETED, List.of(START_IT, TaskCommand.complete(null)));
        WAYS.put(FAILED, List.of(START_IT, TaskCommand.fail("boom")));
        WAYS.put(CANCELLED, List.of(new TaskCommand.Cancel("x")));
        WAYS.put(TERMINATED, List.of(START_IT, new TaskCommand.Terminate("x")));
        WAYS.put(SKIPPED, List.of(new TaskCommand.Skip("x")));
        WAYS.put(NOT_APPLICABLE, List.of(new TaskCommand.MarkNotApplicable("x")));
        WAYS.put(ROLLED_BACK, List.of(START_IT, TaskCommand.complete(null), new TaskCommand.RollBack("x")));
    }

    /** The sheet's commands, and the statuses that each is for. */
    private static final Map<TaskCommand, Set<TaskStatus>> COMMANDS = new LinkedHashMap<>();

    static {
        COMMANDS.put(START_IT, Set.of(PENDING, DEFERRED, DELEGATED));
        COMMANDS.put(TaskCommand.complete(null), Set.of(IN_PROGRESS, DELEGATED));
        COMMANDS.put(TaskCommand.fail("boom"), Set.of(IN_PROGRESS, DELEGATED, BLOCKED));
        COMMANDS.put(TaskCommand.failAttempt("boom"), Set.of(IN_PROGRESS, BLOCKED));
        COMMANDS.put(new TaskCommand.Release("x"), Set.of());
        COMMANDS.put(new TaskCommand.Pause("x"), Set.of(PENDING, IN_PROGRESS));
        COMMANDS.put(new TaskCommand.Stop("x"), Set.of(IN_PROGRESS));
        COMMANDS.put(new TaskCommand.Block(BlockedReason.MANUAL_BLOCK, null), Set.of(PENDING, IN_PROGRESS, DELEGATED));
        COMMANDS.put(new TaskCommand.Resume("x"), Set.of(PAUSED, USER_STOPPED, BLOCKED));
        COMMANDS.put(new TaskCommand.Cancel("x"), Set.of(PENDING, DEFERRED, DELEGATED, PAUSED, USER_STOPPED, BLOCKED));
        COMMANDS.put(new TaskCommand.Terminate("x"), Set.of(IN_PROGRESS, PAUSED, USER_STOPPED));
        COMMANDS.put(new TaskCommand.Skip("x"), Set.of(PENDING, DEFERRED, PAUSED, USER_STOPPED));
        COMMANDS.put(
                new TaskCommand.MarkNotApplicable("x"),
                Set.of(PENDING, DEFERRED, IN_PROGRESS, PAUSED, USER_STOPPED, BLOCKED));
        COMMANDS.put(new TaskCommand.Defer("x", null), Set.of(PENDING, PAUSED, USER_STOPPED, BLOCKED));
        COMMANDS.put(new TaskCommand.Undefer(), Set.of(DEFERRED));
        COMMANDS.put(new TaskCommand.Schedule(START.plusSeconds(9)), Set.of(PENDING, DEFERRED));
        COMMANDS.put(DELEGATE, Set.of(PENDING, IN_PROGRESS));
        COMMANDS.put(new TaskCommand.CompleteDelegation(null), Set.of(DELEGATED));
        COMMANDS.put(new TaskCommand.ReclaimDelegation(), Set.of(DELEGATED));
        COMMANDS.put(new TaskCommand.RollBack("x"), Set.of(COMPLETED));
    }

    @Test
    void case1EveryCommandIsForItsStatusesOnly() {
        WAYS.forEach((status, way) -> {
            List<String> accepted = new ArrayList<>();
            List<String> expected = new ArrayList<>();
            ledger.write(l -> {
                COMMANDS.forEach((command, from) -> {
                    String id = status.wireName() + "." + command.name();
                    l.add(NewTask.of(id, "Do"));
                    way.forEach(step -> l.apply(id, step));
                    Task before = l.task(id);
                    assertThat(before.status()).isEqualTo(status);
                    if (from.contains(status)) {
                        expected.add(command.name());
                    }
                    try {
                        l.apply(id, command);
                        accepted.add(command.name());
                    } catch (HartException e) {
                        assertThat(e.code()).isIn("ILLEGAL_TRANSITION", "NO_CHANGE");
                        assertThat(l.task(id)).isEqualTo(before);
                    }
                });
                return true;
            });
            assertThat(accepted).as(status.wireName()).isEqualTo(expected);
        });
    }

    @Test
    void case2aPendingTaskCannotCompleteAndACompletedOneCannotStart() {
        add("t1");
        assertRefused("ILLEGAL_TRANSITION", l -> l.complete("t1", Map.of("done", true)));
        assertThat(task("t1").version()).isEqualTo(1);
        start("t1");
        Task done = complete("t1", Map.of("done", true));
        assertThat(done.status()).isEqualTo(COMPLETED);
        assertThat(done.result()).isEqualTo(Map.of("done", true));
        assertThat(done.version()).isEqualTo(3);
        assertThat(done).isEqualTo(task("t1"));
        assertRefused("ILLEGAL_TRANSITION", l -> l.start("t1"));
    }

    @Test
    void anIllegalTransitionSaysWhatIsLegal() {
        add("t1");
        String name = ledger.id().key() + "/t1";
        assertThatThrownBy(() -> complete("t1"))
                .isInstanceOfSatisfying(IllegalTransitionException.class, e -> {
                    assertThat(e.entity()).isEqualTo("task");
                    assertThat(e.id()).isEqualTo(name);
                    assertThat(e.from()).isEqualTo("pending");
                    assertThat(e.to()).isEqualTo("completed");
                })
                .hasMessage("task " + name + " is pending; it can become deferred, in_progress, delegated, paused,"
                        + " blocked, cancelled, skipped, not_applicable, not completed");
    }

    @Test
    void aRefusedCommandHasATwinThatOnlySaysSo() {
        add("t1");
        assertThat(ledger.tryApply("t1", TaskCommand.complete(null))).isEmpty();
        assertThat(ledger.tryApply("t1", TaskCommand.start())).isPresent();
        assertThat(ledger.tryApply("t1", TaskCommand.start())).isEmpty();
        assertRefused("TASK_NOT_FOUND", () -> ledger.tryApply("nobody", TaskCommand.start()));
    }

    @Test
    void case3pausesAndStops() {
        add("t1");
        start("t1");
        run(l -> l.pause("t1", "lunch"));
        now = now.plusSeconds(60);
        Task resumed = run(l -> l.resume("t1"));
        assertThat(resumed.status()).isEqualTo(IN_PROGRESS);
        assertThat(resumed.pausedAt()).isEqualTo(START);
        assertThat(resumed.resumedAt()).isEqualTo(START.plusSeconds(60));
        assertThat(resumed.startedAt()).isEqualTo(START);
        assertThat(resumed.version()).isEqualTo(4);
        complete("t1");
        assertThat(statuses("t1"))
                .containsExactly("pending", "in_progress", "paused", "resuming", "in_progress", "completed");
        assertThat(task("t1").pauseCount()).isEqualTo(1);

        add("t2");
        start("t2");
        Task stopped = run(l -> l.stop("t2", "busy"));
        assertThat(stopped.status()).isEqualTo(USER_STOPPED);
        assertThat(stopped.stopReason()).isEqualTo("busy");
        assertThat(stopped.pauseCount()).isZero();
        assertThat(run(l -> l.resume("t2")).status()).isEqualTo(IN_PROGRESS);
    }

    @Test
    void case4aRunningTaskIsTerminatedAndAPendingOneCancelled() {
        add("t1");
        start("t1");
        assertRefused("ILLEGAL_TRANSITION", l -> l.cancel("t1", "no"));
        assertRefused("ILLEGAL_TRANSITION", l -> l.skip("t1", "no"));
        assertRefused("ILLEGAL_TRANSITION", () -> ledger.apply("t1", new TaskCommand.Defer("no", null)));
        Task killed = run(l -> l.terminate("t1", "kill"));
        assertThat(killed.status()).isEqualTo(TERMINATED);
        assertThat(killed.terminationReason()).isEqualTo("kill");
        assertThat(killed.completedAt()).isEqualTo(START);
        add("t2");
        assertRefused("ILLEGAL_TRANSITION", l -> l.terminate("t2", "kill"));
        assertThat(run(l -> l.cancel("t2", "not needed")).status()).isEqualTo(CANCELLED);
    }

    @Test
    void case5aTaskPausedBeforeItStartedResumesToPending() {
        add("t1");
        run(l -> l.pause("t1", "wait"));
        Task resumed = run(l -> l.resume("t1"));
        assertThat(resumed.status()).isEqualTo(PENDING);
        assertThat(resumed.startedAt()).isNull();
        assertThat(types("t1")).endsWith("TASK_REQUEUED");
    }

    @Test
    void case6aDelegatedTaskComesBackWithItsResultAndIsRolledBack() {
        add("t1");
        start("t1");
        Task delegated = ledger.apply("t1", new TaskCommand.Delegate("B", DelegationType.ESCALATION, null));
        assertThat(delegated.status()).isEqualTo(DELEGATED);
        assertThat(delegated.delegatedTo()).isEqualTo("B");
        assertThat(delegated.delegatedAt()).isEqualTo(START);
        assertThat(delegated.delegationType()).isEqualTo(DelegationType.ESCALATION);
        assertThat(ledger.history("t1").get(2).payload()).containsEntry("reason", "escalation to B");
        assertRefused("ILLEGAL_TRANSITION", l -> l.pause("t1", "no"));
        Task done = ledger.apply("t1", new TaskCommand.CompleteDelegation(Map.of("x", 1L)));
        assertThat(done.status()).isEqualTo(COMPLETED);
        assertThat(done.result()).isEqualTo(Map.of("x", 1L));
        assertThat(done.delegationResult()).isEqualTo(Map.of("x", 1L));
        Task back = ledger.apply("t1", new TaskCommand.RollBack("bad"));
        assertThat(back.status()).isEqualTo(ROLLED_BACK);
        assertThat(back.result()).isNull();
        assertThat(back.originalResult()).isEqualTo(Map.of("x", 1L));
        assertThat(back.rollbackReason()).isEqualTo("bad");
        assertThat(back.rolledBackAt()).isEqualTo(START);
        assertThat(types("t1")).endsWith("TASK_DELEGATED", "TASK_TRANSITIONED", "TASK_ROLLED_BACK");
        assertRefused("ILLEGAL_TRANSITION", l -> l.start("t1"));
    }

    @Test
    void aDelegationThatIsTakenBackKeepsItsName() {
        add("t1");
        ledger.apply("t1", DELEGATE);
        Task back = ledger.apply("t1", new TaskCommand.ReclaimDelegation());
        assertThat(back.status()).isEqualTo(IN_PROGRESS);
        assertThat(back.delegatedTo()).isEqualTo("b");
        assertThat(ledger.find(TaskFilter.all().delegatedTo("b"))).isEmpty();
    }

    @Test
    void aDelegationWithALeaseIsPendingAgainWhenThatIsOver() {
        add("t1");
        ledger.apply("t1", new TaskCommand.Delegate("b", DelegationType.HANDOFF, Duration.ofSeconds(10)));
        now = START.plusMillis(9_999);
        assertThat(task("t1").status()).isEqualTo(DELEGATED);
        now = START.plusSeconds(10);
        Task back = task("t1");
        assertThat(back.status()).isEqualTo(PENDING);
        assertThat(back.retryCount()).isZero();
        assertThat(types("t1")).endsWith("LEASE_EXPIRED");
    }

    @Test
    void case7aDeferredTaskIsReadyAtItsTimeWithoutACall() {
        add("t1");
        Instant until = START.plusSeconds(3600);
        Task deferred = ledger.apply("t1", new TaskCommand.Defer("later", until));
        assertThat(deferred.deferredUntil()).isEqualTo(until);
        assertThat(deferred.deferredReason()).isEqualTo("later");
        now = until.minusMillis(1);
        assertThat(ready()).isEmpty();
        assertThat(task("t1").status()).isEqualTo(DEFERRED);
        now = until;
        assertThat(ready()).containsExactly("t1");
        assertThat(task("t1").status()).isEqualTo(PENDING);
        assertThat(task("t1").pendingReason()).isEqualTo(PendingReason.READY);
        assertThat(task("t1").deferredUntil()).isNull();
    }

    @Test
    void aTaskThatIsPutOffForGoodWaitsForACall() {
        add("t1");
        ledger.apply("t1", new TaskCommand.Defer("later", null));
        now = now.plus(Duration.ofDays(1000));
        assertThat(task("t1").status()).isEqualTo(DEFERRED);
        assertThat(ledger.apply("t1", new TaskCommand.Undefer()).pendingReason())
                .isEqualTo(PendingReason.READY);
    }

    @Test
    void aScheduledTaskIsNotClaimedBeforeItsTimeAndMayBeStartedByHand() {
        ledger.add(NewTask.of("t1", "T").scheduledAt(START.plusSeconds(10)));
        ledger.add(NewTask.of("t2", "T").scheduledAt(START.plusSeconds(10)));
        assertThat(task("t1").pendingReason()).isEqualTo(PendingReason.SCHEDULED);
        assertThat(start("t2").status()).isEqualTo(IN_PROGRESS);
        now = START.plusMillis(9_999);
        assertThat(ready()).isEmpty();
        now = START.plusSeconds(10);
        assertThat(ready()).containsExactly("t1");
        assertThat(task("t1").pendingReason()).isEqualTo(PendingReason.READY);
    }

    @Test
    void theLatestOfSeveralTimesCounts() {
        Instant late = START.plusSeconds(100);
        add("deferred");
        ledger.apply("deferred", new TaskCommand.Schedule(late));
        ledger.apply("deferred", new TaskCommand.Defer("x", START.plusSeconds(5)));
        add("retried");
        start("retried");
        run(l -> l.failAttempt("retried", "boom", FailureReason.ERROR));
        ledger.apply("retried", new TaskCommand.Schedule(START.plusMillis(10)));
        assertThat(task("retried").notBefore()).isEqualTo(START.plusSeconds(1));
        assertThat(task("retried").pendingReason()).isEqualTo(PendingReason.RETRY_BACKOFF);
        ledger.apply("retried", new TaskCommand.Schedule(late));
        now = START.plusSeconds(5);
        assertThat(task("deferred").status()).isEqualTo(PENDING);
        assertThat(task("deferred").pendingReason()).isEqualTo(PendingReason.SCHEDULED);
        assertThat(ready()).isEmpty();
        now = late;
        assertThat(ready()).containsExactly("deferred", "retried");
    }

    @Test
    void aPausedTaskIsNotWokenByItsTime() {
        ledger.add(NewTask.of("t1", "T").scheduledAt(START.plusSeconds(10)));
        run(l -> l.pause("t1", "x"));
        now = START.plusSeconds(20);
        assertThat(task("t1").status()).isEqualTo(PAUSED);
        assertThat(task("t1").pendingReason()).isNull();
        assertThat(run(l -> l.resume("t1")).pendingReason()).isEqualTo(PendingReason.READY);
    }

    @Test
    void theSameStatusAgainIsNoChange() {
        add("t1");
        start("t1");
        assertRefused("NO_CHANGE", l -> l.start("t1"));
        assertRefused("NO_CHANGE", l -> l.resume("t1"));
        run(l -> l.block("t1", BlockedReason.INPUT_REQUIRED, null));
        assertRefused("NO_CHANGE", l -> l.block("t1", BlockedReason.MANUAL_BLOCK, "IN_DOUBT"));
    }

    @Test
    void aBlockedTaskSaysWhyUntilItResumes() {
        add("t1");
        Task blocked = run(l -> l.block("t1", BlockedReason.MANUAL_BLOCK, "IN_DOUBT"));
        assertThat(blocked.status()).isEqualTo(BLOCKED);
        assertThat(blocked.blockedReason()).isEqualTo(BlockedReason.MANUAL_BLOCK);
        assertThat(blocked.blockedDetail()).isEqualTo("IN_DOUBT");
        assertThat(blocked.errorMessage()).isNull();
        Task other = ledger.apply("t1", new TaskCommand.SetBlockedReason(BlockedReason.RATE_LIMITED, null));
        assertThat(other.blockedReason()).isEqualTo(BlockedReason.RATE_LIMITED);
        assertThat(other.blockedDetail()).isNull();
        Task resumed = run(l -> l.resume("t1"));
        assertThat(resumed.status()).isEqualTo(PENDING);
        assertThat(resumed.blockedReason()).isNull();
    }

    @Test
    void aFailureSaysWhatAndWhy() {
        add("t1");
        start("t1");
        Task failed = run(l -> l.fail("t1", "no answer", FailureReason.TIMEOUT));
        assertThat(failed.errorMessage()).isEqualTo("no answer");
        assertThat(failed.failureReason()).isEqualTo(FailureReason.TIMEOUT);
        assertThat(failed.completedAt()).isEqualTo(START);
        assertThat(failed.retryCount()).isZero();
        assertThat(ledger.history("t1").get(2).payload()).containsEntry("reason", "timeout: no answer");
    }

    @Test
    void case14aTaskIsTriedFourTimesWithDoublingDelays() {
        add("t");
        List<Duration> delays = new ArrayList<>();
        for (int round = 1; round <= 3; round++) {
            start("t");
            int tries = round;
            Task pending = run(l -> l.failAttempt("t", "boom " + tries, FailureReason.TIMEOUT));
            assertThat(pending.status()).isEqualTo(PENDING);
            assertThat(pending.pendingReason()).isEqualTo(PendingReason.RETRY_BACKOFF);
            assertThat(pending.failureReason()).isEqualTo(FailureReason.TIMEOUT);
            assertThat(pending.retryCount()).isEqualTo(round);
            assertThat(pending.attempt()).isEqualTo(round + 1);
            assertThat(pending.lastRetryAt()).isEqualTo(START);
            delays.add(Duration.between(now, pending.notBefore()));
        }
        assertThat(delays).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(4));
        start("t");
        Task failed = run(l -> l.failAttempt("t", "boom", FailureReason.TIMEOUT));
        assertThat(failed.status()).isEqualTo(FAILED);
        assertThat(failed.retryCount()).isEqualTo(3);
        assertThat(failed.failureReason()).isEqualTo(FailureReason.MAX_RETRIES_EXCEEDED);
        assertThat(failed.retryErrors()).containsExactly("boom 1", "boom 2", "boom 3");
    }

    @Test
    void theRetryDelayEndsAtThreeHundredSeconds() {
        ledger.add(NewTask.of("t", "T").maxRetries(100));
        ledger.write(l -> {
            for (int round = 1; round <= 70; round++) {
                l.start("t");
                Task last = l.failAttempt("t", "boom", FailureReason.ERROR);
                Duration expected = round <= 9 ? Duration.ofSeconds(1L << (round - 1)) : Duration.ofSeconds(300);
                assertThat(Duration.between(now, last.notBefore())).isEqualTo(expected);
            }
            return true;
        });
        assertThat(task("t").retryCount()).isEqualTo(70);
        assertThat(task("t").retryErrors()).hasSize(20);
    }

    @Test
    void aFailureNotWorthARetryIsFinal() {
        add("t");
        assertRefused("ILLEGAL_TRANSITION", l -> l.failAttempt("t", "boom", FailureReason.ERROR));
        start("t");
        Task failed = run(l -> l.failAttempt("t", "bad", FailureReason.VALIDATION_FAILED));
        assertThat(failed.status()).isEqualTo(FAILED);
        assertThat(failed.failureReason()).isEqualTo(FailureReason.VALIDATION_FAILED);
        assertThat(failed.retryCount()).isZero();
    }

    @Test
    void case15aCompletedTaskCannotFail() {
        add("x");
        finish("x");
        assertRefused("ILLEGAL_TRANSITION", () -> ledger.completeAndRoute("x", Outcome.FAILURE, "late"));
        assertThat(task("x").status()).isEqualTo(COMPLETED);
    }

    @Test
    void aTaskThatEndsTellsWhichOneComesNext() {
        addAll("a", "b");
        ledger.add(NewTask.of("c", "C").priority(90).after("a"));
        start("a");
        assertThat(ledger.completeAndRoute("a", Outcome.SUCCESS, "done").map(Task::taskId))
                .contains("c");
        start("c");
        assertThat(ledger.completeAndRoute("c", Outcome.FAILURE, "boom").map(Task::taskId))
                .contains("b");
        assertThat(task("c").pendingReason()).isEqualTo(PendingReason.RETRY_BACKOFF);
        start("b");
        assertThat(ledger.completeAndRoute("b", Outcome.SUCCESS, null)).isEmpty();
    }

    @Test
    void case16theOrderIsByPriorityAndThenByAge() {
        addAll("a", "b");
        ledger.add(NewTask.of("c", "C").priority(51));
        assertThat(ready()).containsExactly("c", "a", "b");
        assertThat(ledger.apply("a", new TaskCommand.Reprioritize(1000)).priority())
                .isEqualTo(100);
        assertThat(ready()).containsExactly("a", "c", "b");
        assertThat(ledger.apply("b", new TaskCommand.Reprioritize(-10)).priority())
                .isZero();
        assertThat(ledger.next().map(Task::taskId)).contains("a");
    }

    @Test
    void case34theLastFiftyStatusMessagesAreKeptAndProgressIsClamped() {
        add("t");
        ledger.write(l -> {
            for (int i = 0; i < 60; i++) {
                l.apply("t", new TaskCommand.PostStatus("Update " + i, Map.of()));
            }
            return true;
        });
        List<Map<String, Object>> messages = task("t").statusMessages();
        assertThat(messages).hasSize(50);
        assertThat(messages.get(0)).containsEntry("message", "Update 10").containsEntry("timestamp", START_TEXT);
        assertThat(messages.get(49)).containsEntry("message", "Update 59");
        assertThat(ledger.apply("t", new TaskCommand.Progress(150, "half")).progress())
                .isEqualTo(100);
        assertThat(task("t").steps())
                .containsExactly(Map.of("description", "half", "progress", 100L, "timestamp", START_TEXT));
        assertThat(ledger.apply("t", new TaskCommand.Progress(-5, null)).progress())
                .isZero();
    }

    private static final String START_TEXT = "2026-01-01T00:00:00.000Z";

    @Test
    void theTimeInProgressIsSummedUp() {
        add("t");
        start("t");
        now = now.plusSeconds(5);
        run(l -> l.pause("t", "x"));
        now = now.plusSeconds(100);
        run(l -> l.resume("t"));
        now = now.plusMillis(500);
        assertThat(complete("t").timeSpent()).isEqualTo(Duration.ofMillis(5_500));
        assertThat(task("t").startedAt()).isEqualTo(START);
    }

    @Test
    void aClockThatIsPutBackTakesNoTimeAway() {
        add("t");
        start("t");
        now = now.plusSeconds(5);
        run(l -> l.pause("t", "x"));
        run(l -> l.resume("t"));
        now = START;
        assertThat(complete("t").timeSpent()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void manyTasksAreChangedAtOnce() {
        addAll("a", "b", "c", "d");
        start("a");
        start("b");
        assertThat(ledger.pauseAllActive("night")).isEqualTo(2);
        assertThat(ledger.resumeAllPaused()).isEqualTo(2);
        assertThat(ledger.deferAllPending("later", null)).isEqualTo(2);
        assertThat(ledger.undeferAll()).isEqualTo(2);
        assertThat(byId().values())
                .extracting(Task::status)
                .containsExactly(IN_PROGRESS, IN_PROGRESS, PENDING, PENDING);
    }

    @Test
    void archivedTasksShowInNoListingAndKeepTheirEventsAndEdges() {
        addAll("a", "b");
        ledger.add(NewTask.of("c", "C").after("a"));
        finish("a");
        now = now.plusSeconds(10);
        finish("b");
        assertThat(ledger.archive(START.plusSeconds(10))).isEqualTo(1);
        assertThat(byId()).containsOnlyKeys("b", "c");
        assertThat(ledger.find(TaskFilter.all())).extracting(Task::taskId).containsExactly("b", "c");
        assertThat(ledger.find(TaskFilter.all().onlyArchived()))
                .extracting(Task::taskId)
                .containsExactly("a");
        assertThat(task("a").archived()).isTrue();
        assertThat(ledger.waitsFor("c")).hasSize(1);
        assertThat(ready()).containsExactly("c");
        assertRefused("TASK_EXISTS", l -> l.add(NewTask.of("a", "again")));
    }

    @Test
    void tasksAreFound() {
        ledger.add(NewTask.of("one", "First of all").type(TaskType.AUTONOMOUS));
        ledger.add(NewTask.of("two", "50% of_it").childOf("one"));
        ledger.add(NewTask.of("three", "The FIRST again"));
        now = now.plusSeconds(1);
        ledger.apply("three", DELEGATE);
        assertThat(found(TaskFilter.all().containing("first"))).containsExactly("one", "three");
        assertThat(found(TaskFilter.all().containing("0% of_"))).containsExactly("two");
        assertThat(found(TaskFilter.all().containing("0%of"))).isEmpty();
        assertThat(found(TaskFilter.all().type(TaskType.AUTONOMOUS))).containsExactly("one");
        assertThat(found(TaskFilter.all().parent("one"))).containsExactly("two");
        assertThat(found(TaskFilter.all().status(DELEGATED, FAILED))).containsExactly("three");
        assertThat(found(TaskFilter.all().delegatedTo("b"))).containsExactly("three");
        assertThat(found(TaskFilter.all().updated(START.plusSeconds(1), null))).containsExactly("three");
        assertThat(found(TaskFilter.all().updated(null, START.plusSeconds(1)))).containsExactly("one", "two");
        Task first = ledger.find(TaskFilter.all().limit(1)).get(0);
        assertThat(found(TaskFilter.all().after(first.createdNo()))).containsExactly("two", "three");
    }

    private List<String> found(TaskFilter filter) {
        return ledger.find(filter).stream().map(Task::taskId).toList();
    }

    @Test
    void aTaskIsStuckOnlyAfterMoreThanTheThreshold() {
        add("t");
        Task running = start("t");
        Duration threshold = Duration.ofSeconds(300);
        assertThat(running.isStuck(START.plusSeconds(300), threshold)).isFalse();
        assertThat(running.isStuck(START.plusSeconds(300).plusMillis(1), threshold))
                .isTrue();
    }
}
