package dev.hart.ledger;

import static dev.hart.ledger.TaskStatus.BLOCKED;
import static dev.hart.ledger.TaskStatus.CANCELLED;
import static dev.hart.ledger.TaskStatus.COMPLETED;
import static dev.hart.ledger.TaskStatus.FAILED;
import static dev.hart.ledger.TaskStatus.IN_PROGRESS;
import static dev.hart.ledger.TaskStatus.PENDING;
import static dev.hart.ledger.TaskStatus.TERMINATED;
import static dev.hart.ledger.TaskStatus.USER_STOPPED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.HartException;
import dev.hart.error.IllegalTransitionException;
import dev.hart.error.LedgerException;
import dev.hart.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Worked cases of the ledger sheet and the rules of its commands. Every ledger is verified after its test. */
class LedgerTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final LedgerId RUN = LedgerId.run("r1");

    private Instant now = START;
    private final Store store = Store.inMemory();
    private final Ledgers ledgers = Ledgers.open(store, () -> now, "node-1");
    private final Ledger ledger = ledgers.ledger(RUN);

    @AfterEach
    void theLedgerIsWhole() {
        assertThat(ledger.verify()).isInstanceOf(VerifyReport.Ok.class);
        store.close();
    }

    private Task run(Function<LedgerTransaction, Task> command) {
        return ledger.write(command::apply);
    }

    private Task add(String id) {
        return run(l -> l.add(NewTask.of(id, "Do " + id)));
    }

    private Task task(String id) {
        return ledger.task(id).orElseThrow();
    }

    /** The statuses a task went through, from its events. */
    private List<String> history(String id) {
        List<String> statuses = new ArrayList<>();
        for (LedgerEvent event : ledger.events(0, 1000)) {
            if (event.taskId().equals(id) && event.type().equals("TASK_CREATED")) {
                statuses.add("pending");
            } else if (event.taskId().equals(id) && event.payload().get("to") instanceof String to) {
                statuses.add(to);
            }
        }
        return statuses;
    }

    private List<String> types() {
        return ledger.events(0, 1000).stream().map(LedgerEvent::type).toList();
    }

    private void assertRefused(String code, ThrowingCallable command) {
        List<Task> tasks = ledger.tasks();
        int events = types().size();
        assertThatThrownBy(command)
                .isInstanceOf(HartException.class)
                .extracting(e -> ((HartException) e).code())
                .isEqualTo(code);
        assertThat(ledger.tasks()).isEqualTo(tasks);
        assertThat(types()).hasSize(events);
    }

    private void assertRefused(String code, Function<LedgerTransaction, Task> command) {
        assertRefused(code, (ThrowingCallable) () -> run(command));
    }

    @Test
    void case2aPendingTaskCannotCompleteAndACompletedOneCannotStart() {
        add("t1");
        assertRefused("ILLEGAL_TRANSITION", l -> l.complete("t1", Map.of("done", true)));
        assertThat(task("t1").version()).isEqualTo(1);
        run(l -> l.start("t1"));
        Task done = run(l -> l.complete("t1", Map.of("done", true)));
        assertThat(done.status()).isEqualTo(COMPLETED);
        assertThat(done.result()).isEqualTo(Map.of("done", true));
        assertThat(done.version()).isEqualTo(3);
        assertThat(done).isEqualTo(task("t1"));
        assertRefused("ILLEGAL_TRANSITION", l -> l.start("t1"));
    }

    @Test
    void anIllegalTransitionSaysWhatIsLegal() {
        add("t1");
        assertThatThrownBy(() -> run(l -> l.complete("t1", null)))
                .isInstanceOfSatisfying(IllegalTransitionException.class, e -> {
                    assertThat(e.entity()).isEqualTo("task");
                    assertThat(e.id()).isEqualTo("ledger_run_r1/t1");
                    assertThat(e.from()).isEqualTo("pending");
                    assertThat(e.to()).isEqualTo("completed");
                })
                .hasMessage("task ledger_run_r1/t1 is pending; it can become deferred, in_progress, delegated, paused,"
                        + " blocked, cancelled, skipped, not_applicable, not completed");
    }

    @Test
    void case3pausesAndStops() {
        add("t1");
        run(l -> l.start("t1"));
        run(l -> l.pause("t1", "lunch"));
        now = now.plusSeconds(60);
        Task resumed = run(l -> l.resume("t1"));
        assertThat(resumed.status()).isEqualTo(IN_PROGRESS);
        assertThat(resumed.pausedAt()).isEqualTo(START);
        assertThat(resumed.resumedAt()).isEqualTo(START.plusSeconds(60));
        assertThat(resumed.startedAt()).isEqualTo(START);
        assertThat(resumed.version()).isEqualTo(4);
        run(l -> l.complete("t1", null));
        assertThat(history("t1"))
                .containsExactly("pending", "in_progress", "paused", "resuming", "in_progress", "completed");
        assertThat(task("t1").pauseCount()).isEqualTo(1);

        add("t2");
        run(l -> l.start("t2"));
        Task stopped = run(l -> l.stop("t2", "busy"));
        assertThat(stopped.status()).isEqualTo(USER_STOPPED);
        assertThat(stopped.stopReason()).isEqualTo("busy");
        assertThat(stopped.pauseCount()).isZero();
        assertThat(run(l -> l.resume("t2")).status()).isEqualTo(IN_PROGRESS);
    }

    @Test
    void case4aRunningTaskIsTerminatedAndAPendingOneCancelled() {
        add("t1");
        run(l -> l.start("t1"));
        assertRefused("ILLEGAL_TRANSITION", l -> l.cancel("t1", "no"));
        assertRefused("ILLEGAL_TRANSITION", l -> l.skip("t1", "no"));
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
        assertThat(types()).endsWith("TASK_REQUEUED");
    }

    @Test
    void theSameStatusAgainIsNoChange() {
        add("t1");
        run(l -> l.start("t1"));
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
        Task resumed = run(l -> l.resume("t1"));
        assertThat(resumed.status()).isEqualTo(PENDING);
        assertThat(resumed.blockedReason()).isNull();
        assertThat(resumed.blockedDetail()).isNull();
    }

    @Test
    void case8ATaskIsReadyWhenTheOneBeforeIsDone() {
        run(l -> {
            l.add(NewTask.of("seq_task_1", "First"));
            l.add(NewTask.of("seq_task_2", "Second").after("seq_task_1"));
            return l.add(NewTask.of("seq_task_3", "Third").after("seq_task_2"));
        });
        assertThat(task("seq_task_1").pendingReason()).isEqualTo(PendingReason.READY);
        assertThat(task("seq_task_2").pendingReason()).isEqualTo(PendingReason.AWAITING_PREREQUISITES);
        assertThatThrownBy(() -> run(l -> l.start("seq_task_2")))
                .isInstanceOf(LedgerException.class)
                .hasMessage(
                        "task ledger_run_r1/seq_task_2 waits for seq_task_1: finish them first, or start it by force");
        assertRefused("NOT_READY", l -> l.start("seq_task_2"));
        run(l -> l.start("seq_task_1"));
        run(l -> l.complete("seq_task_1", Map.of("d", 1L)));
        assertThat(task("seq_task_2").pendingReason()).isEqualTo(PendingReason.READY);
        assertThat(task("seq_task_3").pendingReason()).isEqualTo(PendingReason.AWAITING_PREREQUISITES);
        assertThat(run(l -> l.start("seq_task_2")).status()).isEqualTo(IN_PROGRESS);
        assertRefused("NOT_READY", l -> l.start("seq_task_3"));
    }

    @Test
    void aSkippedPrerequisiteIsMet() {
        add("a");
        run(l -> l.add(NewTask.of("b", "B").after("a")));
        run(l -> l.skip("a", "not needed"));
        assertThat(run(l -> l.start("b")).status()).isEqualTo(IN_PROGRESS);
        run(l -> l.add(NewTask.of("late", "Late").after("a")));
        assertThat(task("late").pendingReason()).isEqualTo(PendingReason.READY);
    }

    @Test
    void aTaskBlockedOnADependencyGoesOnByItselfAndOneThatWaitsForAPersonDoesNot() {
        add("a");
        run(l -> l.add(NewTask.of("b", "B").after("a")));
        run(l -> l.add(NewTask.of("c", "C").after("a")));
        run(l -> l.block("b", BlockedReason.DEPENDENCY, null));
        run(l -> l.block("c", BlockedReason.INPUT_REQUIRED, null));
        run(l -> l.start("a"));
        run(l -> l.complete("a", null));
        assertThat(task("b").status()).isEqualTo(PENDING);
        assertThat(task("b").pendingReason()).isEqualTo(PendingReason.READY);
        assertThat(task("c").status()).isEqualTo(BLOCKED);
    }

    @Test
    void case12aNewAttemptRescuesWhatWaitsForAFailedTask() {
        run(l -> {
            l.add(NewTask.of("seq_task_1", "First").context(Map.of("n", 1L)).priority(70));
            return l.add(NewTask.of("seq_task_2", "Second").after("seq_task_1"));
        });
        run(l -> l.start("seq_task_1"));
        Task failed = run(l -> l.fail("seq_task_1", "boom", FailureReason.ERROR));
        assertThat(failed.status()).isEqualTo(FAILED);
        assertThat(failed.retryCount()).isZero();
        assertThat(failed.errorMessage()).isEqualTo("boom");
        assertThat(task("seq_task_2").status()).isEqualTo(PENDING);
        assertThat(task("seq_task_2").failureReason()).isEqualTo(FailureReason.DEPENDENCY_FAILED);
        assertThat(types()).containsOnlyOnce("DEPENDENCY_FAILED");
        assertRefused("NOT_READY", l -> l.start("seq_task_2"));

        Task again = run(l -> l.retryAsNew("seq_task_1"));
        assertThat(again.taskId()).isEqualTo("seq_task_1~1");
        assertThat(again.supersedes()).isEqualTo("seq_task_1");
        assertThat(again.context()).isEqualTo(Map.of("n", 1L));
        assertThat(again.priority()).isEqualTo(70);
        assertThat(task("seq_task_1")).isEqualTo(failed);
        assertThat(task("seq_task_2").failureReason()).isNull();
        run(l -> l.start("seq_task_1~1"));
        run(l -> l.complete("seq_task_1~1", null));
        assertThat(task("seq_task_2").pendingReason()).isEqualTo(PendingReason.READY);
        assertThat(run(l -> l.start("seq_task_2")).status()).isEqualTo(IN_PROGRESS);
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
    void case14aTaskIsTriedFourTimesWithDoublingDelays() {
        add("t");
        List<Duration> delays = new ArrayList<>();
        for (int round = 1; round <= 3; round++) {
            run(l -> l.start("t"));
            Task pending = run(l -> l.failAttempt("t", "boom", FailureReason.TIMEOUT));
            assertThat(pending.status()).isEqualTo(PENDING);
            assertThat(pending.pendingReason()).isEqualTo(PendingReason.RETRY_BACKOFF);
            assertThat(pending.failureReason()).isEqualTo(FailureReason.TIMEOUT);
            assertThat(pending.retryCount()).isEqualTo(round);
            assertThat(pending.attempt()).isEqualTo(round + 1);
            delays.add(Duration.between(now, pending.notBefore()));
        }
        assertThat(delays).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(4));
        run(l -> l.start("t"));
        Task failed = run(l -> l.failAttempt("t", "boom", FailureReason.TIMEOUT));
        assertThat(failed.status()).isEqualTo(FAILED);
        assertThat(failed.retryCount()).isEqualTo(3);
        assertThat(failed.failureReason()).isEqualTo(FailureReason.MAX_RETRIES_EXCEEDED);
    }

    @Test
    void theRetryDelayEndsAtThreeHundredSeconds() {
        run(l -> l.add(NewTask.of("t", "T").maxRetries(100)));
        Task last = null;
        for (int round = 1; round <= 70; round++) {
            run(l -> l.start("t"));
            last = run(l -> l.failAttempt("t", "boom", FailureReason.ERROR));
            Duration expected = round <= 9 ? Duration.ofSeconds(1L << (round - 1)) : Duration.ofSeconds(300);
            assertThat(Duration.between(now, last.notBefore())).isEqualTo(expected);
        }
        assertThat(last.retryCount()).isEqualTo(70);
    }

    @Test
    void aFailureNotWorthARetryIsFinal() {
        add("t");
        assertRefused("ILLEGAL_TRANSITION", l -> l.failAttempt("t", "boom", FailureReason.ERROR));
        run(l -> l.start("t"));
        Task failed = run(l -> l.failAttempt("t", "bad", FailureReason.VALIDATION_FAILED));
        assertThat(failed.status()).isEqualTo(FAILED);
        assertThat(failed.failureReason()).isEqualTo(FailureReason.VALIDATION_FAILED);
        assertThat(failed.retryCount()).isZero();
    }

    @Test
    void aParentEndsAfterItsChildren() {
        run(l -> {
            l.add(NewTask.of("run", "Run").asContainer());
            l.start("run");
            l.add(NewTask.of("a", "A").childOf("run"));
            return l.add(NewTask.of("b", "B").childOf("run"));
        });
        run(l -> l.cancel("a", "x"));
        assertThatThrownBy(() -> run(l -> l.complete("run", null)))
                .hasMessage(
                        "task ledger_run_r1/run has the open children b: finish them first, or complete it by force");
        assertRefused("OPEN_CHILDREN", l -> l.complete("run", null));
        Task done = ledger.write(l -> {
            l.skip("b", "x");
            return l.complete("run", "all");
        });
        assertThat(done.result()).isEqualTo("all");
    }

    @Test
    void aTaskNamesOnlyTasksThatAreThere() {
        add("a");
        assertRefused("TASK_EXISTS", l -> l.add(NewTask.of("a", "again")));
        assertRefused("UNKNOWN_DEPENDENCY", l -> l.add(NewTask.of("b", "B").after("a", "nobody")));
        assertRefused("UNKNOWN_DEPENDENCY", l -> l.add(NewTask.of("b", "B").childOf("nobody")));
        assertRefused("TASK_NOT_FOUND", l -> l.start("nobody"));
    }

    @Test
    void aChildCannotWaitForItsParentHoweverFarThatIs() {
        add("p");
        run(l -> l.add(NewTask.of("x", "X").after("p")));
        run(l -> l.add(NewTask.of("y", "Y").after("x")));
        assertRefused("CYCLE", l -> l.add(NewTask.of("c", "C").childOf("p").after("p")));
        assertRefused("CYCLE", l -> l.add(NewTask.of("c", "C").childOf("p").after("y")));
        add("free");
        assertThat(run(l -> l.add(NewTask.of("c", "C").childOf("p").after("free")))
                        .taskId())
                .isEqualTo("c");
    }

    @Test
    void wrongInputIsRefusedByName() {
        assertThatThrownBy(() -> NewTask.of("no spaces", "x")).hasMessageContaining("task id must be 1 to 255");
        assertThatThrownBy(() -> NewTask.of("x".repeat(256), "x")).hasMessageContaining("task id");
        assertThat(NewTask.of("x".repeat(255), "x").taskId()).hasSize(255);
        assertThatThrownBy(() -> NewTask.of("t", " ")).hasMessageContaining("description must be a text");
        assertThatThrownBy(() -> NewTask.of("t", "T").maxRetries(-1)).hasMessageContaining("maxRetries must be 0 to");
        assertThat(NewTask.of("t", "T").priority(1000).payload()).containsEntry("priority", 100L);
        assertThat(NewTask.of("t", "T").priority(-10).payload()).containsEntry("priority", 0L);
        assertRefused("INVALID_ARGUMENT", (ThrowingCallable) () -> ledger.events(0, 1001));
        assertRefused("INVALID_ARGUMENT", l -> l.add(NewTask.of("t", "T").context(Map.of("half", "\ud83d"))));
    }

    @Test
    void aJournalEventIsKeptAndChangesNoTask() {
        Task before = add("t");
        EventPlace place =
                ledger.write(l -> l.append("t", "STEP_FINISHED", Map.of("output", List.of(1L, "two"), "apiKey", "k")));
        assertThat(place.seq()).isEqualTo(2);
        LedgerEvent event = ledger.events(1, 1).get(0);
        assertThat(event)
                .isEqualTo(new LedgerEvent(
                        RUN,
                        0,
                        2,
                        "t",
                        "STEP_FINISHED",
                        START,
                        "node-1",
                        Map.of("apiKey", "[REDACTED]", "output", List.of(1L, "two")),
                        event.hash()));
        assertThat(event.hash()).matches("[0-9a-f]{64}");
        assertThat(task("t")).isEqualTo(before);
        assertRefused("INVALID_ARGUMENT", (ThrowingCallable)
                () -> ledger.write(l -> l.append("t", "TASK_CREATED", Map.of())));
        for (String type : List.of("step", "", "_A", "1A", "A-B", "A".repeat(65))) {
            assertRefused("INVALID_ARGUMENT", (ThrowingCallable)
                    () -> ledger.write(l -> l.append("t", type, Map.of())));
        }
        assertThat(ledger.write(l -> l.append("t", "A".repeat(64), Map.of())).seq())
                .isEqualTo(3);
    }

    @Test
    void aPayloadHasAtMostTwoMebibytesOfJson() {
        add("t");
        int frame = "{\"text\":\"\"}".length();
        String most = "é".repeat((2 * 1024 * 1024 - frame - 1) / 2) + "x".repeat((2 * 1024 * 1024 - frame - 1) % 2 + 1);
        assertRefused("PAYLOAD_TOO_LARGE", (ThrowingCallable) () ->
                ledger.write(l -> l.append("t", "NOTE", Map.of("text", most + "x"))));
        assertThat(ledger.write(l -> l.append("t", "NOTE", Map.of("text", most)))
                        .seq())
                .isEqualTo(2);
    }

    @Test
    void secretsInContextAndResultAreNotKept() {
        run(l -> l.add(NewTask.of("t", "T").context(Map.of("db", Map.of("password", "x"), "tokens_used", 3L))));
        run(l -> l.start("t"));
        run(l -> l.complete("t", Map.of("token", "x")));
        assertThat(task("t").context()).isEqualTo(Map.of("db", Map.of("password", "[REDACTED]"), "tokens_used", 3L));
        assertThat(task("t").result()).isEqualTo(Map.of("token", "[REDACTED]"));
    }

    @Test
    void theHashOfAResultStandsInItsTask() {
        add("t");
        run(l -> l.start("t"));
        assertThat(run(l -> l.complete("t", Map.of("processed", 100L))).resultHash())
                .isEqualTo("5774a12e243fdddde9d5bd5663438a9f199f85e6d7de321fa9e6b936c4315781");
    }

    private boolean takeOver(@Nullable String from, String to) {
        return ledger.write(l -> l.takeOver("t", from, "node-1", to));
    }

    @Test
    void ofTwoStartsOfANodeOneTakesATaskOver() {
        add("t");
        run(l -> l.start("t"));
        assertThat(takeOver("one", "two")).as("nobody's yet").isFalse();
        assertThat(takeOver(null, "one")).isTrue();
        assertThat(takeOver(null, "two")).isFalse();
        assertThat(takeOver("one", "two")).isTrue();
        assertThat(takeOver("one", "three")).isFalse();
        assertThat(task("t").ownerNodeId()).isEqualTo("node-1");
        assertThat(task("t").incarnation()).isEqualTo("two");
        assertThat(run(l -> l.setOwner("t", "node-2", "four")).incarnation()).isEqualTo("four");
        assertThat(run(l -> l.complete("t", null)).ownerNodeId())
                .as("released at the end")
                .isNull();
    }

    @Test
    void aFailedLambdaLeavesNothing() {
        add("t");
        assertRefused("TASK_NOT_FOUND", l -> {
            l.start("t");
            l.append("t", "NOTE", Map.of());
            return l.start("nobody");
        });
    }

    @Test
    void aRefusedCommandInsideALambdaThatGoesOnLeavesNoTrace() {
        add("t");
        run(l -> {
            assertThatThrownBy(() -> l.complete("t", null)).isInstanceOf(IllegalTransitionException.class);
            return l.start("t");
        });
        assertThat(history("t")).containsExactly("pending", "in_progress");
    }

    @Test
    void severalLedgersShareATransactionAndOneLedgerIsWrittenTwiceInIt() {
        LedgerId other = LedgerId.run("r2");
        store.write(tx -> {
            ledger.in(tx, l -> l.add(NewTask.of("run", "One").asContainer()));
            ledgers.ledger(other).in(tx, l -> l.add(NewTask.of("run", "Other").asContainer()));
            return ledger.in(tx, l -> l.start("run"));
        });
        assertThat(ledgers.containersNamed("run", 10, Long.MAX_VALUE))
                .extracting(task -> task.ledger().sessionId())
                .containsExactly("r2", "r1");
        assertThat(ledgers.ledger(other).verify()).isEqualTo(new VerifyReport.Ok(1, 0));
    }

    @Test
    void aWriteInsideAnotherToTheSameLedgerIsRefused() {
        add("t");
        assertThatThrownBy(() -> store.write(tx -> ledger.in(tx, outer -> {
                    outer.append("t", "NOTE", Map.of());
                    return ledger.in(tx, inner -> inner.append("t", "NOTE", Map.of()));
                })))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("inside another write to it");
        assertThat(types()).containsExactly("TASK_CREATED");
    }

    @Test
    void tasksOfOneNameArePagedNewestFirst() {
        for (int i = 1; i <= 5; i++) {
            ledgers.ledger(LedgerId.run("n" + i)).write(l -> {
                l.add(NewTask.of("run", "Run").asContainer());
                return l.add(NewTask.of("other", "Other"));
            });
        }
        List<Task> first = ledgers.containersNamed("run", 2, Long.MAX_VALUE);
        List<Task> second = ledgers.containersNamed("run", 10, first.get(1).createdNo());
        assertThat(first).extracting(task -> task.ledger().sessionId()).containsExactly("n5", "n4");
        assertThat(second).extracting(task -> task.ledger().sessionId()).containsExactly("n3", "n2", "n1");
    }

    @Test
    void theTasksOfOneNameThatHaveNotEndedAreListedOldestFirst() {
        for (int i = 1; i <= 3; i++) {
            ledgers.ledger(LedgerId.run("n" + i))
                    .write(l -> l.add(NewTask.of("run", "Run").asContainer()));
        }
        ledgers.ledger(LedgerId.run("n2")).write(l -> l.cancel("run", "x"));
        assertThat(ledgers.openContainersNamed("run"))
                .extracting(task -> task.ledger().sessionId())
                .containsExactly("n1", "n3");
    }

    @Test
    void case18AKeyBelongsToOnePairOfIds() {
        assertThat(LedgerId.forUserAndPrompt("123", "456").key()).isEqualTo("ledger_456_123_456");
        ledgers.ledger(new LedgerId("a_b", "c")).write(l -> l.append("x", "NOTE", Map.of()));
        LedgerId clash = new LedgerId("a", "b_c");
        assertRefused("LEDGER_ID_CLASH", (ThrowingCallable)
                () -> ledgers.ledger(clash).write(l -> l.append("x", "NOTE", Map.of())));
        assertRefused("LEDGER_ID_CLASH", (ThrowingCallable)
                () -> ledgers.ledger(clash).events(0, 10));
        assertRefused("LEDGER_ID_CLASH", (ThrowingCallable)
                () -> ledgers.ledger(clash).exists());
        assertThatThrownBy(() -> new LedgerId("a b", "c")).hasMessageContaining("agent id");
    }

    @Test
    void aLedgerBeginsWithItsFirstEvent() {
        assertThat(ledger.exists()).isFalse();
        assertThat(ledger.tasks()).isEmpty();
        assertThat(ledger.verify()).isEqualTo(new VerifyReport.Ok(0, 0));
        ledger.write(l -> l.find("t"));
        assertThat(ledger.exists()).isFalse();
        add("t");
        assertThat(ledger.exists()).isTrue();
    }

    @Test
    void aProcessThatOnlyAsksForWorkTakesOverWhatADeadOneHeld() {
        try (Ledgers idle = Ledgers.in(store)
                .clock(() -> now)
                .actor("node-2")
                .withoutBackgroundThread()
                .open()) {
            Ledger asked = idle.ledger(RUN);
            ClaimRequest request = ClaimRequest.by(WorkerProfile.of("heir", "node-2", "i1"));
            assertThat(asked.claim(request)).isEmpty(); // it has looked, while nothing was due
            add("t");
            ClaimRequest held =
                    ClaimRequest.by(WorkerProfile.of("dead", "node-1", "i1")).leasedFor(Duration.ofSeconds(3));
            try (Ledgers dead =
                    Ledgers.in(store).clock(() -> now).withoutBackgroundThread().open()) {
                assertThat(dead.ledger(RUN).claim(held)).isPresent();
            }

            now = START.plusMillis(4_999);
            assertThat(asked.claim(request)).isEmpty(); // the lease is over, which it has not seen
            assertThat(asked.require("t").status()).isEqualTo(IN_PROGRESS);
            now = START.plusMillis(5_000);
            assertThat(asked.claim(request)).isEmpty(); // seen, and to be repeated after a second
            assertThat(asked.require("t").status()).isEqualTo(PENDING);
            now = START.plusMillis(6_000);

            assertThat(asked.claim(request)).map(Lease::attempt).contains(2);
        }
    }
}
