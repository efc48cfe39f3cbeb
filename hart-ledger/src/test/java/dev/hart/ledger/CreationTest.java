package dev.hart.ledger;

import static dev.hart.ledger.TaskStatus.BLOCKED;
import static dev.hart.ledger.TaskStatus.COMPLETED;
import static dev.hart.ledger.TaskStatus.DELEGATED;
import static dev.hart.ledger.TaskStatus.FAILED;
import static dev.hart.ledger.TaskStatus.IN_PROGRESS;
import static dev.hart.ledger.TaskStatus.PENDING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.HartException;
import dev.hart.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tasks that the ledger names: families, chains, subtasks, plans, goals, delegations. Every ledger is verified after its test. */
class CreationTest {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Store store = Store.inMemory();
    private final Ledgers ledgers = Ledgers.in(store)
            .clock(() -> now)
            .random(new Random(7))
            .withoutBackgroundThread()
            .open();
    private Ledger ledger = ledgers.ledger(new LedgerId("agent", "s1"));

    @AfterEach
    void theLedgerIsWhole() {
        assertThat(ledger.verify()).isInstanceOf(VerifyReport.Ok.class);
        store.close();
    }

    private void withOptions(Function<LedgerOptions, LedgerOptions> change) {
        ledger = ledgers.create(new LedgerId("agent", "s2"), change.apply(LedgerOptions.defaults()));
    }

    private <T> T write(LedgerWork<T> work) {
        return ledger.write(work);
    }

    private List<Task> many(Function<LedgerTransaction, List<Task>> add) {
        return ledger.write(add::apply);
    }

    private TaskStatus status(String id) {
        return ledger.require(id).status();
    }

    private List<String> history(String id) {
        return ledger.history(id).stream()
                .map(event -> event.payload().get("to"))
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .toList();
    }

    private void finish(String id, Object result) {
        write(tx -> {
            if (tx.task(id).status() != IN_PROGRESS) {
                tx.start(id);
            }
            return tx.complete(id, result);
        });
    }

    private static void assertRefused(String code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(HartException.class)
                .extracting(e -> ((HartException) e).code())
                .isEqualTo(code);
    }

    @Test
    void case8AChainGoesOnByItselfAndTellsTheNextOneItsResult() {
        assertThat(many(tx -> tx.addChain("A", "B", "C")))
                .extracting(Task::taskId)
                .containsExactly("seq_task_1", "seq_task_2", "seq_task_3");
        assertThat(ledger.tasks()).extracting(Task::status).containsExactly(PENDING, BLOCKED, BLOCKED);
        finish("seq_task_1", Map.of("d", 1L));
        assertThat(ledger.require("seq_task_2").pendingReason()).isEqualTo(PendingReason.READY);
        assertThat(status("seq_task_3")).isEqualTo(BLOCKED);
        assertThat(ledger.graph().prerequisiteResults("seq_task_2")).isEqualTo(Map.of("seq_task_1", Map.of("d", 1L)));
        assertThat(ledger.messages("seq_task_2")).hasSize(2);
    }

    @Test
    void case8WithTheRuleRunTheNextOneRunsAtOnce() {
        withOptions(options -> options.resume(ResumeRule.RUN));
        write(tx -> tx.addChain("A", "B", "C"));
        finish("seq_task_1", Map.of("d", 1L));
        assertThat(status("seq_task_2")).isEqualTo(IN_PROGRESS);
        assertThat(history("seq_task_2")).containsExactly("resuming", "in_progress");
        assertThat(status("seq_task_3")).isEqualTo(BLOCKED);
    }

    @Test
    void case9AnEmptyResultIsNoMessageOfItsOwn() {
        write(tx -> tx.addChain("A", "B", "C"));
        finish("seq_task_1", null);
        assertThat(ledger.messages("seq_task_2"))
                .extracting(TaskMessage::type)
                .containsExactly(TaskMessage.Type.COMPLETION);
        assertThat(ledger.graph().prerequisiteResults("seq_task_2")).isEmpty();
    }

    @Test
    void chainsNumberOnAndMayHaveAParent() {
        write(tx -> tx.addChain("A", "B"));
        assertThat(many(tx -> tx.addChain("C"))).extracting(Task::taskId).containsExactly("seq_task_3");
        assertThat(many(tx -> tx.addChain("seq_task_1", List.of("D", "E"), t -> t.priority(80))))
                .extracting(Task::taskId, Task::priority, Task::parentTaskId)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("seq_task_1_seq_1", 80, "seq_task_1"),
                        org.assertj.core.groups.Tuple.tuple("seq_task_1_seq_2", 80, "seq_task_1"));
        assertThat(many(tx -> tx.addChain())).isEmpty();
    }

    @Test
    void case17APlanBecomesTasks() {
        List<PlannedAction> plan = List.of(
                PlannedAction.read(Map.of("action_id", 1L, "action", "A", "persona", "clerk", "flow", 0L)),
                PlannedAction.read(Map.of("action_id", 2L, "description", "B", "prerequisites", List.of(1L))),
                PlannedAction.read("plain"));
        List<Task> tasks = write(tx -> tx.addActions(plan));
        assertThat(tasks).extracting(Task::taskId).containsExactly("action_1", "action_2", "action_3");
        assertThat(tasks).extracting(Task::priority).containsExactly(99, 98, 100);
        assertThat(tasks)
                .extracting(Task::executionMode)
                .containsExactly(ExecutionMode.PARALLEL, ExecutionMode.SEQUENTIAL, ExecutionMode.PARALLEL);
        assertThat(tasks.get(0).context()).isEqualTo(Map.of("action_id", 1L, "persona", "clerk", "flow", 0L));
        assertThat(tasks).allMatch(task -> task.dataHash() != null && task.type() == TaskType.PRE_ASSIGNED);
        assertThat(ledger.waitsFor("action_2")).extracting(Edge::from).containsExactly("action_1");
        assertThat(ledger.ready(10)).extracting(Task::taskId).containsExactly("action_3", "action_1");
        assertThat(many(tx -> tx.addActions(List.of(PlannedAction.of(150, "Late")))))
                .extracting(Task::priority)
                .containsExactly(0);
    }

    @Test
    void anActionWithoutAnIdTakesNoNumberOfAnother() {
        List<PlannedAction> plan = List.of(
                PlannedAction.of(2, "B"), PlannedAction.of("one"), PlannedAction.of("two"), PlannedAction.of(4, "D"));
        assertThat(many(tx -> tx.addActions(plan)))
                .extracting(Task::taskId)
                .containsExactly("action_2", "action_3", "action_5", "action_4");
        assertThat(many(tx -> tx.addActions(List.of(PlannedAction.of("three")))))
                .extracting(Task::taskId)
                .containsExactly("action_1");
    }

    @Test
    void aBadPlanIsRefusedWhole() {
        assertRefused(
                "UNKNOWN_DEPENDENCY",
                () -> write(tx -> tx.addActions(List.of(PlannedAction.of("x"), PlannedAction.of(7, "y", 9)))));
        assertRefused(
                "TASK_EXISTS",
                () -> write(tx -> tx.addActions(List.of(PlannedAction.of(7, "x"), PlannedAction.of(7, "y")))));
        assertRefused(
                "CYCLE",
                () -> write(tx -> tx.addActions(List.of(PlannedAction.of(1, "x", 2), PlannedAction.of(2, "y", 1)))));
        for (Object bad : Arrays.asList(
                null,
                5L,
                Map.of(),
                Map.of("action", "x", "action_id", "1"),
                Map.of("action", "x", "prerequisites", 1L))) {
            assertRefused("INVALID_ARGUMENT", () -> PlannedAction.read(bad));
        }
        assertThat(ledger.exists()).isFalse();
    }

    @Test
    void aSealStaysGoodWhateverCommandsChangeTheDefinition() {
        write(tx -> tx.addActions(
                List.of(PlannedAction.of(1, "A"), PlannedAction.of(2, "B"), PlannedAction.of(3, "C", 1))));
        write(tx -> tx.addPrerequisite("action_3", "action_2", Outcome.SUCCESS, false));
        assertThat(ledger.isDefinitionIntact("action_3")).isTrue();
        write(tx -> tx.cancel("action_1", "x"));
        write(tx -> tx.retryAsNew("action_1"));
        assertThat(ledger.waitsFor("action_3")).extracting(Edge::from).containsExactly("action_1~1", "action_2");
        assertThat(ledger.isDefinitionIntact("action_3")).isTrue();
        write(tx -> tx.removePrerequisite("action_3", "action_2"));
        ledger.apply("action_3", new TaskCommand.Reprioritize(7));
        assertThat(ledger.isDefinitionIntact("action_3")).isTrue();
        store.write(tx -> tx.prepare("UPDATE task SET description = 'D' WHERE task_id = 'action_3'")
                .executeUpdate());
        assertThat(ledger.isDefinitionIntact("action_3")).isFalse();
        store.write(tx -> tx.prepare("UPDATE task SET description = 'C' WHERE task_id = 'action_3'")
                .executeUpdate());
    }

    @Test
    void case19SiblingsNumberOn() {
        ledger.add(NewTask.of("p", "P"));
        write(tx -> tx.addSiblings("p", "A", "B"));
        write(tx -> tx.addSiblings("p", "C"));
        assertThat(ledger.tasks())
                .extracting(Task::taskId, Task::description)
                .contains(
                        org.assertj.core.groups.Tuple.tuple("p_sibling_1", "A"),
                        org.assertj.core.groups.Tuple.tuple("p_sibling_2", "B"),
                        org.assertj.core.groups.Tuple.tuple("p_sibling_3", "C"));
        assertThat(ledger.graph().siblings("p_sibling_2"))
                .extracting(Task::taskId)
                .containsExactly("p_sibling_1", "p_sibling_3");
        assertThat(status("p")).isEqualTo(PENDING);
        assertThat(ledger.ready(10)).extracting(Task::taskId).doesNotContain("p");
    }

    @Test
    void tasksWithoutACommonParentCanBeSiblings() {
        ledger.addAll(NewTask.of("a", "A"), NewTask.of("b", "B"), NewTask.of("c", "C"));
        write(tx -> {
            tx.linkSiblings("a", "b");
            tx.linkSiblings("b", "c");
            return null;
        });
        assertThat(ledger.graph().siblings("b")).extracting(Task::taskId).containsExactly("a", "c");
        assertThat(ledger.graph().siblings("c")).extracting(Task::taskId).containsExactly("b");
        assertRefused(
                "TASK_NOT_FOUND",
                () -> write(tx -> {
                    tx.linkSiblings("a", "nobody");
                    return null;
                }));
        assertRefused(
                "INVALID_ARGUMENT",
                () -> write(tx -> {
                    tx.linkSiblings("a", "a");
                    return null;
                }));
    }

    @Test
    void aNumberIsNeverUsedAgainEvenAfterItsTaskWasPutAway() {
        ledger.add(NewTask.of("p", "P"));
        write(tx -> tx.addChild("p", "A"));
        write(tx -> tx.cancel("p_child_1", "no"));
        now = now.plusSeconds(1);
        ledger.archive(now);
        assertThat(write(tx -> tx.addChild("p", "B")).taskId()).isEqualTo("p_child_2");
        ledger.add(NewTask.of("p_child_4", "by hand"));
        assertThat(write(tx -> tx.addChild("p", "C")).taskId()).isEqualTo("p_child_5");
        assertThat(write(tx -> tx.addChild("p", "D")).taskId()).isEqualTo("p_child_6");
        assertRefused("TASK_NOT_FOUND", () -> write(tx -> tx.addChild("nobody", "X")));
    }

    private void breakDown() {
        write(tx -> tx.addActions(List.of(PlannedAction.of(1, "Big"))));
        write(tx -> tx.start("action_1"));
        write(tx -> tx.addSubtasks(
                "action_1", List.of(NewTask.of("1.2", "Second").after("1.1"), NewTask.of("1.1", "First"))));
    }

    @Test
    void case20ATaskThatIsBrokenDownGoesOnAfterItsSubtasks() {
        breakDown();
        assertThat(status("action_1")).isEqualTo(BLOCKED);
        assertThat(ledger.require("1.1").type()).isEqualTo(TaskType.AUTONOMOUS);
        assertThat(ledger.next().map(Task::taskId)).contains("1.1");
        finish("1.1", null);
        assertThat(ledger.next().map(Task::taskId)).contains("1.2");
        finish("1.2", null);
        assertThat(status("action_1")).isEqualTo(IN_PROGRESS);
    }

    @Test
    void case21AParentGoesOnAlsoWhenASubtaskFailed() {
        write(tx -> tx.addActions(List.of(PlannedAction.of(1, "Big"))));
        write(tx -> tx.start("action_1"));
        write(tx -> tx.addSubtasks("action_1", List.of(NewTask.of("1.1", "Only"))));
        write(tx -> {
            tx.start("1.1");
            return tx.fail("1.1", "boom", FailureReason.ERROR);
        });
        assertThat(status("action_1")).isEqualTo(IN_PROGRESS);
        assertThat(ledger.history("action_1"))
                .anyMatch(event -> List.of("1.1").equals(event.payload().get("failed_children")));
    }

    @Test
    void aParentThatDoesNotRunWaitsThroughItsOpenSubtasks() {
        ledger.add(NewTask.of("p", "P"));
        write(tx -> tx.addSubtasks("p", List.of(NewTask.of("s", "S"))));
        assertThat(status("p")).isEqualTo(PENDING);
        assertThat(ledger.next().map(Task::taskId)).contains("s");
        assertRefused(
                "CYCLE",
                () -> write(tx -> tx.addSubtasks(
                        "p",
                        List.of(
                                NewTask.of("x", "X").after("y"),
                                NewTask.of("y", "Y").after("p")))));
    }

    @Test
    void twoNewChildrenCannotLetTheirParentsWaitForEachOther() {
        ledger.addAll(NewTask.of("p", "P"), NewTask.of("q", "Q"));
        assertRefused(
                "CYCLE",
                () -> ledger.addAll(
                        NewTask.of("c", "C").childOf("p").after("q"),
                        NewTask.of("d", "D").childOf("q").after("p")));
        assertThat(ledger.tasks()).hasSize(2);
    }

    @Test
    void aWorkerWithoutItsLeaseCannotBreakATaskDown() {
        ledger.add(NewTask.of("t", "T"));
        Lease lease =
                ledger.claim(ClaimRequest.by(WorkerProfile.of("w", "n", "i"))).orElseThrow();
        now = now.plusSeconds(100);
        ledgers.tick();
        assertRefused(
                "STALE_LEASE",
                () -> write(tx -> {
                    tx.requireLease(lease);
                    return tx.addSubtasks("t", List.of(NewTask.of("s", "S")));
                }));
        assertThat(ledger.tasks()).hasSize(1);
    }

    @Test
    void case22ATreeKnowsItsDepth() {
        ledger.add(NewTask.of("root", "Root"));
        write(tx -> tx.addChild("root", "Child A"));
        write(tx -> tx.addChild("root_child_1", "G1"));
        write(tx -> tx.addChild("root", "Child B"));
        TaskGraph graph = ledger.graph();
        assertThat(graph.descendants("root"))
                .extracting(Task::taskId)
                .containsExactlyInAnyOrder("root_child_1", "root_child_1_child_1", "root_child_2");
        assertThat(graph.depth("root_child_1_child_1")).isEqualTo(2);
        assertThat(graph.depth("root")).isZero();
        ledger.apply("root", new TaskCommand.Start(true));
        assertRefused("OPEN_CHILDREN", () -> write(tx -> tx.complete("root", null)));
    }

    @Test
    void aGoalEndsWithItsTasks() {
        Task goal = write(tx -> tx.submitGoal(NewGoal.of("Tidy up")
                .context(Map.of("room", 5L))
                .task("Sweep")
                .task(NewTask.of("own-id", "Mop").after("other-id"))
                .task(NewTask.of("other-id", "Fill the bucket"))
                .task("Dust", task -> task.requiredCapabilities("cleaning"))));
        String id = goal.taskId();
        assertThat(id).matches("goal_20260101_000000_[0-9a-f]{8}");
        assertThat(goal.description()).isEqualTo("[GOAL] Tidy up");
        assertThat(goal.status()).isEqualTo(IN_PROGRESS);
        assertThat(goal.container()).isTrue();
        assertThat(goal.context()).isEqualTo(Map.of("room", 5L));
        assertThat(ledger.graph().children(id))
                .extracting(Task::taskId)
                .containsExactly(id + "_sub_1", "own-id", "other-id", id + "_sub_2");
        assertThat(ledger.ready(10)).extracting(Task::taskId).doesNotContain(id, "own-id");
        for (String task : List.of(id + "_sub_1", "other-id", "own-id")) {
            finish(task, null);
        }
        assertThat(status(id)).isEqualTo(IN_PROGRESS);
        finish(id + "_sub_2", null);
        assertThat(status(id)).isEqualTo(COMPLETED);
        assertRefused("INVALID_ARGUMENT", () -> write(tx -> tx.submitGoal(NewGoal.of("Nothing"))));
        assertRefused("INVALID_ARGUMENT", () -> NewGoal.of(" "));
    }

    @Test
    void delegationsNestToAnyDepth() {
        ledger.add(NewTask.of("top", "Top"));
        write(tx -> tx.start("top"));
        String deepest = "top";
        for (int depth = 1; depth <= 50; depth++) {
            String parent = deepest;
            int level = depth;
            deepest = write(tx -> tx.delegate(parent, Delegation.to("agent-" + level, "Level " + level)))
                    .taskId();
        }
        assertThat(status("top")).isEqualTo(BLOCKED);
        assertThat(status(deepest)).isEqualTo(DELEGATED);
        assertRefused("ILLEGAL_TRANSITION", () -> write(tx -> tx.finishDelegation("delegation_1", true, "early")));
        String at = deepest;
        while (!at.equals("top")) {
            String id = at;
            Task done = write(tx -> tx.finishDelegation(id, true, Map.of("from", id)));
            assertThat(done.status()).isEqualTo(COMPLETED);
            assertThat(done.delegationResult()).isEqualTo(Map.of("from", id));
            at = done.parentTaskId();
        }
        assertThat(status("top")).isEqualTo(IN_PROGRESS);
    }

    @Test
    void aDelegationThatFailedGoesBackToItsParent() {
        ledger.add(NewTask.of("top", "Top"));
        write(tx -> tx.start("top"));
        Task part = write(tx -> tx.delegate(
                "top",
                Delegation.to("b", "Part").type(DelegationType.ESCALATION).skills("law")));
        assertThat(part.delegatedTo()).isEqualTo("b");
        assertThat(part.delegationType()).isEqualTo(DelegationType.ESCALATION);
        assertThat(part.requiredCapabilities()).containsExactly("law");
        Task failed = write(tx -> tx.finishDelegation(part.taskId(), false, "no lawyer"));
        assertThat(failed.status()).isEqualTo(FAILED);
        assertThat(failed.errorMessage()).isEqualTo("no lawyer");
        assertThat(status("top")).isEqualTo(IN_PROGRESS);
        assertRefused("ILLEGAL_TRANSITION", () -> write(tx -> tx.finishDelegation(part.taskId(), true, null)));
        assertRefused("NOT_DELEGATED", () -> write(tx -> tx.finishDelegation("top", true, null)));
        write(tx -> tx.complete("top", null));
        assertRefused("TASK_ENDED", () -> write(tx -> tx.delegate("top", Delegation.to("b", "More"))));
    }

    @Test
    void aDelegationThatDelegatedComesBackUnderTheRuleRequeueToo() {
        withOptions(options -> options.resume(ResumeRule.REQUEUE));
        ledger.add(NewTask.of("top", "Top"));
        write(tx -> tx.delegate("top", Delegation.to("b", "Part").leasedFor(Duration.ofMinutes(5))));
        write(tx -> tx.delegate("delegation_1", Delegation.to("c", "Part of part")));
        write(tx -> tx.finishDelegation("delegation_2", true, "c's"));
        assertThat(status("delegation_1")).isEqualTo(PENDING);
        assertThat(write(tx -> tx.finishDelegation("delegation_1", true, "b's")).result())
                .isEqualTo("b's");
        assertThat(ledger.require("top").pendingReason()).isEqualTo(PendingReason.READY);
    }

    @Test
    void aChainOfTenThousandIsAddedAndDone() {
        List<String> descriptions =
                IntStream.rangeClosed(1, 10_000).mapToObj(i -> "Step " + i).toList();
        ledger.add(NewTask.of("top", "Top")
                .childOf(ledger.add(NewTask.of("above", "Above")).taskId()));
        write(tx -> tx.addChain("top", descriptions, task -> task));
        write(tx -> {
            for (int i = 1; i <= 10_000; i++) {
                tx.start("top_seq_" + i);
                tx.complete("top_seq_" + i, null);
            }
            return null;
        });
        assertThat(ledger.ready(10)).extracting(Task::taskId).containsExactly("top");
    }

    @Test
    void aTreeTenThousandDeepEndsFromItsLeafToItsRoot() {
        write(tx -> {
            tx.add(NewTask.of("n0", "Level 0").asAutoCompleting());
            for (int i = 1; i < 10_000; i++) {
                tx.add(NewTask.of("n" + i, "Level " + i).childOf("n" + (i - 1)).asAutoCompleting());
            }
            return tx.add(NewTask.of("leaf", "Leaf").childOf("n9999"));
        });
        assertThat(ledger.graph().depth("leaf")).isEqualTo(10_000);
        finish("leaf", null);
        assertThat(status("n0")).isEqualTo(COMPLETED);
    }
}
