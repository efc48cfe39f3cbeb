package dev.hart.ledger;

import static dev.hart.ledger.TaskStatus.BLOCKED;
import static dev.hart.ledger.TaskStatus.COMPLETED;
import static dev.hart.ledger.TaskStatus.FAILED;
import static dev.hart.ledger.TaskStatus.IN_PROGRESS;
import static dev.hart.ledger.TaskStatus.PENDING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Spark;
import dev.hart.error.HartException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Leases: who may have a task, for how long, and what happens when a worker dies, spends too much or is late. */
class ClaimTest extends LedgerContract {

    private Optional<Lease> claimBy(WorkerProfile worker) {
        return ledger.claim(ClaimRequest.by(worker));
    }

    private void at(long millis) {
        now = START.plusMillis(millis);
    }

    /** Does the same twice at once. */
    private static <T> List<T> race(Callable<T> one, Callable<T> other) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            CyclicBarrier gate = new CyclicBarrier(2);
            List<Future<T>> both = new ArrayList<>();
            for (Callable<T> call : List.of(one, other)) {
                both.add(threads.submit(() -> {
                    gate.await();
                    return call.call();
                }));
            }
            return List.of(both.get(0).get(), both.get(1).get());
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void case26ofTwoWorkersThatClaimAtOnceOneGetsTheTask() throws Exception {
        add("t");
        List<Optional<Lease>> answers = race(() -> claimBy(worker("W1")), () -> claimBy(worker("W2")));
        assertThat(answers).filteredOn(Optional::isPresent).hasSize(1);
        Lease lease = answers.stream().flatMap(Optional::stream).findFirst().orElseThrow();
        assertThat(lease.token()).isEqualTo(1);
        assertThat(lease.until()).isEqualTo(START.plusSeconds(90));
        Task claimed = task("t");
        assertThat(claimed).isEqualTo(lease.task());
        assertThat(claimed.status()).isEqualTo(IN_PROGRESS);
        assertThat(claimed.workerId()).isIn("W1", "W2");
        assertThat(claimed.ownerNodeId()).isEqualTo("node-" + claimed.workerId());
        assertThat(claimed.startedAt()).isEqualTo(START);
    }

    @Test
    void case27aDeadWorkersTaskIsTakenOverAndItsLateResultRefused() {
        add("t");
        Lease first = claim("W1");
        at(89_999);
        assertThat(task("t").status()).isEqualTo(IN_PROGRESS);
        at(90_000);
        Task back = task("t");
        assertThat(back.status()).isEqualTo(PENDING);
        assertThat(back.failureReason()).isEqualTo(FailureReason.LEASE_EXPIRED);
        assertThat(back.retryCount()).isEqualTo(1);
        assertThat(back.notBefore()).isEqualTo(START.plusSeconds(91));
        assertThat(back.workerId()).isNull();
        at(90_500);
        assertThat(claimBy(worker("W2"))).isEmpty();
        at(91_000);
        Lease second = claim("W2");
        assertThat(second.token()).isEqualTo(2);
        assertThat(second.attempt()).isEqualTo(2);
        assertThat(second.idempotencyKey()).isEqualTo(first.idempotencyKey());
        assertThatThrownBy(() -> ledger.apply(first, TaskCommand.complete("late")))
                .hasMessage("lease 1 of task " + ledger.id().key()
                        + "/t is over, the newest is 2: stop this work, its result is not taken");
        for (TaskCommand late : List.of(
                TaskCommand.complete("late"),
                TaskCommand.fail("late"),
                TaskCommand.failAttempt("late"),
                new TaskCommand.Release(""),
                new TaskCommand.Block(BlockedReason.INPUT_REQUIRED, null))) {
            assertRefused("STALE_LEASE", () -> ledger.apply(first, late));
        }
        assertRefused("STALE_LEASE", () -> ledger.heartbeat(first));
        assertThat(ledger.apply(second, TaskCommand.complete("done")).status()).isEqualTo(COMPLETED);
        assertThat(statuses("t")).containsOnlyOnce("completed");
        assertThat(task("t").workerId()).isEqualTo("W2");
        assertThat(task("t").ownerNodeId()).isNull();
    }

    @Test
    void case28aHeartbeatProlongsAndALateResultIsTakenUntilTheReaperCame() {
        add("t");
        add("u");
        Lease t = claim("W1");
        Lease u = claim("W1");
        at(30_000);
        Heartbeat beat = ledger.heartbeat(t);
        assertThat(beat.leaseUntil()).isEqualTo(START.plusSeconds(120));
        assertThat(beat.cancelRequested() || beat.pauseRequested() || beat.budgetExhausted())
                .isFalse();
        ledger.heartbeat(u);
        assertThat(task("t").leaseUntil()).isEqualTo(START.plusSeconds(120));
        assertThat(task("t").lastHeartbeatAt()).isEqualTo(START.plusSeconds(30));
        assertThat(types("t")).doesNotContain("LEASE_RENEWED");
        at(121_000);
        assertThat(ledger.apply(t, TaskCommand.complete("done")).status())
                .as("nobody has looked yet")
                .isEqualTo(COMPLETED);
        assertThat(ledgers.tick()).isEqualTo(1);
        assertRefused("STALE_LEASE", () -> ledger.apply(u, TaskCommand.complete("late")));
    }

    @Test
    void heartbeatsAreEventsIfTheLedgerSaysSo() {
        ledger = ledger(LedgerOptions.defaults().logHeartbeats(true));
        add("t");
        Lease lease = claim("W1");
        at(1_000);
        ledger.heartbeat(lease);
        assertThat(types("t")).endsWith("TASK_CLAIMED", "LEASE_RENEWED");
    }

    @Test
    void case29aNodeThatStartsAnewTakesItsOwnLeasesBackAtOnce() {
        addAll("mine", "theirs");
        Lease lease = ledger.claim(ClaimRequest.by(WorkerProfile.of("w", "node-a", "i1")))
                .orElseThrow();
        Lease other = ledger.claim(ClaimRequest.by(WorkerProfile.of("w", "node-b", "i1")))
                .orElseThrow();
        at(10_000);
        Ledger restarted = inAnotherProcess(builder(otherStore()).node("node-a", "i2"));
        Task back = restarted.require("mine");
        assertThat(back.status()).isEqualTo(PENDING);
        assertThat(back.retryCount()).isEqualTo(1);
        assertThat(back.failureReason()).isEqualTo(FailureReason.LEASE_EXPIRED);
        assertThat(back.claimable()).isTrue();
        assertRefused("STALE_LEASE", () -> ledger.heartbeat(lease));
        assertThat(ledger.heartbeat(other).leaseUntil()).isEqualTo(START.plusSeconds(100));
        inAnotherProcess(builder(otherStore()).node("node-b", "i1"));
        assertThat(task("theirs").status()).isEqualTo(IN_PROGRESS);
    }

    @Test
    void aTaskThatKillsItsWorkersFailsInTheEnd() {
        ledger.add(NewTask.of("t", "T").maxRetries(1));
        claim("W1");
        at(90_000);
        ledgers.tick();
        at(91_000);
        claim("W2");
        at(181_000);
        assertThat(task("t").status()).isEqualTo(FAILED);
        assertThat(task("t").failureReason()).isEqualTo(FailureReason.MAX_RETRIES_EXCEEDED);
        assertThat(types("t")).endsWith("LEASE_EXPIRED");
    }

    @Test
    void aTaskThatIsGivenBackHasNotFailed() {
        add("t");
        Lease lease = claim("W1");
        Task back = ledger.apply(lease, new TaskCommand.Release("not mine"));
        assertThat(back.status()).isEqualTo(PENDING);
        assertThat(back.pendingReason()).isEqualTo(PendingReason.READY);
        assertThat(back.retryCount()).isZero();
        assertThat(back.claimable()).isTrue();
        assertThat(types("t")).endsWith("TASK_RELEASED");
        assertThat(claim("W2").token()).isEqualTo(2);
    }

    @Test
    void aLeaseIsHandedOver() {
        add("t");
        Lease first = claim("W1");
        Lease second = ledger.write(l -> l.transfer(first, worker("W2")));
        assertThat(second.token()).isEqualTo(2);
        assertThat(task("t").workerId()).isEqualTo("W2");
        assertRefused("STALE_LEASE", () -> ledger.write(l -> l.transfer(first, worker("W3"))));
        ledger.add(NewTask.of("gpu", "G").requiredCapabilities("gpu"));
        Lease gpu = claimBy(worker("W1").capabilities("gpu")).orElseThrow();
        assertRefused("NOT_OWNER", () -> ledger.write(l -> l.transfer(gpu, worker("W2"))));
    }

    @Test
    void aWorkerLearnsWithItsHeartbeatThatItShouldStopOrPause() {
        addAll("t", "u");
        Lease lease = claim("W1");
        ledger.apply("t", new TaskCommand.RequestPause("lunch"));
        assertThat(ledger.heartbeat(lease).pauseRequested()).isTrue();
        ledger.apply("t", new TaskCommand.RequestCancel("no need"));
        assertThat(ledger.heartbeat(lease).cancelRequested()).isTrue();
        ledger.apply("u", new TaskCommand.RequestCancel("no need"));
        assertThat(claimBy(worker("W2"))).isEmpty();
    }

    @Test
    void aPausedLedgerGivesNothingOut() {
        add("t");
        Lease lease = claim("W1");
        add("u");
        ledger.pause();
        assertThat(ready()).isEmpty();
        assertThat(ledger.next()).isEmpty();
        assertThat(claimBy(worker("W2"))).isEmpty();
        assertThat(ledger.claim(ClaimRequest.by(worker("W2")).task("u"))).isEmpty();
        ledger.apply(lease, TaskCommand.complete(null));
        ledger.unpause();
        assertThat(claim("W2").taskId()).isEqualTo("u");
    }

    @Test
    void oneTaskOrManyOrOnlyParallelOnesAreClaimed() {
        for (int i = 1; i <= 100; i++) {
            ledger.add(NewTask.of("t" + i, "T")
                    .executionMode(i % 10 == 0 ? ExecutionMode.PARALLEL : ExecutionMode.SEQUENTIAL));
        }
        assertThat(ledger.claim(ClaimRequest.by(worker("w")).task("t50")).map(Lease::taskId))
                .contains("t50");
        assertThat(ledger.claim(ClaimRequest.by(worker("w")).task("t50"))).isEmpty();
        assertRefused(
                "TASK_NOT_FOUND",
                () -> ledger.claim(ClaimRequest.by(worker("w")).task("nobody")));
        assertThat(ledger.readyParallel(1000))
                .extracting(Task::taskId)
                .hasSize(9)
                .startsWith("t10");
        List<Lease> parallel =
                ledger.claimBatch(ClaimRequest.by(worker("w")).onlyParallel().atMost(3));
        assertThat(parallel).extracting(Lease::taskId).containsExactly("t10", "t20", "t30");
        List<Lease> all = ledger.claimBatch(ClaimRequest.by(worker("w")).atMost(1000));
        assertThat(all).hasSize(96);
        assertThat(all.get(9).taskId()).isEqualTo("t11");
    }

    @Test
    void aLeaseMayBeAsShortAsASecond() {
        add("t");
        ClaimRequest request = ClaimRequest.by(worker("w"));
        assertRefused("INVALID_ARGUMENT", () -> request.leasedFor(Duration.ofMillis(999)));
        assertRefused(
                "INVALID_ARGUMENT", () -> request.leasedFor(Duration.ofDays(1).plusMillis(1)));
        Lease lease = ledger.claim(request.leasedFor(Duration.ofSeconds(1))).orElseThrow();
        assertThat(lease.until()).isEqualTo(START.plusSeconds(1));
        at(500);
        assertThat(ledger.heartbeat(lease).leaseUntil()).isEqualTo(START.plusMillis(1_500));
    }

    @Test
    void whatWaitsLongIsClaimedFirstWhereTheLedgerAges() {
        ledger = ledger(LedgerOptions.defaults().ageingStep(Duration.ofMinutes(1)));
        ledger.add(NewTask.of("old", "O").priority(50));
        at(60_000 * 10 - 1);
        ledger.add(NewTask.of("new", "N").priority(59));
        ledger.add(NewTask.of("newer", "N").priority(59));
        assertThat(claim("w").taskId()).isEqualTo("old");
        assertThat(claim("w").taskId()).isEqualTo("new");
        ledger.add(NewTask.of("newest", "N").priority(60));
        assertThat(ledger.claimBatch(ClaimRequest.by(worker("w")).atMost(5)))
                .extracting(Lease::taskId)
                .containsExactly("newest", "newer");
    }

    @Test
    void case30aMachineMustOfferWhatIsRequired() {
        ledger.add(NewTask.of("t", "T")
                .computeRequirements(Map.of("gpu", true, "vram_gb", 8L, "quiet", false, "arch", "x86")));
        Map<String, Object> enough = Map.of("gpu", true, "vram_gb", 16L, "arch", "x86");
        List<Map<String, Object>> tooLittle = List.of(
                Map.of("gpu", false, "vram_gb", 16L, "arch", "x86"),
                Map.of("gpu", true, "vram_gb", 4L, "arch", "x86"),
                Map.of("gpu", true, "arch", "x86"),
                Map.of("gpu", true, "vram_gb", 16L, "arch", "arm"),
                Map.of());
        for (Map<String, Object> offer : tooLittle) {
            assertThat(claimBy(worker("w").compute(offer))).as(offer.toString()).isEmpty();
        }
        assertThat(ledger.readyFor(worker("w").compute(tooLittle.get(0)), 10)).isEmpty();
        assertThat(ledger.readyFor(worker("w").compute(enough), 10)).hasSize(1);
        assertThat(claimBy(worker("w").compute(enough))).isPresent();
    }

    @Test
    void case30aWorkerMustOfferEveryCapability() {
        ledger.add(NewTask.of("t", "T").requiredCapabilities("coding", "gpu", "gpu"));
        assertThat(task("t").requiredCapabilities()).containsExactly("coding", "gpu");
        assertThat(claimBy(worker("w").capabilities("coding"))).isEmpty();
        assertThat(claimBy(worker("w"))).isEmpty();
        assertThat(claimBy(worker("w").capabilities("coding", "gpu", "x"))).isPresent();
        ledger = ledger(LedgerOptions.defaults().anyCapability(true));
        ledger.add(NewTask.of("t", "T").requiredCapabilities("coding", "gpu"));
        assertThat(claimBy(worker("w"))).isEmpty();
        assertThat(claimBy(worker("w").capabilities("coding"))).isPresent();
    }

    @Test
    void aTaskThatNobodyHereMayHaveHidesNoOther() {
        for (int i = 0; i < 70; i++) {
            ledger.add(NewTask.of("gpu" + i, "G").priority(99).requiredCapabilities("gpu"));
        }
        add("plain");
        assertThat(claim("w").taskId()).isEqualTo("plain");
    }

    @Test
    void case31whatMayNotLeaveIsNotGivenAway() {
        ledger = ledger(LedgerOptions.defaults().origin(new LedgerOptions.Origin("home", "eu", "org")));
        ledger.add(NewTask.of("secret", "S").sensitivity(Sensitivity.SECRET));
        ledger.add(NewTask.of("local", "L").locality(Locality.LOCAL_ONLY));
        ledger.add(NewTask.of("confidential", "C").sensitivity(Sensitivity.CONFIDENTIAL));
        ledger.add(NewTask.of("regional", "R").locality(Locality.REGIONAL));
        ledger.add(NewTask.of("internal", "I").sensitivity(Sensitivity.INTERNAL));
        ledger.add(NewTask.of("public", "P"));
        assertThat(task("secret").canDistribute()).isFalse();
        assertThat(task("local").canDistribute()).isFalse();
        assertThat(task("confidential").canDistribute()).isTrue();
        assertThat(task("regional").canDistribute()).isTrue();
        assertThat(task("regional").canDistributeToRegion("eu", "eu")).isTrue();
        assertThat(task("regional").canDistributeToRegion("us", "eu")).isFalse();
        WorkerProfile stranger = WorkerProfile.of("w", "elsewhere", "i1");
        assertThat(readyFor(stranger)).containsExactly("public");
        assertThat(readyFor(stranger.at("eu", null))).containsExactly("regional", "public");
        assertThat(readyFor(stranger.at(null, "org"))).containsExactly("internal", "public");
        assertThat(readyFor(stranger.trusted(true))).containsExactly("confidential", "public");
        assertThat(ledger.claimBatch(ClaimRequest.by(stranger).atMost(10)))
                .extracting(Lease::taskId)
                .containsExactly("public");
        assertThat(readyFor(WorkerProfile.of("w", "home", "i1")))
                .containsExactly("secret", "local", "confidential", "regional", "internal");
    }

    private List<String> readyFor(WorkerProfile worker) {
        return ledger.readyFor(worker, 100).stream().map(Task::taskId).toList();
    }

    @Test
    void aLedgerRemembersTheNodeThatMadeIt() {
        Ledgers here = builder(store).node("home", "i1").open();
        ledger = here.ledger(new LedgerId("case", "here"));
        ledger.add(NewTask.of("t", "T").locality(Locality.LOCAL_ONLY));
        assertThat(ledger.options().origin().nodeId()).isEqualTo("home");
        assertThat(claimBy(WorkerProfile.of("w", "elsewhere", "i1"))).isEmpty();
        assertThat(claimBy(WorkerProfile.of("w", "home", "i1"))).isPresent();
    }

    private static Spark spark(long whole) {
        return new Spark(whole * 1_000_000);
    }

    @Test
    void case32ABudgetIsExhaustedWhenItIsSpent() {
        ledger.add(NewTask.of("t", "T").sparkBudget(spark(100)));
        ledger.apply("t", new TaskCommand.RecordSpend(spark(50)));
        assertThat(task("t").isBudgetExhausted(now)).isFalse();
        assertThat(ready()).containsExactly("t");
        ledger.apply("t", new TaskCommand.RecordSpend(spark(50)));
        assertThat(task("t").isBudgetExhausted(now)).isTrue();
        assertThat(task("t").sparkSpent()).isEqualTo(spark(100));
        assertThat(claimBy(worker("w"))).isEmpty();
        ledger.add(NewTask.of("free", "F").sparkBudget(spark(0)));
        assertThat(task("free").isBudgetExhausted(now)).isTrue();
        assertThat(claimBy(worker("w"))).isEmpty();
        assertRefused("INVALID_ARGUMENT", () -> NewTask.of("bad", "B").sparkBudget(new Spark(-1)));
    }

    @Test
    void case32ofTwoThatReserveAtOnceOneGetsIt() throws Exception {
        ledger.add(NewTask.of("t", "T").sparkBudget(spark(100)));
        Callable<String> reserve = () -> {
            try {
                ledger.apply("t", new TaskCommand.Reserve(spark(60)));
                return "taken";
            } catch (HartException e) {
                return e.code();
            }
        };
        assertThat(race(reserve, reserve)).containsExactlyInAnyOrder("taken", "BUDGET_EXHAUSTED");
        assertThat(task("t").sparkReserved()).isEqualTo(spark(60));
        ledger.apply("t", new TaskCommand.Settle(spark(60), spark(40)));
        assertThat(task("t").sparkSpent()).isEqualTo(spark(40));
        assertThat(task("t").sparkReserved()).isEqualTo(Spark.ZERO);
        ledger.apply("t", new TaskCommand.Reserve(spark(60)));
        assertRefused("BUDGET_EXHAUSTED", () -> ledger.apply("t", new TaskCommand.Reserve(new Spark(1))));
        assertRefused("INVALID_ARGUMENT", () -> ledger.apply("t", new TaskCommand.Settle(spark(61), spark(0))));
    }

    @Test
    void aRunningTaskFailsWhenItsBudgetIsSpent() {
        addAll("x");
        ledger.add(NewTask.of("spark", "S").sparkBudget(spark(1)));
        ledger.add(NewTask.of("time", "T").timeBudget(Duration.ofSeconds(10)));
        ledger.add(NewTask.of("timeout", "T").timeout(Duration.ofSeconds(20)).timeBudget(Duration.ofSeconds(60)));
        start("spark");
        start("time");
        start("timeout");
        ledger.apply("spark", new TaskCommand.RecordSpend(spark(1)));
        ledgers.tick();
        assertThat(task("spark").failureReason()).isEqualTo(FailureReason.BUDGET_EXHAUSTED);
        assertThat(task("spark").status()).isEqualTo(FAILED);
        at(9_999);
        assertThat(task("time").status()).isEqualTo(IN_PROGRESS);
        at(10_000);
        assertThat(task("time").failureReason()).isEqualTo(FailureReason.BUDGET_EXHAUSTED);
        at(19_999);
        assertThat(task("timeout").status()).isEqualTo(IN_PROGRESS);
        at(20_000);
        assertThat(task("timeout").failureReason()).isEqualTo(FailureReason.TIMEOUT);
        assertThat(events())
                .extracting(LedgerEvent::type)
                .filteredOn("BUDGET_EXHAUSTED"::equals)
                .hasSize(2);
        assertThat(events()).extracting(LedgerEvent::type).doesNotContain("SLA_BREACHED");
    }

    @Test
    void aHeartbeatTellsThatTheBudgetIsSpent() {
        ledger.add(NewTask.of("t", "T").sparkBudget(spark(1)));
        Lease lease = claim("w");
        ledger.apply(lease, new TaskCommand.RecordSpend(spark(1)));
        assertThat(ledger.heartbeat(lease).budgetExhausted()).isTrue();
        assertThat(task("t").status()).isEqualTo(FAILED);
        assertRefused("STALE_LEASE", () -> ledger.heartbeat(lease));
    }

    @Test
    void theTimeBudgetCountsOverAllAttempts() {
        ledger.add(NewTask.of("t", "T").timeBudget(Duration.ofSeconds(10)));
        Lease first = claim("w");
        at(6_000);
        ledger.apply(first, new TaskCommand.Release(""));
        at(100_000);
        claim("w");
        at(103_999);
        assertThat(task("t").status()).isEqualTo(IN_PROGRESS);
        at(104_000);
        assertThat(task("t").status()).isEqualTo(FAILED);
        assertThat(task("t").timeSpent()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void aTaskWhoseTimeoutIsOverIsNotGivenOutAgain() {
        ledger.add(NewTask.of("t", "T").timeout(Duration.ofSeconds(5)));
        start("t");
        run(l -> l.failAttempt("t", "boom", FailureReason.ERROR));
        at(4_999);
        assertThat(ready()).containsExactly("t");
        at(5_000);
        assertThat(ready()).isEmpty();
        assertThat(claimBy(worker("w"))).isEmpty();
    }

    private List<LedgerEvent> breaches() {
        return events().stream()
                .filter(event -> event.type().equals("SLA_BREACHED"))
                .toList();
    }

    @Test
    void case33aTaskIsLateOnlyAfterItsTargetAndThatIsNotedOnce() {
        ledger.add(NewTask.of("t", "T").slaTarget(Duration.ofSeconds(120)));
        start("t");
        at(120_000);
        ledgers.tick();
        assertThat(task("t").isSlaBreached(now)).isFalse();
        assertThat(breaches()).isEmpty();
        at(120_001);
        assertThat(task("t").isSlaBreached(now)).isTrue();
        assertThat(task("t").slaBreached()).isTrue();
        ledgers.tick();
        assertThat(breaches()).hasSize(1);
        assertThat(breaches().get(0).payload())
                .containsEntry("task_id", "t")
                .containsEntry("sla_target_s", 120L)
                .containsEntry("deadline", null)
                .containsEntry("action", "status_request");
        assertThat(task("t").status()).isEqualTo(IN_PROGRESS);
        assertThat(task("t").statusMessages().get(0))
                .containsEntry("message", "SLA breached - requesting status update");
        complete("t");
        assertThat(breaches()).hasSize(1);
    }

    @Test
    void case33aTaskIsJudgedByWhenItEnded() {
        Instant deadline = START.plusSeconds(36_000);
        ledger.add(NewTask.of("inTime", "T").deadline(deadline));
        ledger.add(NewTask.of("late", "T").deadline(deadline));
        start("inTime");
        start("late");
        now = deadline.minusSeconds(60);
        complete("inTime");
        now = deadline.plusSeconds(1);
        complete("late");
        now = deadline.plusSeconds(3_600);
        assertThat(task("inTime").isSlaBreached(now)).isFalse();
        assertThat(task("inTime").slaBreached()).isFalse();
        assertThat(task("late").isSlaBreached(now)).isTrue();
        assertThat(task("late").slaBreached()).as("noted when it ended").isTrue();
        assertThat(breaches()).hasSize(1);
    }

    private boolean takeOver(@Nullable String from, String to) {
        return ledger.write(l -> l.takeOver("t", from, "node-1", to));
    }

    @Test
    void ofTwoStartsOfANodeOneTakesATaskOver() {
        add("t");
        start("t");
        assertThat(takeOver("one", "two")).as("nobody's yet").isFalse();
        assertThat(takeOver(null, "one")).isTrue();
        assertThat(takeOver(null, "two")).isFalse();
        assertThat(takeOver("one", "two")).isTrue();
        assertThat(takeOver("one", "three")).isFalse();
        assertThat(task("t").ownerNodeId()).isEqualTo("node-1");
        assertThat(task("t").incarnation()).isEqualTo("two");
        assertThat(run(l -> l.setOwner("t", "node-2", "four")).incarnation()).isEqualTo("four");
        assertThat(complete("t").ownerNodeId()).as("released at the end").isNull();
    }

    @Test
    void aBlockedTaskHasNoLease() {
        add("t");
        Lease lease = claim("w");
        assertThat(ledger.apply(lease, new TaskCommand.Block(BlockedReason.INPUT_REQUIRED, null))
                        .status())
                .isEqualTo(BLOCKED);
        assertThat(task("t").leaseUntil()).isNull();
        assertRefused("STALE_LEASE", () -> ledger.apply(lease, TaskCommand.complete(null)));
    }
}
