package dev.hart.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Progress, summaries, advice and timings. */
class LedgerReportTest {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Store store = Store.inMemory();
    private final Ledgers ledgers =
            Ledgers.in(store).clock(() -> now).withoutBackgroundThread().open();
    private final Ledger ledger = ledgers.ledger(new LedgerId("agent", "s1"));

    @AfterEach
    void close() {
        store.close();
    }

    private void start(String id) {
        ledger.write(tx -> tx.start(id));
    }

    private void complete(String id, Object result) {
        ledger.write(tx -> {
            if (tx.task(id).status() != TaskStatus.IN_PROGRESS) {
                tx.start(id);
            }
            return tx.complete(id, result);
        });
    }

    private void fail(String id) {
        ledger.write(tx -> {
            tx.start(id);
            return tx.fail(id, "boom", FailureReason.ERROR);
        });
    }

    private Awareness.Recommendation advice() {
        return ledger.report().awareness().recommendation();
    }

    private void assertAdvice(Awareness.Action action, String... ids) {
        assertThat(advice().action()).isEqualTo(action);
        assertThat(advice().taskIds()).containsExactly(ids);
    }

    @Test
    void case25ProgressIsTheShareOfCompletedTasks() {
        assertThat(ledger.report().progress().progress()).isEqualTo("0%");
        ledger.addAll(NewTask.of("a", "A"), NewTask.of("b", "B"));
        complete("a", null);
        assertThat(ledger.report().progress().progress()).isEqualTo("50.0%");
        ledger.add(NewTask.of("c", "C"));
        assertThat(ledger.report().progress().progress()).isEqualTo("33.3%");
        ledger.write(tx -> tx.skip("b", "x"));
        ledger.write(tx -> tx.cancel("c", "x"));
        LedgerReport.Progress progress = ledger.report().progress();
        assertThat(progress.resolvedPercent()).isEqualByComparingTo("66.7");
        assertThat(progress.endedPercent()).isEqualByComparingTo("100.0");
        assertThat(progress.document())
                .containsEntry("progress", "33.3%")
                .containsEntry("total", 3L)
                .containsEntry("status_breakdown", Map.of("completed", 1L, "skipped", 1L, "cancelled", 1L));
    }

    @Test
    void summariesCountTasksByWhatTheyAre() {
        ledger.addAll(
                NewTask.of("a", "A"),
                NewTask.of("b", "B"),
                NewTask.of("c", "C"),
                NewTask.of("d", "D"),
                NewTask.of("e", "E"));
        complete("c", "c");
        now = now.plusSeconds(1);
        complete("a", "a");
        ledger.write(tx -> {
            tx.start("b");
            return tx.stop("b", "x");
        });
        ledger.apply("d", new TaskCommand.Delegate("x", DelegationType.SUB_AGENT, null));
        LedgerReport report = ledger.report();
        assertThat(report.detailedProgress().document())
                .containsEntry("total_tasks", 5L)
                .containsEntry("active", 1L)
                .containsEntry("paused", 1L)
                .containsEntry("terminal", 2L)
                .containsEntry("resumable", 1L)
                .containsEntry("pending", 1L)
                .containsEntry("deferred", 0L)
                .containsEntry("delegated", 1L);
        assertThat(report.execution().executed()).extracting(Task::taskId).containsExactly("c", "a");
        assertThat(report.execution().executing()).extracting(Task::taskId).containsExactly("d");
        assertThat(report.execution().next()).extracting(Task::taskId).containsExactly("e");
        assertThat(report.states().get(TaskStatus.COMPLETED))
                .extracting(Task::taskId)
                .containsExactly("a", "c");
    }

    @Test
    void adviceFollowsItsOrder() {
        assertAdvice(Awareness.Action.WAIT);
        ledger.add(NewTask.of("a", "A"));
        assertAdvice(Awareness.Action.START_TASK, "a");
        ledger.addAll(
                NewTask.of("p1", "P").executionMode(ExecutionMode.PARALLEL),
                NewTask.of("p2", "P").executionMode(ExecutionMode.PARALLEL),
                NewTask.of("p3", "P").executionMode(ExecutionMode.PARALLEL),
                NewTask.of("p4", "P").executionMode(ExecutionMode.PARALLEL));
        assertAdvice(Awareness.Action.START_PARALLEL, "p1", "p2", "p3");
        start("a");
        ledger.write(tx -> tx.addSubtasks("a", List.of(NewTask.of("s", "S"))));
        assertAdvice(Awareness.Action.EXECUTE_CHILD, "s");
        start("p1");
        ledger.apply("p1", new TaskCommand.Progress(100, null));
        assertAdvice(Awareness.Action.COMPLETE_TASK, "p1");
        complete("p1", null);
        complete("s", null);
        for (String id : List.of("p2", "p3", "p4")) {
            complete(id, null);
        }
        assertAdvice(Awareness.Action.CONTINUE, "a");
        ledger.write(tx -> tx.block("a", BlockedReason.INPUT_REQUIRED, "which?"));
        assertAdvice(Awareness.Action.RESOLVE_BLOCKER, "a");
        assertThat(advice().reason()).isEqualTo("answer input_required (which?)");
        ledger.add(NewTask.of("b", "B").after("a"));
        ledger.write(tx -> tx.fail("a", "boom", FailureReason.ERROR));
        assertAdvice(Awareness.Action.REVIEW_FAILURE, "a");
        ledger.write(tx -> tx.cancel("b", "x"));
        assertAdvice(Awareness.Action.ALL_COMPLETE);
    }

    @Test
    void aFailureThatHoldsUpNobodyIsNotBroughtUpAgain() {
        ledger.addAll(NewTask.of("a", "A"), NewTask.of("b", "B"));
        fail("a");
        start("b");
        assertAdvice(Awareness.Action.CONTINUE, "b");
        complete("b", null);
        assertAdvice(Awareness.Action.ALL_COMPLETE);
    }

    @Test
    void hintsBeginBeyondTheirLimits() {
        for (int i = 0; i < 10; i++) {
            ledger.add(NewTask.of("t" + i, "T"));
        }
        for (int i = 0; i < 7; i++) {
            complete("t" + i, null);
        }
        for (int i = 7; i < 10; i++) {
            fail("t" + i);
        }
        assertThat(ledger.report().awareness().hints()).as("exactly 0.3").isEmpty();
        ledger.add(NewTask.of("more", "T"));
        fail("more");
        assertThat(ledger.report().awareness().hints())
                .containsExactly("4 of 11 ended tasks failed: look for a common cause");

        Ledger other = ledgers.ledger(new LedgerId("agent", "other"));
        other.add(NewTask.of("r", "R"));
        other.write(tx -> tx.start("r"));
        assertThat(other.report().awareness().hints())
                .containsExactly("r is running and has reported no step: note its progress");
        other.apply("r", new TaskCommand.Progress(19, null));
        assertThat(other.report().awareness().hints()).hasSize(1);
        other.apply("r", new TaskCommand.Progress(20, null));
        assertThat(other.report().awareness().hints()).isEmpty();
        other.apply("r", new TaskCommand.Progress(5, "a step"));
        assertThat(other.report().awareness().hints()).isEmpty();
        other.write(tx -> tx.addChain("A", "B", "C", "D"));
        assertThat(other.report().awareness().hints()).as("3 blocked").isEmpty();
        other.write(tx -> tx.block("r", BlockedReason.RATE_LIMITED, null));
        assertThat(other.report().awareness().hints())
                .containsExactly("4 tasks are blocked: resolve what holds most of them");
    }

    @Test
    void twoParallelTasksAreNoHintAndThreeAre() {
        for (int i = 1; i <= 3; i++) {
            assertThat(ledger.report().awareness().hints()).isEmpty();
            ledger.add(NewTask.of("p" + i, "P").executionMode(ExecutionMode.PARALLEL));
        }
        assertThat(ledger.report().awareness().hints()).containsExactly("3 ready tasks may run beside one another");
    }

    @Test
    void theTextForAPromptIsShort() {
        ledger.add(NewTask.of("long", "Read the whole of the very long report\nabout everything, and then some"));
        complete("long", "x".repeat(150));
        ledger.add(NewTask.of("bad", "Break"));
        fail("bad");
        ledger.write(tx -> tx.addActions(List.of(PlannedAction.of(1, "Big one"), PlannedAction.of(2, "Next", 1))));
        start("action_1");
        ledger.write(tx -> tx.addSubtasks("action_1", List.of(NewTask.of("1.1", "First part"))));
        ledger.add(NewTask.of("run", "Running"));
        start("run");
        ledger.apply("run", new TaskCommand.Progress(40, "half-way, almost"));
        for (int i = 1; i <= 5; i++) {
            ledger.add(NewTask.of("more_" + i, "More"));
        }
        assertThat(ledger.report().awareness().text()).isEqualTo("""
                        TASKS: 1 of 11 completed (9.1%), 1 in progress, 7 pending, 1 blocked, 1 failed
                        EXECUTED (2):
                        - long: Read the whole of the very long report about ever… -> LONG
                        - bad: Break -> failed: boom
                        EXECUTING (1):
                        - run: Running (40%) next: go on
                        PENDING (7):
                        - action_2: Next (not ready)
                        - 1.1: First part
                        - more_1: More
                        - more_2: More
                        - more_3: More
                        - and 2 more
                        BLOCKED (1):
                        - action_1: Big one until: finish 1.1
                        RECOMMENDED: execute_child 1.1 (action_1 waits for it)
                        HINT: 1 of 2 ended tasks failed: look for a common cause
                        HINT: action_1 waits for its child 1.1
                        """.replace("LONG", "x".repeat(99) + "…"));
        assertThat(ledger.report().awareness().document())
                .containsEntry(
                        "recommended_action",
                        Map.of(
                                "action",
                                "execute_child",
                                "task_ids",
                                List.of("1.1"),
                                "reason",
                                "action_1 waits for it"));
    }

    @Test
    void anEmptyLedgerHasAReport() {
        assertThat(ledger.report().awareness().text())
                .isEqualTo("TASKS: 0 of 0 completed (0%), 0 in progress, 0 pending, 0 blocked, 0 failed\n"
                        + "RECOMMENDED: wait (nothing can be done now)\n");
        assertThat(ledger.timings().queueWait().count()).isZero();
        assertThat(ledger.timings().retryRate()).isZero();
        assertThat(ledger.timings().inStatus()).isEmpty();
    }

    @Test
    void timingsAreMeasuredFromTheHistory() {
        for (int i = 1; i <= 20; i++) {
            ledger.add(NewTask.of("t" + i, "T"));
        }
        for (int i = 1; i <= 20; i++) {
            now = now.plusSeconds(1);
            start("t" + i); // waited i seconds
        }
        for (int i = 1; i <= 20; i++) {
            now = now.plusSeconds(1);
            complete("t" + i, null); // each took 20 seconds
        }
        LedgerTimings timings = ledger.timings();
        assertThat(timings.queueWait().count()).isEqualTo(20);
        assertThat(timings.queueWait().p50()).isEqualTo(Duration.ofSeconds(10));
        assertThat(timings.queueWait().p95()).isEqualTo(Duration.ofSeconds(19));
        assertThat(timings.queueWait().max()).isEqualTo(Duration.ofSeconds(20));
        assertThat(timings.queueWait().mean()).isEqualTo(Duration.ofMillis(10_500));
        assertThat(timings.cycleTime().p50()).isEqualTo(Duration.ofSeconds(20));
        assertThat(timings.inStatus().get(TaskStatus.IN_PROGRESS).total()).isEqualTo(Duration.ofSeconds(400));
        assertThat(timings.inStatus()).doesNotContainKey(TaskStatus.COMPLETED);
        assertThat(timings.retryRate()).isZero();
    }

    @Test
    void retriesAndThePresentStatusCountToo() {
        ledger.add(NewTask.of("t", "T"));
        start("t");
        now = now.plusSeconds(3);
        ledger.write(tx -> tx.failAttempt("t", "boom", FailureReason.TIMEOUT));
        now = now.plusSeconds(2);
        start("t");
        now = now.plusSeconds(4);
        LedgerTimings timings = ledger.timings();
        assertThat(timings.retryRate()).isEqualTo(0.5);
        assertThat(timings.inStatus("t").orElseThrow())
                .isEqualTo(Map.of(
                        TaskStatus.PENDING, Duration.ofSeconds(2), TaskStatus.IN_PROGRESS, Duration.ofSeconds(7)));
        assertThat(timings.inStatus("nobody")).isEmpty();
        assertThat(timings.cycleTime().count()).isZero();
    }
}
