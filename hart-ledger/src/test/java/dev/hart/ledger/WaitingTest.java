package dev.hart.ledger;

import static dev.hart.ledger.TaskStatus.BLOCKED;
import static dev.hart.ledger.TaskStatus.CANCELLED;
import static dev.hart.ledger.TaskStatus.COMPLETED;
import static dev.hart.ledger.TaskStatus.FAILED;
import static dev.hart.ledger.TaskStatus.IN_PROGRESS;
import static dev.hart.ledger.TaskStatus.PENDING;
import static dev.hart.ledger.TaskStatus.ROLLED_BACK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.LedgerException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tasks that wait for others: prerequisites, blockers and children, and what follows when those end. */
class WaitingTest extends LedgerContract {

    /** seq_task_1 to 3, each blocked by the one before. */
    private void chainOf3() {
        ledger.addAll(
                NewTask.of("seq_task_1", "First"),
                NewTask.of("seq_task_2", "Second").after("seq_task_1").blockedBy("seq_task_1"),
                NewTask.of("seq_task_3", "Third").after("seq_task_2").blockedBy("seq_task_2"));
    }

    private List<TaskStatus> statusesOf(String... ids) {
        return List.of(ids).stream().map(id -> task(id).status()).toList();
    }

    @Test
    void case8aChainGoesOnByItselfAndHandsResultsOver() {
        chainOf3();
        assertThat(statusesOf("seq_task_1", "seq_task_2", "seq_task_3")).containsExactly(PENDING, BLOCKED, BLOCKED);
        assertThat(task("seq_task_2").blockedReason()).isEqualTo(BlockedReason.DEPENDENCY);
        start("seq_task_1");
        complete("seq_task_1", Map.of("d", 1L));
        assertThat(task("seq_task_2").status()).isEqualTo(PENDING);
        assertThat(task("seq_task_2").pendingReason()).isEqualTo(PendingReason.READY);
        assertThat(task("seq_task_3").status()).isEqualTo(BLOCKED);
        assertThat(types("seq_task_2")).endsWith("TASK_AUTO_RESUMED");
        assertThat(ledger.messages("seq_task_2"))
                .containsExactly(
                        new TaskMessage("seq_task_2", "seq_task_1", 1, TaskMessage.Type.RESULT, "{\"d\":1}", START),
                        new TaskMessage("seq_task_2", "seq_task_1", 1, TaskMessage.Type.COMPLETION, null, START));
        assertThat(ledger.messages("seq_task_2").get(0).data()).isEqualTo(Map.of("d", 1L));
        assertThat(ledger.messages("seq_task_3")).isEmpty();
    }

    @Test
    void case8aChainRunsOnAtOnceIfTheLedgerSaysSo() {
        ledger = ledger(LedgerOptions.defaults().resume(ResumeRule.RUN));
        chainOf3();
        finish("seq_task_1");
        assertThat(task("seq_task_2").status()).isEqualTo(IN_PROGRESS);
        assertThat(task("seq_task_2").startedAt()).isEqualTo(START);
        assertThat(statuses("seq_task_2")).containsExactly("blocked", "resuming", "in_progress");
    }

    @Test
    void case9withoutAResultOnlyTheCompletionIsTold() {
        chainOf3();
        finish("seq_task_1");
        assertThat(ledger.messages("seq_task_2"))
                .extracting(TaskMessage::type)
                .containsExactly(TaskMessage.Type.COMPLETION);
    }

    @Test
    void aTaskIsReadyWhenTheOneBeforeIsDone() {
        ledger.addAll(
                NewTask.of("b", "B").after("a"),
                NewTask.of("a", "A"),
                NewTask.of("c", "C").after("b"));
        assertThat(task("a").pendingReason()).isEqualTo(PendingReason.READY);
        assertThat(task("b").pendingReason()).isEqualTo(PendingReason.AWAITING_PREREQUISITES);
        assertThatThrownBy(() -> start("b"))
                .isInstanceOf(LedgerException.class)
                .hasMessage("task " + ledger.id().key() + "/b waits for a: finish them first, or start it by force");
        assertRefused("NOT_READY", l -> l.start("b"));
        finish("a");
        assertThat(task("b").pendingReason()).isEqualTo(PendingReason.READY);
        assertThat(types("b")).endsWith("TASK_READY");
        assertThat(ready()).containsExactly("b");
        assertRefused("NOT_READY", l -> l.start("c"));
        assertThat(ledger.apply("c", new TaskCommand.Start(true)).status()).isEqualTo(IN_PROGRESS);
    }

    @Test
    void case10aStartedTaskGoesOnWhenItsLastBlockerIsDone() {
        addAll("a", "b", "c");
        start("c");
        run(l -> l.blockBy("c", "a", "b"));
        assertThat(task("c").status()).isEqualTo(BLOCKED);
        finish("a");
        assertThat(task("c").status()).isEqualTo(BLOCKED);
        assertThat(task("c").unmetEdges()).isEqualTo(1);
        assertRefused("ILLEGAL_TRANSITION", l -> l.start("c"));
        finish("b");
        assertThat(task("c").status()).isEqualTo(IN_PROGRESS);
    }

    @Test
    void case10aTaskThatWasClaimedIsClaimedAgain() {
        add("c");
        Lease lease = claim("w");
        addAll("a", "b");
        run(l -> l.blockBy("c", "a", "b"));
        assertThat(task("c").leaseUntil()).isNull();
        assertRefused("STALE_LEASE", () -> ledger.heartbeat(lease));
        finish("a");
        finish("b");
        assertThat(task("c").status()).isEqualTo(PENDING);
        assertThat(task("c").pendingReason()).isEqualTo(PendingReason.READY);
    }

    @Test
    void case10aTaskThatWaitsForAPersonTooStaysBlocked() {
        add("a");
        ledger.add(NewTask.of("d", "D").after("a"));
        run(l -> l.block("d", BlockedReason.INPUT_REQUIRED, null));
        finish("a");
        assertThat(task("d").status()).isEqualTo(BLOCKED);
        assertThat(run(l -> l.resume("d")).pendingReason()).isEqualTo(PendingReason.READY);
    }

    @Test
    void case11aSkippedPrerequisiteIsMetUnlessItMustBeCompleted() {
        add("a");
        ledger.add(NewTask.of("b", "B").after("a"));
        ledger.add(NewTask.of("strict", "S").afterCompletionOf("a"));
        run(l -> l.skip("a", "not needed"));
        assertThat(ready()).containsExactly("b");
        assertThat(task("strict").failureReason()).isEqualTo(FailureReason.DEPENDENCY_FAILED);
        ledger.add(NewTask.of("late", "Late").after("a"));
        assertThat(task("late").pendingReason()).isEqualTo(PendingReason.READY);
    }

    @Test
    void case12aNewAttemptRescuesWhatWaitsForAFailedTask() {
        ledger.addAll(
                NewTask.of("seq_task_1", "First")
                        .context(Map.of("n", 1L))
                        .priority(70)
                        .sealed(),
                NewTask.of("seq_task_2", "Second").blockedBy("seq_task_1"));
        start("seq_task_1");
        Task failed = fail("seq_task_1");
        assertThat(failed.status()).isEqualTo(FAILED);
        assertThat(failed.retryCount()).isZero();
        assertThat(task("seq_task_2").status()).isEqualTo(BLOCKED);
        assertThat(task("seq_task_2").failureReason()).isEqualTo(FailureReason.DEPENDENCY_FAILED);
        assertThat(types("seq_task_2")).containsOnlyOnce("DEPENDENCY_FAILED");
        assertRefused("ILLEGAL_TRANSITION", l -> l.start("seq_task_2"));

        Task again = run(l -> l.retryAsNew("seq_task_1"));
        assertThat(again.taskId()).isEqualTo("seq_task_1~1");
        assertThat(again.supersedes()).isEqualTo("seq_task_1");
        assertThat(again.context()).isEqualTo(Map.of("n", 1L));
        assertThat(again.priority()).isEqualTo(70);
        assertThat(again.dataHash()).isNotNull();
        assertThat(ledger.isDefinitionIntact("seq_task_1~1")).isTrue();
        assertThat(task("seq_task_1")).isEqualTo(failed);
        assertThat(task("seq_task_2").failureReason()).isNull();
        assertThat(ledger.waitsFor("seq_task_2")).extracting(Edge::from).containsExactly("seq_task_1~1");
        finish("seq_task_1~1");
        assertThat(task("seq_task_2").pendingReason()).isEqualTo(PendingReason.READY);
    }

    @Test
    void newAttemptsAreNumberedByTheOriginal() {
        add("a");
        run(l -> l.cancel("a", "x"));
        assertThat(run(l -> l.retryAsNew("a")).taskId()).isEqualTo("a~1");
        assertRefused("ILLEGAL_TRANSITION", l -> l.retryAsNew("a~1"));
        run(l -> l.cancel("a~1", "x"));
        Task third = run(l -> l.retryAsNew("a~1"));
        assertThat(third.taskId()).isEqualTo("a~2");
        assertThat(third.supersedes()).isEqualTo("a~1");
    }

    @Test
    void aTaskThatWaitsForTwoFailedOnesShowsThatUntilBothAreRepeated() {
        addAll("a", "b");
        ledger.add(NewTask.of("c", "C").after("a", "b"));
        run(l -> l.cancel("a", "x"));
        run(l -> l.cancel("b", "x"));
        run(l -> l.retryAsNew("a"));
        assertThat(task("c").failureReason()).isEqualTo(FailureReason.DEPENDENCY_FAILED);
        run(l -> l.retryAsNew("b"));
        assertThat(task("c").failureReason()).isNull();
        finish("a~1");
        finish("b~1");
        assertThat(ready()).containsExactly("c");
    }

    @Test
    void case13aTaskForTheCaseOfFailureRunsThenOnly() {
        addAll("a", "b", "x", "y");
        ledger.add(NewTask.of("ra", "R").after("a", Outcome.FAILURE));
        ledger.add(NewTask.of("rb", "R").after("b", Outcome.FAILURE));
        ledger.add(NewTask.of("any", "R").after("x", Outcome.ANY).after("y", Outcome.ANY));
        start("a");
        fail("a");
        assertThat(task("ra").pendingReason()).isEqualTo(PendingReason.READY);
        finish("b");
        assertThat(task("rb").failureReason()).isEqualTo(FailureReason.DEPENDENCY_FAILED);
        assertThat(task("rb").claimable()).isFalse();
        finish("x");
        run(l -> l.cancel("y", "x"));
        assertThat(ready()).containsExactly("ra", "any");
    }

    @Test
    void case20aStartedParentThatIsBlockedGoesOnAfterItsChildren() {
        add("action_1");
        start("action_1");
        ledger.addAll(
                NewTask.of("1.1", "One").childOf("action_1"),
                NewTask.of("1.2", "Two").childOf("action_1").after("1.1"));
        run(l -> l.block("action_1", BlockedReason.DEPENDENCY, null));
        assertThat(ready()).containsExactly("1.1");
        finish("1.1");
        assertThat(ready()).containsExactly("1.2");
        finish("1.2");
        assertThat(task("action_1").status()).isEqualTo(IN_PROGRESS);
    }

    @Test
    void aPendingParentIsNotClaimableWhileAChildIsOpen() {
        add("p");
        ledger.add(NewTask.of("c", "C").childOf("p"));
        assertThat(ready()).containsExactly("c");
        assertRefused("NOT_READY", l -> l.start("p"));
        run(l -> l.cancel("c", "x"));
        assertThat(ready()).containsExactly("p");
    }

    private Task parentOfAFailedChild(ChildFailureRule rule) {
        ledger = ledger(LedgerOptions.defaults().onChildFailure(rule));
        add("p");
        start("p");
        ledger.add(NewTask.of("c", "C").childOf("p"));
        run(l -> l.block("p", BlockedReason.DEPENDENCY, null));
        start("c");
        fail("c");
        return task("p");
    }

    @Test
    void case21aParentGoesOnAfterAFailedChildAsTheLedgerSays() {
        assertThat(parentOfAFailedChild(ChildFailureRule.RESUME_PARENT).status())
                .isEqualTo(IN_PROGRESS);
        List<LedgerEvent> history = ledger.history("p");
        assertThat(history.get(history.size() - 2).payload()).containsEntry("failed_children", List.of("c"));
        assertThat(parentOfAFailedChild(ChildFailureRule.WAIT).status()).isEqualTo(BLOCKED);
        Task failed = parentOfAFailedChild(ChildFailureRule.FAIL_PARENT);
        assertThat(failed.status()).isEqualTo(FAILED);
        assertThat(failed.failureReason()).isEqualTo(FailureReason.DEPENDENCY_FAILED);
    }

    @Test
    void case22aParentEndsAfterItsChildren() {
        ledger.add(NewTask.of("run", "Run").asContainer());
        start("run");
        ledger.addAll(
                NewTask.of("a", "A").childOf("run"),
                NewTask.of("b", "B").childOf("run"),
                NewTask.of("a1", "A1").childOf("a"));
        run(l -> l.cancel("a1", "x"));
        run(l -> l.cancel("a", "x"));
        assertThatThrownBy(() -> complete("run"))
                .hasMessage("task " + ledger.id().key()
                        + "/run has the open children b: finish them first, or complete it by force");
        assertRefused("OPEN_CHILDREN", l -> l.complete("run", null));
        assertThat(ledger.apply("run", new TaskCommand.Complete("all", true)).result())
                .isEqualTo("all");
        assertRefused("TASK_ENDED", l -> l.add(NewTask.of("c", "C").childOf("run")));
    }

    @Test
    void aContainerIsNeverClaimed() {
        ledger.add(NewTask.of("box", "Box").asContainer());
        assertThat(ready()).isEmpty();
        assertThat(ledger.claim(ClaimRequest.by(worker("w")).task("box"))).isEmpty();
    }

    @Test
    void anAutoCompletingContainerEndsWithItsChildren() {
        ledger.addAll(
                NewTask.of("good", "Goal").asAutoCompleting(),
                NewTask.of("g1", "One").childOf("good"),
                NewTask.of("g2", "Two").childOf("good"),
                NewTask.of("bad", "Goal").asAutoCompleting(),
                NewTask.of("b1", "One").childOf("bad"),
                NewTask.of("b2", "Two").childOf("bad"));
        assertThat(task("good").status()).isEqualTo(IN_PROGRESS);
        finish("g1");
        assertThat(task("good").status()).isEqualTo(IN_PROGRESS);
        run(l -> l.skip("g2", "x"));
        assertThat(task("good").status()).isEqualTo(COMPLETED);
        start("b1");
        fail("b1");
        assertThat(task("bad").status()).isEqualTo(IN_PROGRESS);
        finish("b2");
        assertThat(task("bad").status()).isEqualTo(FAILED);
        assertThat(task("bad").failureReason()).isEqualTo(FailureReason.DEPENDENCY_FAILED);
        assertThat(task("bad").errorMessage()).isEqualTo("these did not succeed: b1");
    }

    @Test
    void aContainerThatWasPausedWhileItsLastChildEndedEndsWhenItGoesOn() {
        ledger.addAll(
                NewTask.of("goal", "Goal").asAutoCompleting(),
                NewTask.of("g1", "One").childOf("goal"));
        run(l -> l.pause("goal", "night"));
        finish("g1");
        assertThat(task("goal").status()).isEqualTo(TaskStatus.PAUSED);
        assertThat(run(l -> l.resume("goal")).status()).isEqualTo(COMPLETED);
    }

    @Test
    void aFailedChildThatWasRepeatedWithSuccessDoesNotFailItsContainer() {
        ledger.addAll(
                NewTask.of("goal", "Goal").asAutoCompleting(),
                NewTask.of("g1", "One").childOf("goal"));
        add("other");
        ledger.add(NewTask.of("g2", "Two").childOf("goal"));
        run(l -> l.cancel("g1", "x"));
        run(l -> l.retryAsNew("g1"));
        finish("g1~1");
        finish("g2");
        assertThat(task("goal").status()).isEqualTo(COMPLETED);
    }

    @Test
    void case23aTaskNamesOnlyTasksThatAreThere() {
        add("a");
        assertRefused("TASK_EXISTS", l -> l.add(NewTask.of("a", "again")));
        assertRefused("UNKNOWN_DEPENDENCY", l -> l.add(NewTask.of("b", "B").after("a", "nobody")));
        assertRefused("UNKNOWN_DEPENDENCY", l -> l.add(NewTask.of("b", "B").blockedBy("nobody")));
        assertRefused("UNKNOWN_DEPENDENCY", l -> l.add(NewTask.of("b", "B").childOf("nobody")));
        assertRefused("TASK_NOT_FOUND", l -> l.start("nobody"));
    }

    @Test
    void case23tasksThatWouldWaitForEachOtherAreRefusedWithThePath() {
        assertThatThrownBy(() -> ledger.addAll(
                        NewTask.of("a", "A").after("c"),
                        NewTask.of("b", "B").after("a"),
                        NewTask.of("c", "C").after("b")))
                .isInstanceOf(LedgerException.class)
                .extracting(LedgerContract::code)
                .isEqualTo("CYCLE");
        assertThatThrownBy(() -> ledger.addAll(
                        NewTask.of("a", "A").after("c"),
                        NewTask.of("b", "B").after("a"),
                        NewTask.of("c", "C").after("b")))
                .hasMessage("these tasks would wait for each other: a, b, c, a: leave one out");
        assertThat(ledger.tasks()).isEmpty();
        assertRefused("CYCLE", l -> l.add(NewTask.of("self", "S").after("self")));
        add("p");
        assertRefused("CYCLE", l -> l.add(NewTask.of("c", "C").childOf("p").after("p")));
    }

    @Test
    void aChildCannotWaitForItsParentHoweverFarThatIs() {
        add("p");
        ledger.add(NewTask.of("x", "X").after("p"));
        ledger.add(NewTask.of("y", "Y").after("x"));
        assertRefused("CYCLE", l -> l.add(NewTask.of("c", "C").childOf("p").after("y")));
        assertRefused(
                "CYCLE",
                () -> ledger.addAll(
                        NewTask.of("c", "C").childOf("p"),
                        NewTask.of("g", "G").childOf("c").after("y")));
        add("free");
        assertThat(run(l -> l.add(NewTask.of("c", "C").childOf("p").after("free")))
                        .taskId())
                .isEqualTo("c");
        assertRefused("CYCLE", l -> l.addPrerequisite("c", "y", Outcome.SUCCESS, false));
    }

    @Test
    void edgesComeAndGo() {
        addAll("a", "b");
        Task waits = run(l -> l.addPrerequisite("b", "a", Outcome.SUCCESS, false));
        assertThat(waits.pendingReason()).isEqualTo(PendingReason.AWAITING_PREREQUISITES);
        assertThat(ready()).containsExactly("a");
        assertRefused("NO_CHANGE", l -> l.addPrerequisite("b", "a", Outcome.SUCCESS, false));
        assertRefused("CYCLE", l -> l.addPrerequisite("a", "b", Outcome.SUCCESS, false));
        assertRefused("UNKNOWN_DEPENDENCY", l -> l.addPrerequisite("b", "nobody", Outcome.SUCCESS, false));
        assertThat(run(l -> l.removePrerequisite("b", "a")).pendingReason()).isEqualTo(PendingReason.READY);
        assertRefused("NO_CHANGE", l -> l.removePrerequisite("b", "a"));
        run(l -> l.blockBy("b", "a"));
        assertThat(run(l -> l.removeBlocker("b", "a")).status()).isEqualTo(PENDING);
        run(l -> l.cancel("b", "x"));
        assertRefused("TASK_ENDED", l -> l.addPrerequisite("b", "a", Outcome.SUCCESS, false));
    }

    @Test
    void aLedgerCanCancelWhatWaitsForAFailedTask() {
        ledger = ledger(LedgerOptions.defaults().onDependencyFailure(DependencyFailureRule.CANCEL));
        ledger.addAll(
                NewTask.of("a", "A"),
                NewTask.of("b", "B").after("a"),
                NewTask.of("c", "C").after("b"),
                NewTask.of("d", "D").after("c", Outcome.FAILURE));
        start("a");
        fail("a");
        assertThat(statusesOf("a", "b", "c", "d")).containsExactly(FAILED, CANCELLED, CANCELLED, PENDING);
        assertThat(ready()).containsExactly("d");
    }

    @Test
    void cancellingACascadePassesOverWhatCannotBeCancelled() {
        ledger.addAll(
                NewTask.of("a", "A"),
                NewTask.of("b", "B").after("a"),
                NewTask.of("c", "C").after("a"),
                NewTask.of("d", "D").after("b", "c"));
        ledger.apply("b", new TaskCommand.Start(true));
        start("a");
        Cascade cascade = ledger.write(l -> l.cancelCascade("a", "stop"));
        assertThat(cascade.changed()).containsExactly("c", "d");
        assertThat(cascade.refused()).containsExactly("a", "b");
        assertThat(statusesOf("a", "b", "c", "d")).containsExactly(IN_PROGRESS, IN_PROGRESS, CANCELLED, CANCELLED);
    }

    @Test
    void aRolledBackResultLetsWhatHasNotStartedWaitAgain() {
        ledger.addAll(NewTask.of("a", "A"), NewTask.of("b", "B").after("a"));
        finish("a");
        assertThat(ready()).containsExactly("b");
        ledger.apply("a", new TaskCommand.RollBack("bad"));
        assertThat(ready()).isEmpty();
        assertThat(task("b").pendingReason()).isEqualTo(PendingReason.AWAITING_PREREQUISITES);
        run(l -> l.retryAsNew("a"));
        finish("a~1");
        assertThat(ready()).containsExactly("b");
    }

    @Test
    void aCascadeRollsBackTheLastFirstAndNotWhileOneIsRunning() {
        ledger.addAll(
                NewTask.of("a", "A"),
                NewTask.of("b", "B").after("a"),
                NewTask.of("c", "C").after("a"),
                NewTask.of("d", "D").after("b", "c"),
                NewTask.of("e", "E").after("d"));
        finish("a");
        finish("b");
        finish("c");
        start("d");
        assertThatThrownBy(() -> ledger.write(l -> l.rollBackCascade("a", "bad")))
                .hasMessageContaining("cannot be rolled back while d work with its result");
        assertRefused("NOT_READY", () -> ledger.write(l -> l.rollBackCascade("a", "bad")));
        complete("d", "result");
        Cascade cascade = ledger.write(l -> l.rollBackCascade("a", "bad"));
        assertThat(cascade.changed()).containsExactly("d", "c", "b", "a");
        assertThat(statusesOf("a", "b", "c", "d", "e"))
                .containsExactly(ROLLED_BACK, ROLLED_BACK, ROLLED_BACK, ROLLED_BACK, PENDING);
        assertThat(task("d").originalResult()).isEqualTo("result");
    }

    /** 10,000 in memory; elsewhere less, as nothing but the database's own time would be added. */
    private int deep() {
        return home == LedgerHome.SQLITE_MEMORY ? 10_000 : 300;
    }

    private List<NewTask> chain(int length) {
        List<NewTask> chain = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            NewTask task = NewTask.of("t" + i, "Do");
            chain.add(i == 0 ? task : task.after("t" + (i - 1)));
        }
        return chain;
    }

    private long count(TaskStatus status) {
        return ledger.tasks().stream().filter(task -> task.status() == status).count();
    }

    @Test
    void aDeepChainIsCancelledWithoutRecursion() {
        ledger.write(l -> l.addAll(chain(deep())));
        Cascade cascade = ledger.write(l -> l.cancelCascade("t0", "stop"));
        assertThat(cascade.changed()).hasSize(deep());
        assertThat(count(CANCELLED)).isEqualTo(deep());
    }

    @Test
    void aDeepChainFailsWithoutRecursion() {
        ledger = ledger(LedgerOptions.defaults().onDependencyFailure(DependencyFailureRule.CANCEL));
        ledger.write(l -> l.addAll(chain(deep())));
        start("t0");
        fail("t0");
        assertThat(count(CANCELLED)).isEqualTo(deep() - 1);
    }

    @Test
    void aDeepChainIsCompletedAndRolledBackWithoutRecursion() {
        ledger.write(l -> {
            l.addAll(chain(deep()));
            for (int i = 0; i < deep(); i++) {
                l.start("t" + i);
                l.complete("t" + i, (long) i);
            }
            return true;
        });
        Cascade cascade = ledger.write(l -> l.rollBackCascade("t0", "bad"));
        assertThat(cascade.changed())
                .isEqualTo(IntStream.iterate(deep() - 1, i -> i >= 0, i -> i - 1)
                        .mapToObj(i -> "t" + i)
                        .toList());
    }

    @Test
    void aDeepTreeCompletesFromItsLeafWithoutRecursion() {
        List<NewTask> tree = new ArrayList<>();
        for (int i = 0; i < deep(); i++) {
            NewTask task = NewTask.of("t" + i, "Do");
            NewTask node = i == deep() - 1 ? task : task.asAutoCompleting();
            tree.add(i == 0 ? node : node.childOf("t" + (i - 1)));
        }
        ledger.write(l -> l.addAll(tree));
        finish("t" + (deep() - 1));
        assertThat(count(COMPLETED)).isEqualTo(deep());
    }
}
