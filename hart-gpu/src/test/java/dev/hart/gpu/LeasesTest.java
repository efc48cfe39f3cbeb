package dev.hart.gpu;

import static dev.hart.gpu.ScriptedProbe.gib;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hart.error.GpuException;
import dev.hart.error.StoreUnavailableException;
import dev.hart.spi.LeaseEntry.Kind;
import dev.hart.spi.LeaseEntry.ProcessIdentity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who gets how much of which device. Sizes are GiB; one GiB of each GPU is kept back. */
class LeasesTest {
    private final MovedClock clock = new MovedClock();
    private final ScriptedProbe probe = new ScriptedProbe();
    private final KeptJournal journal = new KeptJournal();
    private final ScriptedProcesses processes = new ScriptedProcesses();
    private final List<String> told = new ArrayList<>();
    private boolean halted;
    private Gpus gpus;

    private void open() throws InterruptedException {
        gpus = Gpus.configure()
                .probes(List.of(probe))
                .clock(clock)
                .journal(journal)
                .processes(processes)
                .executor(Runnable::run)
                .haltedWhile(() -> halted)
                .withoutBackgroundThread()
                .open();
        gpus.devices();
    }

    @AfterEach
    void close() {
        if (gpus != null) {
            gpus.close();
        }
    }

    private LeaseRequest request(double size) {
        return gpus.request("model").bytes(gib(size)).timeout(Duration.ofMinutes(30));
    }

    private VramLease active(LeaseRequest request) throws InterruptedException {
        VramLease lease = request.acquire();
        lease.activate();
        return lease;
    }

    private double plannable(int device) throws InterruptedException {
        return gpus.status().devices().get(device).plannableBytes() / (double) (1L << 30);
    }

    private static String code(LeaseAnswer answer) {
        return answer instanceof LeaseAnswer.Refused refused ? refused.code() : "granted";
    }

    private static String codeOf(CompletableFuture<VramLease> future) {
        ExecutionException failure = catchThrowableOfType(ExecutionException.class, future::get);
        return ((GpuException) failure.getCause()).code();
    }

    // Arithmetic

    @ParameterizedTest
    @CsvSource({
        "24, 6, 12, 2, 3.0", // 6 of somebody else's
        "8, 3.5, 3.5, 0, 2.5",
        "16, 9, 8, 3, 4.0"
    })
    void whatOthersUseIsCountedOnceAndLeasesAreToo(
            double total, double free, double active, double reserved, double plannable) throws InterruptedException {
        probe.with("cuda:0", total, total);
        open();
        active(request(active));
        if (reserved > 0) {
            request(reserved).acquire();
        }
        probe.with("cuda:0", total, free);
        gpus.refresh();

        assertThat(plannable(0)).isEqualTo(plannable);
    }

    @Test
    void memoryOfOthersThatWasSeenStaysCountedWhenALeaseBecomesActive() throws InterruptedException {
        probe.with("cuda:0", 24, 18);
        open();
        assertThat(plannable(0)).isEqualTo(17);

        active(request(12));

        assertThat(plannable(0)).isEqualTo(5);
    }

    @Test
    void memoryIsFreeAtOnceWhenItsLeaseIsClosed() throws InterruptedException {
        probe.with("cuda:0", 24, 24);
        open();
        VramLease lease = active(request(12));
        probe.with("cuda:0", 24, 12);
        gpus.refresh();
        assertThat(plannable(0)).isEqualTo(11);

        lease.close();
        assertThat(plannable(0)).isEqualTo(23);
    }

    // Modes

    @Test
    void whisperGoesWhereThereIsRoom() throws InterruptedException {
        probe.with("cuda:0", 9, 9).with("cpu:0", 16, 16);
        open();
        assertThat(gpus.request("whisper").allowOffload().acquire().mode()).isEqualTo(LeaseMode.GPU);
    }

    @Test
    void aModelThatDoesNotFitWholeIsSplitIfItsUserAllows() throws InterruptedException {
        probe.with("cuda:0", 8, 2.6).with("cpu:0", 16, 16);
        open();
        assertThat(code(gpus.request("whisper").tryAcquire())).isEqualTo("NOT_NOW");

        VramLease lease = gpus.request("whisper").allowOffload().acquire();

        assertThat(lease.mode()).isEqualTo(LeaseMode.CPU_OFFLOAD);
        assertThat(lease.grants()).isEqualTo(Map.of("uuid-of-cuda:0", gib(0.75), "uuid-of-cpu:0", gib(0.5)));
    }

    @Test
    void aModelRunsOnTheProcessorWhereTheGpuIsFullOrMissing() throws InterruptedException {
        probe.with("cuda:0", 8, 1.7).with("cpu:0", 16, 16);
        open();
        assertThat(gpus.request("whisper").allowOffload().acquire().mode()).isEqualTo(LeaseMode.CPU);

        probe.without("cuda:0");
        gpus.refresh();
        VramLease lease = gpus.request("whisper").allowOffload().acquire();
        assertThat(lease.mode()).isEqualTo(LeaseMode.CPU);
        assertThat(lease.grants()).isEqualTo(Map.of("uuid-of-cpu:0", gib(0.5)));
    }

    @ParameterizedTest
    @CsvSource({"8, NOT_NOW", "6.9, CAN_NEVER_FIT"})
    void aModelThatCannotBeSplitWaitsOrIsRefused(double total, String code) throws InterruptedException {
        probe.with("cuda:0", total, 4).with("cpu:0", 64, 64);
        open();
        assertThat(code(gpus.request("minicpm").allowOffload().tryAcquire())).isEqualTo(code);
    }

    @Test
    void aToolThatNobodyKnowsNeedsAStatedSize() throws InterruptedException {
        probe.with("cuda:0", 8, 8);
        open();
        assertThat(code(gpus.request("nosuch").tryAcquire())).isEqualTo("UNKNOWN_REQUIREMENT");
        assertThatThrownBy(() -> gpus.request("nosuch").acquire())
                .isInstanceOf(GpuException.class)
                .hasMessage("nobody has said how much memory 'nosuch' needs: add bytes(…) to the request, or put its"
                        + " ModelRequirement");
        assertThat(code(gpus.request("nosuch").bytes(1).tryAcquire())).isEqualTo("granted");
    }

    // Placement

    private void threeDevices() throws InterruptedException {
        probe.with("cuda:0", 16, 11).with("cuda:1", 16, 7.5).with("cuda:2", 16, 8);
        open();
    }

    @ParameterizedTest
    @CsvSource({"6, BEST_FIT, cuda:1", "6, SPREAD, cuda:0", "6.8, BEST_FIT, cuda:2", "7.1, BEST_FIT, cuda:0"})
    void theBestFittingDeviceIsTaken(double size, PlacementRule rule, String id) throws InterruptedException {
        threeDevices();
        assertThat(request(size).placement(rule).acquire().device().id()).isEqualTo(id);
    }

    @Test
    void aGangGetsAllItsDevicesOrNone() throws InterruptedException {
        threeDevices();
        CompletableFuture<VramLease> tooMany = request(7).devices(3).acquireAsync();
        assertThat(tooMany).isNotDone();
        assertThat(plannable(0)).as("it holds nothing").isEqualTo(10);
        tooMany.cancel(false);

        VramLease gang = request(6).devices(2).acquire();
        assertThat(gang.devices()).extracting(Device::id).containsExactly("cuda:1", "cuda:2");
        assertThat(gang.environment())
                .containsEntry("CUDA_VISIBLE_DEVICES", "uuid-of-cuda:1,uuid-of-cuda:2")
                .containsEntry("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
    }

    @Test
    void memoryOfSeveralDevicesIsNeverAddedUp() throws InterruptedException {
        threeDevices();
        assertThat(request(12).acquireAsync()).isNotDone();
    }

    @Test
    void aGangIsOfOneKind() throws InterruptedException {
        probe.with("cuda:0", 16, 16).with("rocm:0", 16, 16).with("rocm:1", 16, 16);
        open();
        assertThat(request(10).devices(2).acquire().devices())
                .extracting(Device::id)
                .containsExactly("rocm:0", "rocm:1");
        assertThat(request(10).kind(DeviceKind.CUDA).acquire().device().id()).isEqualTo("cuda:0");
        assertThat(code(request(10).devices(3).tryAcquire())).isEqualTo("CAN_NEVER_FIT");
    }

    @Test
    void whatCanNeverFitIsRefusedAtOnceAndWhatCanWaits() throws InterruptedException {
        probe.with("cuda:0", 8, 3).with("cuda:1", 8, 3);
        open();
        assertThatThrownBy(() -> request(7.5).acquire())
                .isInstanceOf(GpuException.class)
                .hasMessage("7.50 GiB for 'model' on 1 device(s) cannot be had: of 2 device(s) the largest, cuda:0, has"
                        + " 8.00 GiB, of which 7.00 GiB can be leased");
        assertThat(request(7).acquireAsync()).isNotDone();
        assertThat(gpus.status().waiting()).isEqualTo(1);
    }

    @Test
    void workForOtherNodesGetsHalfOfADevice() throws InterruptedException {
        probe.with("cuda:0", 16, 16);
        open();
        assertThat(code(request(8.1).tenant(Gpus.HIVE).tryAcquire())).isEqualTo("CAN_NEVER_FIT");
        VramLease lease = request(5).tenant(Gpus.HIVE).acquire();
        assertThat(code(request(3.1).tenant(Gpus.HIVE).tryAcquire())).isEqualTo("NOT_NOW");
        assertThat(code(request(10).tryAcquire())).isEqualTo("granted");
        lease.close();
        assertThat(code(request(5).tenant(Gpus.HIVE).tryAcquire())).isEqualTo("granted");
    }

    // The queue

    /** One device on which one lease of 4 fits, and one that holds it. */
    private VramLease full() throws InterruptedException {
        probe.with("cuda:0", 5, 5);
        open();
        return request(4).acquire();
    }

    private void pass(double seconds) throws InterruptedException {
        clock.advanceSeconds(seconds);
        gpus.refresh();
    }

    @Test
    void aRequestMovesUpAClassEveryMinute() throws InterruptedException {
        VramLease holder = full();
        CompletableFuture<VramLease> batch =
                request(4).priority(LeasePriority.BATCH).acquireAsync();
        pass(115);
        CompletableFuture<VramLease> normal = request(4).acquireAsync();
        pass(10);
        CompletableFuture<VramLease> interactive =
                request(4).priority(LeasePriority.INTERACTIVE).acquireAsync();

        holder.close();
        assertThat(batch).isCompleted();
        assertThat(interactive).isNotDone();
        batch.join().close();
        assertThat(interactive).isCompleted();
        assertThat(normal).isNotDone();
        interactive.join().close();
        assertThat(normal).isCompleted();
    }

    @Test
    void ofTheSameClassTheTenantWithTheSmallerShareIsFirst() throws InterruptedException {
        probe.with("cuda:0", 20, 20);
        open();
        request(8).tenant("x").acquire();
        request(2).tenant("y").acquire();
        VramLease four = request(4).tenant("z").acquire();
        request(5).tenant("z").acquire();
        CompletableFuture<VramLease> x = request(4).tenant("x").acquireAsync();
        CompletableFuture<VramLease> y = request(4).tenant("y").acquireAsync();

        four.close();

        assertThat(y).isCompleted();
        assertThat(x).isNotDone();
    }

    @ParameterizedTest
    @CsvSource({"31, false", "30, false", "29.999, true"})
    void nobodyPassesOneThatHasWaitedHalfAMinute(double waited, boolean passes) throws InterruptedException {
        probe.with("cuda:0", 12, 12);
        open();
        request(5).acquire();
        request(10).acquireAsync();
        pass(waited);

        assertThat(request(2).acquireAsync().isDone()).isEqualTo(passes);
        assertThat(code(request(2).tryAcquire())).isEqualTo(passes ? "granted" : "NOT_NOW");
    }

    @Test
    void aWaitEndsAtItsDeadlineAndNotBefore() throws InterruptedException {
        full();
        CompletableFuture<VramLease> waiting =
                request(4).timeout(Duration.ofSeconds(20)).acquireAsync();
        clock.advance(Duration.ofMillis(19_999));
        gpus.tick();
        assertThat(waiting).isNotDone();
        clock.advance(Duration.ofMillis(1));
        gpus.tick();
        assertThat(codeOf(waiting)).isEqualTo("LEASE_TIMEOUT");
        assertThat(gpus.status().waiting()).isZero();
    }

    @Test
    void aCancelledRequestLeavesTheQueueAndAnInterruptedOneToo() throws InterruptedException {
        VramLease holder = full();
        CompletableFuture<VramLease> cancelled = request(4).acquireAsync();
        cancelled.cancel(true);
        assertThat(gpus.status().waiting()).isZero();

        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            try {
                request(4).acquire();
            } catch (InterruptedException e) {
                thrown.set(e);
            }
        });
        thread.start();
        while (gpus.status().waiting() == 0) {
            Thread.onSpinWait();
        }
        thread.interrupt();
        thread.join();
        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        holder.close();
        assertThat(plannable(0)).as("nobody has it").isEqualTo(4);
    }

    @Test
    void aNewDeviceServesWhoWaits() throws InterruptedException {
        full();
        CompletableFuture<VramLease> waiting = request(4).acquireAsync();
        probe.with("cuda:1", 8, 8);
        gpus.refresh();
        assertThat(waiting.join().device().id()).isEqualTo("cuda:1");
    }

    @Test
    void whileAllIsHaltedNothingIsGivenAndLeasesAreClosed() throws InterruptedException {
        VramLease lease = full();
        halted = true;
        lease.close();
        assertThat(plannable(0)).isEqualTo(4);
        assertThat(code(request(4).tryAcquire())).isEqualTo("NOT_NOW");
        CompletableFuture<VramLease> waiting = request(4).acquireAsync();
        assertThat(waiting).isNotDone();

        halted = false;
        gpus.tick();
        assertThat(waiting).isCompleted();
    }

    // Giving way

    /** a EVICTABLE 1.5 used 100 s ago, b EVICTABLE 4 used 400 s ago, c IDLE 8 used 200 s ago, and one that stays. */
    private void threeToGiveWay() throws InterruptedException {
        probe.with("cuda:0", 16.5, 16.5);
        open();
        active(request(2));
        VramLease b = giving("b", 4, 400);
        VramLease c = giving("c", 8, 400);
        VramLease a = giving("a", 1.5, 100);
        b.use().close();
        clock.advanceSeconds(200);
        c.use().close();
        clock.advanceSeconds(100);
        a.use().close();
        pass(100);
    }

    private VramLease giving(String name, double size, int idleSeconds) throws InterruptedException {
        return active(gpus.request(name)
                .bytes(gib(size))
                .evictable(Duration.ofSeconds(idleSeconds))
                .onTakenBack(lease -> told.add(lease.tool())));
    }

    @ParameterizedTest
    @CsvSource({"4, b", "5, b a", "9, b c", "14, ''"})
    void nobodyGivesWayForNothing(double size, String victims) throws InterruptedException {
        threeToGiveWay();
        CompletableFuture<VramLease> request = request(size).acquireAsync();
        assertThat(String.join(" ", told)).isEqualTo(victims);
        assertThat(request).isNotDone();
    }

    @Test
    void theMemoryIsHandedOutOnceAllHaveGoneAndToNobodyElse() throws InterruptedException {
        threeToGiveWay();
        CompletableFuture<VramLease> request = request(5).acquireAsync();
        assertThat(told).containsExactly("b", "a");
        List<VramLease> victims = gpus.status().leases().stream()
                .filter(lease -> lease.state() == LeaseState.REVOKING)
                .toList();

        victims.get(0).close();
        assertThat(request).isNotDone();
        assertThat(code(request(1).priority(LeasePriority.SYSTEM).tryAcquire())).isEqualTo("NOT_NOW");
        victims.get(1).close();
        assertThat(request).isCompleted();
    }

    @Test
    void whoDoesNotGiveWayInTimeIsStopped() throws InterruptedException {
        probe.with("cuda:0", 5, 5);
        open();
        VramLease victim = giving("a", 4, 60);
        victim.child(ProcessHandle.current());
        ProcessIdentity child =
                ScriptedProcesses.process(ProcessHandle.current().pid());
        processes.starts(child);
        CompletableFuture<VramLease> request = request(4).acquireAsync();
        clock.advance(Duration.ofMillis(9_999));
        gpus.tick();
        assertThat(request).isNotDone();
        clock.advance(Duration.ofMillis(1));
        gpus.tick();

        assertThat(request).isCompleted();
        assertThat(processes.stopped).containsExactly(child);
        assertThat(victim.state()).isEqualTo(LeaseState.RELEASED);
        assertThat(journal.kinds)
                .containsSubsequence(Kind.GRANTED, Kind.ACTIVATED, Kind.REVOKED)
                .contains(Kind.RELEASED);
    }

    @Test
    void whatIsInUseOrLoadingOrOfAHigherClassStays() throws InterruptedException {
        probe.with("cuda:0", 5, 5);
        open();
        VramLease lease = giving("a", 4, 60);
        try (VramLease.Use use = lease.use()) {
            assertThat(request(4).priority(LeasePriority.SYSTEM).acquireAsync()).isNotDone();
            use.close();
            use.close();
        }
        assertThat(told).as("and nothing has happened since").isEmpty();

        gpus.close();
        open();
        giving("b", 4, 60);
        request(4).priority(LeasePriority.BATCH).acquireAsync();
        assertThat(told).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"149.9, NORMAL, ''", "150, NORMAL, a", "149.9, INTERACTIVE, a"})
    void aWarmModelGivesWayToAHigherClassOnly(double idle, LeasePriority priority, String victims)
            throws InterruptedException {
        probe.with("cuda:0", 5, 5);
        open();
        giving("a", 4, 300).use().close();
        pass(idle);
        request(4).priority(priority).acquireAsync();
        assertThat(String.join(" ", told)).isEqualTo(victims);
    }

    @Test
    void aRequestThatGaveUpLeavesThoseThatAreGivingWayAlone() throws InterruptedException {
        probe.with("cuda:0", 5, 5);
        open();
        giving("a", 4, 60);
        CompletableFuture<VramLease> request =
                request(4).timeout(Duration.ofSeconds(5)).acquireAsync();
        clock.advanceSeconds(5);
        gpus.tick();
        assertThat(codeOf(request)).isEqualTo("LEASE_TIMEOUT");
        gpus.status().leases().forEach(VramLease::close);
        assertThat(plannable(0)).isEqualTo(4);
    }

    // The life of a lease

    @Test
    void aLeaseClosedTwiceGivesItsBytesBackOnce() throws InterruptedException {
        VramLease lease = full();
        lease.close();
        lease.close();
        assertThat(plannable(0)).isEqualTo(4);
        assertThat(journal.kinds).containsExactly(Kind.GRANTED, Kind.RELEASED);
        assertThatThrownBy(lease::activate)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("lease %s of model is RELEASED".formatted(lease.id()));
        assertThatThrownBy(() -> lease.resize(1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(lease::use).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aLeaseThatIsNotActivatedInTimeEnds() throws InterruptedException {
        VramLease lease = full();
        clock.advance(Duration.ofMinutes(10).minusMillis(1));
        gpus.tick();
        assertThat(lease.state()).isEqualTo(LeaseState.RESERVED);
        clock.advance(Duration.ofMillis(1));
        gpus.tick();
        assertThat(lease.state()).isEqualTo(LeaseState.RELEASED);
    }

    @Test
    void aLeaseShrinksAlwaysAndGrowsIfThereIsRoom() throws InterruptedException {
        probe.with("cuda:0", 9, 9).with("cuda:1", 7, 7);
        open();
        VramLease gang = active(request(4).devices(2));
        gang.resize(gib(2));
        assertThat(plannable(0)).isEqualTo(6);
        gang.resize(gib(6));
        assertThat(gang.grants()).isEqualTo(Map.of("uuid-of-cuda:0", gib(6), "uuid-of-cuda:1", gib(6)));

        assertThatThrownBy(() -> gang.resize(gib(6.5)))
                .isInstanceOf(GpuException.class)
                .hasMessageEndingWith("cannot grow to 6.50 GiB on cuda:1: 0.00 GiB is left there");
        assertThat(plannable(0)).as("nothing was changed").isEqualTo(2);
        gang.close();
        assertThat(plannable(0)).isEqualTo(8);
    }

    @Test
    void aLostDeviceEndsItsLeases() throws InterruptedException {
        probe.with("cuda:0", 5, 5).with("cuda:1", 5, 5);
        open();
        VramLease lost = giving("a", 4, 60);
        VramLease kept = giving("b", 4, 60);
        probe.without("cuda:0");
        gpus.refresh();

        assertThat(lost.state()).isEqualTo(LeaseState.LOST);
        assertThat(kept.state()).isEqualTo(LeaseState.ACTIVE);
        assertThat(told).containsExactly("a");
        assertThat(journal.kinds).last().isEqualTo(Kind.LOST);
        lost.close();

        probe.with("cuda:0", 5, 5);
        gpus.refresh();
        assertThat(plannable(0)).isEqualTo(4);
    }

    @Test
    void onlyTheHolderOfTheTokenHasTheLease() throws InterruptedException {
        VramLease lease = full();
        assertThat(gpus.require(lease.id(), lease.fencingToken())).isSameAs(lease);
        long token = lease.fencingToken();
        lease.close();
        VramLease next = request(4).acquire();

        assertThat(next.fencingToken()).isGreaterThan(token);
        assertThatThrownBy(() -> gpus.require(next.id(), token))
                .isInstanceOf(GpuException.class)
                .hasMessage("there is no lease %s with fencing token %d any more: acquire a new one"
                        .formatted(next.id(), token));
        assertThatThrownBy(() -> gpus.require(lease.id(), token)).isInstanceOf(GpuException.class);
    }

    @Test
    void aGrantThatCannotBeNotedIsUndone() throws InterruptedException {
        probe.with("cuda:0", 5, 5);
        open();
        journal.broken = true;
        assertThatThrownBy(() -> request(4).acquire()).isInstanceOf(StoreUnavailableException.class);
        assertThat(plannable(0)).isEqualTo(4);
        journal.broken = false;
        request(4).acquire();
    }

    @Test
    void whatAKilledProcessHeldIsFreeAndItsChildIsStopped() throws InterruptedException {
        VramLease lease = full();
        lease.child(ProcessHandle.current());
        ProcessIdentity child =
                ScriptedProcesses.process(ProcessHandle.current().pid());
        processes.starts(child);
        assertThat(plannable(0)).isZero();

        processes.restart();
        open();

        assertThat(plannable(0)).isEqualTo(4);
        assertThat(journal.live()).isEmpty();
        assertThat(journal.kinds).last().isEqualTo(Kind.RECOVERED);
        assertThat(processes.stopped).containsExactly(child);
        assertThat(request(4).acquire().fencingToken()).isGreaterThan(lease.fencingToken());
    }

    @Test
    void leasesOfAnotherProcessThatLivesAreCountedUntilItEnds() throws InterruptedException {
        full();
        ProcessIdentity other = processes.current();
        processes.restart();
        processes.starts(other);
        open();
        assertThat(plannable(0)).isZero();
        assertThat(code(request(4).tryAcquire())).isEqualTo("NOT_NOW");

        processes.dies(other);
        gpus.refresh();
        assertThat(plannable(0)).isEqualTo(4);
    }

    @Test
    void anotherProgramWithTheNumberOfADeadOneIsNotTouched() {
        Processes real = Processes.ofThisMachine();
        ProcessIdentity self = real.current();
        ProcessIdentity earlier =
                new ProcessIdentity(self.pid(), self.startedAt().minusSeconds(2), self.bootId());
        ProcessIdentity otherBoot = new ProcessIdentity(self.pid(), self.startedAt(), "another start");

        assertThat(real.isAlive(self)).isTrue();
        assertThat(real.isAlive(new ProcessIdentity(self.pid(), self.startedAt().plusSeconds(1), self.bootId())))
                .isTrue();
        assertThat(real.isAlive(earlier)).isFalse();
        assertThat(real.isAlive(otherBoot)).isFalse();
        real.stop(earlier);
        assertThat(real.isAlive(self)).isTrue();
    }

    @Test
    void aLeaseWhoseChildHasDiedEndsAfterAMinute() throws InterruptedException {
        VramLease lease = full();
        lease.activate();
        ProcessIdentity child =
                ScriptedProcesses.process(ProcessHandle.current().pid());
        processes.starts(child);
        lease.child(ProcessHandle.current());
        clock.advanceSeconds(40);
        gpus.tick();
        Instant until = lease.expiresAt();
        assertThat(until).isEqualTo(clock.instant().plusSeconds(60));

        processes.dies(child);
        clock.advanceSeconds(59);
        gpus.tick();
        assertThat(lease.state()).isEqualTo(LeaseState.ACTIVE);
        clock.advanceSeconds(20);
        gpus.tick();
        assertThat(lease.state()).isEqualTo(LeaseState.RECOVERED);
    }

    @Test
    void closingEndsLeasesAndWaits() throws InterruptedException {
        VramLease lease = full();
        CompletableFuture<VramLease> waiting = request(4).acquireAsync();
        gpus.close();
        assertThat(lease.state()).isEqualTo(LeaseState.RELEASED);
        assertThat(codeOf(waiting)).isEqualTo("NOT_NOW");
        assertThat(journal.live()).isEmpty();
        assertThatThrownBy(() -> request(4).acquire()).isInstanceOf(IllegalStateException.class);
    }

    // Misuse

    @Test
    void badSizesAndNamesAreRefusedByName() throws InterruptedException {
        probe.with("cuda:0", 5, 5);
        open();
        assertThatThrownBy(() -> gpus.request("m").bytes(0)).hasMessage("peakBytes of m must be more than 0, was 0");
        assertThatThrownBy(() -> gpus.request("m").bytes(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> gpus.request("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> gpus.request("../m")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> gpus.request("m").tenant("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> gpus.request("m").devices(0)).hasMessage("devices must be 1 to 256, was 0");
        assertThatThrownBy(() -> gpus.request("m").timeout(Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Gpus.configure().maxHivePct(101)).hasMessage("maxHivePct must be 0 to 100, was 101");
        assertThat(code(gpus.request("m").bytes(Long.MAX_VALUE).tryAcquire())).isEqualTo("CAN_NEVER_FIT");
    }

    @ParameterizedTest
    @CsvSource({
        "ltx2, 6, 4",
        "minicpm, 6, 4",
        "tts_cosyvoice3, 6, 6",
        "tts_indic_parler, 8, 8",
        "tts_f5, 4, 4",
        "tts_chatterbox_turbo, 5.6, 4"
    })
    void whereSourcesDifferTheLargestFigureCounts(String name, double peak, double resident) {
        ModelRequirement requirement = ModelRequirements.known().find(name).orElseThrow();
        assertThat(requirement.peakBytes()).isEqualTo(gib(peak));
        assertThat(requirement.residentBytes()).isEqualTo(gib(resident));
    }
}
