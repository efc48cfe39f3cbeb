package dev.hart.gpu.model;

import static dev.hart.gpu.ScriptedProbe.gib;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hart.error.GpuException;
import dev.hart.error.HaltedException;
import dev.hart.gpu.DeviceStatus;
import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.LeasePriority;
import dev.hart.gpu.LeaseState;
import dev.hart.gpu.ModelRequirement;
import dev.hart.gpu.VramLease;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Loading, using, giving way, crashing and coming back. Sizes are GiB; one GiB of each GPU is kept back. */
class ModelsTest {
    private static final ModelSettings MAY_MOVE = ModelSettings.defaults().offloads(true);
    private final Bench bench = new Bench();

    @AfterEach
    void close() {
        bench.close();
    }

    private void open(double total) throws InterruptedException {
        bench.probe.with("cuda:0", total, total).with("cpu:0", 64, 64);
        bench.open();
    }

    private double plannable() throws InterruptedException {
        return bench.gpus.status().devices().get(0).plannableBytes() / (double) (1L << 30);
    }

    private static String code(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        return catchThrowableOfType(GpuException.class, call).code();
    }

    // Loading and using

    @Test
    void aModelIsLoadedForItsFirstCallAndStaysForTheNext() throws InterruptedException {
        open(16);
        Model<Toy> model = bench.model("m", 4);
        try (ModelUse<Toy> use = model.use()) {
            assertThat(use.get().mode).isEqualTo(LeaseMode.GPU);
            assertThat(use.fencingToken()).isPositive();
            assertThat(model.status().activeInferences()).isEqualTo(1);
            assertThat(model.status().priority()).isEqualTo(ModelPriority.ACTIVE);
            assertThat(model.status().vramBytes()).isEqualTo(gib(4));
        }
        bench.use(model);
        assertThat(bench.allToys).hasSize(1);
        assertThat(model.status().accesses()).isEqualTo(2);
        assertThat(bench.names()).containsExactly("model.loaded");
    }

    @Test
    void aUseIsOverOnceAndIsOverWhenTheCallFails() throws InterruptedException {
        open(16);
        Model<Toy> model = bench.model("m", 4);
        assertThatThrownBy(() -> {
                    try (ModelUse<Toy> use = model.use()) {
                        throw new IllegalStateException("no answer");
                    }
                })
                .hasMessage("no answer");
        assertThat(model.status().activeInferences()).isZero();

        ModelUse<Toy> use = model.use();
        use.close();
        use.close();
        assertThat(model.status().activeInferences()).isZero();
        assertThatThrownBy(use::get).hasMessage("this use of model 'm' is over: begin a new one");
    }

    @Test
    void aLoaderThatFailsGivesTheMemoryBackAndItsCauseIsKept() throws InterruptedException {
        open(16);
        Model<Toy> model = bench.model("m", 4);
        bench.failures.put("m", 1);
        GpuException failure = catchThrowableOfType(GpuException.class, model::load);
        assertThat(failure.code()).isEqualTo("MODEL_LOAD");
        assertThat(failure)
                .hasMessage("model 'm' could not be loaded: java.lang.IllegalArgumentException: no weights")
                .hasCauseInstanceOf(IllegalArgumentException.class);
        assertThat(model.phase()).isEqualTo(ModelPhase.UNLOADED);
        assertThat(model.status().error()).contains(failure.getMessage());
        assertThat(plannable()).isEqualTo(15);
        assertThat(bench.journal.live()).isEmpty();

        model.load();
        assertThat(model.phase()).isEqualTo(ModelPhase.LOADED);
        assertThat(model.status().error()).isEmpty();
    }

    @Test
    void aLoaderThatGivesNothingHasFailed() throws InterruptedException {
        open(16);
        Model<Toy> model = bench.models.register(
                "m", ModelRequirement.ofBytes("m", gib(4)), ModelSettings.defaults(), (mode, lease) -> null);
        assertThat(code(model::load)).isEqualTo("MODEL_LOAD");
        assertThat(plannable()).isEqualTo(15);
    }

    @Test
    void whatCanNeverFitIsRefusedAsItsLeaseIs() throws InterruptedException {
        open(8);
        assertThat(code(() -> bench.model("m", 8).use())).isEqualTo("CAN_NEVER_FIT");
    }

    @ParameterizedTest
    @CsvSource({"16, GPU", "5, CPU_OFFLOAD", "2, CPU"})
    void aModelIsLoadedInTheBestModeThatFits(double total, LeaseMode mode) throws InterruptedException {
        open(total);
        bench.movable("m", 6, 3, ModelSettings.defaults()).load();
        assertThat(bench.toys.get("m").mode).isEqualTo(mode);
    }

    @Test
    void aModelForTheProcessorTakesNoGpu() throws InterruptedException {
        open(16);
        Model<Toy> model = bench.model("m", 4, ModelSettings.defaults().onProcessor(true));
        model.load();
        assertThat(bench.toys.get("m").mode).isEqualTo(LeaseMode.CPU);
        assertThat(model.status().ramBytes()).isEqualTo(gib(4));
        assertThat(plannable()).isEqualTo(15);
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void whoAsksWhileItIsBeingLoadedWaitsForTheSameModel() throws Exception {
        open(16);
        AtomicInteger loads = new AtomicInteger();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        try (Models models = Models.configure(bench.gpus)
                .clock(bench.clock)
                .withoutBackgroundThread()
                .open()) {
            Model<Toy> model = models.register(
                    "m", ModelRequirement.ofBytes("m", gib(4)), ModelSettings.defaults(), (mode, lease) -> {
                        loads.incrementAndGet();
                        begun.countDown();
                        mayEnd.await();
                        return new Toy(mode, lease);
                    });
            AtomicInteger used = new AtomicInteger();
            List<Thread> callers = Stream.generate(() -> new Thread(() -> {
                        try (ModelUse<Toy> use = model.use()) {
                            used.incrementAndGet();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }))
                    .limit(4)
                    .toList();
            callers.forEach(Thread::start);
            begun.await();
            // One who gives up does not end the load of the others.
            callers.get(0).interrupt();
            callers.get(0).join();
            mayEnd.countDown();
            for (Thread caller : callers) {
                caller.join();
            }
            assertThat(loads).hasValue(1);
            assertThat(used).hasValue(3);
        }
        assertThat(bench.journal.live()).isEmpty();
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void closingEndsALoadAndGivesItsMemoryBack() throws Exception {
        open(16);
        CountDownLatch begun = new CountDownLatch(1);
        Models models = Models.configure(bench.gpus)
                .clock(bench.clock)
                .withoutBackgroundThread()
                .open();
        Model<Toy> model =
                models.register("m", ModelRequirement.ofBytes("m", gib(4)), ModelSettings.defaults(), (mode, lease) -> {
                    begun.countDown();
                    new CountDownLatch(1).await();
                    return new Toy(mode, lease);
                });
        Thread caller = new Thread(() -> assertThat(code(model::load)).isEqualTo("MODEL_LOAD"));
        caller.start();
        begun.await();
        models.close();
        caller.join();
        assertThat(model.phase()).isEqualTo(ModelPhase.UNLOADED);
        assertThat(bench.journal.live()).isEmpty();
        assertThatThrownBy(model::load).hasMessage("Models is closed");
    }

    @Test
    void namesAreTakenOnceAndModelsAreForgottenWhenTheyAreUnloaded() throws InterruptedException {
        open(16);
        Model<Toy> model = bench.model("m", 4);
        assertThatThrownBy(() -> bench.model("m", 4)).hasMessage("there is a model 'm' already: unregister it first");
        assertThatThrownBy(() -> bench.model("../m", 4)).isInstanceOf(IllegalArgumentException.class);
        model.load();
        assertThatThrownBy(() -> bench.models.unregister("m")).hasMessage("model 'm', LOADED: unload it first");
        model.unload();
        bench.models.unregister("m");
        assertThat(bench.models.find("m")).isEmpty();
        assertThat(bench.models.all()).isEmpty();
    }

    // Unloading

    @Test
    void aModelInUseIsNotUnloaded() throws InterruptedException {
        open(16);
        Model<Toy> model = bench.model("m", 4);
        try (ModelUse<Toy> use = model.use()) {
            GpuException failure = catchThrowableOfType(GpuException.class, model::unload);
            assertThat(failure.code()).isEqualTo("NOT_NOW");
            assertThat(failure).hasMessage("model 'm' is used by 1 call(s): unload it when they have ended");
        }
        model.unload();
        assertThat(bench.toys.get("m").closes).isEqualTo(1);
        assertThat(plannable()).isEqualTo(15);
        model.unload();
        assertThat(bench.unloaded()).containsExactly("m");
    }

    @Test
    void aModelThatFailsToUnloadGivesItsMemoryBackAllTheSame() throws InterruptedException {
        open(16);
        Model<AutoCloseable> model = bench.models.register(
                "m", ModelRequirement.ofBytes("m", gib(4)), ModelSettings.defaults(), (mode, lease) -> () -> {
                    throw new IllegalStateException("stuck");
                });
        model.load();
        model.unload();
        assertThat(model.phase()).isEqualTo(ModelPhase.UNLOADED);
        assertThat(plannable()).isEqualTo(15);
    }

    @Test
    void aModelGivesWayToOneThatNeedsItsMemoryUnlessItIsUsed() throws InterruptedException {
        open(8);
        Model<Toy> first = bench.model("first", 5);
        Model<Toy> second = bench.model("second", 5, ModelSettings.defaults().withLongestWait(Duration.ZERO));
        long staleToken;
        String staleLease;
        try (ModelUse<Toy> use = first.use()) {
            staleToken = use.fencingToken();
            staleLease = use.get().lease.id();
        }
        bench.age(Duration.ofSeconds(150)); // IDLE from here on
        bench.use(second);

        assertThat(first.phase()).isEqualTo(ModelPhase.UNLOADED);
        assertThat(bench.toys.get("first").closes).isEqualTo(1);
        assertThat(bench.events).contains(new ModelEvent.Unloaded("first", UnloadReason.EVICTED));
        // Whoever still holds the first one's token is refused, and the next load has a larger one.
        assertThat(code(() -> bench.gpus.require(staleLease, staleToken))).isEqualTo("GPU_LEASE_STALE");
        bench.age(Duration.ofSeconds(150));
        try (ModelUse<Toy> use = first.use()) {
            assertThat(use.fencingToken()).isGreaterThan(staleToken);
            assertThat(bench.gpus.require(use.get().lease.id(), use.fencingToken()))
                    .isNotNull();
            assertThat(second.phase()).isEqualTo(ModelPhase.UNLOADED);
        }
    }

    @Test
    void modelsOfALostDeviceAreUnloadedAndTheNextCallGoesElsewhere() throws InterruptedException {
        bench.probe.with("cuda:0", 8, 8).with("cuda:1", 24, 24);
        bench.open();
        Model<Toy> model = bench.model("m", 4);
        ModelUse<Toy> use = model.use();
        Toy onLost = use.get();
        assertThat(onLost.lease.device().id()).isEqualTo("cuda:0");

        bench.probe.without("cuda:0");
        bench.models.tick();

        assertThat(model.phase()).isEqualTo(ModelPhase.UNLOADED);
        assertThat(onLost.closes).as("a call still uses it").isZero();
        assertThat(bench.events)
                .contains(
                        new ModelEvent.DeviceLost("uuid-of-cuda:0"),
                        new ModelEvent.Unloaded("m", UnloadReason.LEASE_ENDED));
        try (ModelUse<Toy> next = model.use()) {
            assertThat(next.get().lease.device().id()).isEqualTo("cuda:1");
            assertThat(next.get()).isNotSameAs(onLost);
            use.close();
            assertThat(onLost.closes).isEqualTo(1);
        }
        assertThat(onLost.lease.state()).isEqualTo(LeaseState.LOST);
    }

    // Priorities

    @ParameterizedTest
    @CsvSource({
        "149.9, false, 0, WARM",
        "150, false, 0, IDLE",
        "299.9, false, 0, IDLE",
        "300, false, 0, EVICTABLE",
        "200, true, 0, WARM",
        "300, true, 0, EVICTABLE",
        "900, false, 1, ACTIVE"
    })
    void aModelKeepsItsMemoryByItsLastUse(double idle, boolean boost, int inferences, ModelPriority priority) {
        assertThat(ModelPriority.of(
                        inferences, true, Duration.ofMillis(Math.round(idle * 1000)), Duration.ofSeconds(300), boost))
                .isEqualTo(priority);
    }

    @Test
    void aModelIsUnloadedAfterItsIdleTimeoutAndNotAtIt() throws InterruptedException {
        open(16);
        Model<Toy> model = bench.model("m", 4);
        bench.use(model);
        bench.pass(300);
        assertThat(model.status().priority()).isEqualTo(ModelPriority.EVICTABLE);
        assertThat(model.phase()).isEqualTo(ModelPhase.LOADED);
        bench.pass(0.001);
        assertThat(model.phase()).isEqualTo(ModelPhase.UNLOADED);
        assertThat(bench.events).contains(new ModelEvent.Unloaded("m", UnloadReason.IDLE));
    }

    @Test
    void aModelThatIsLoadedAheadStaysForItsIdleTimeoutToo() throws InterruptedException {
        open(16);
        Model<Toy> model = bench.model("m", 4);
        model.load();
        assertThat(model.status().priority()).isEqualTo(ModelPriority.EVICTABLE);
        bench.pass(300);
        assertThat(model.phase()).isEqualTo(ModelPhase.LOADED);
        bench.pass(1);
        assertThat(model.phase()).isEqualTo(ModelPhase.UNLOADED);
    }

    @Test
    void aModelThatIsUsedStaysHoweverLongTheCallTakes() throws InterruptedException {
        open(16);
        Model<Toy> model = bench.model("m", 4);
        try (ModelUse<Toy> use = model.use()) {
            bench.pass(900);
            assertThat(model.status().priority()).isEqualTo(ModelPriority.ACTIVE);
        }
        bench.pass(300);
        assertThat(model.phase()).isEqualTo(ModelPhase.LOADED);
    }

    @Test
    void aPinByHandHoldsUntilItEnds() throws InterruptedException {
        open(8);
        Model<Toy> model = bench.model("m", 5);
        bench.use(model);
        model.pin(ModelPriority.WARM);
        bench.pass(3599);
        assertThat(model.status().priority()).isEqualTo(ModelPriority.WARM);
        CompletableFuture<VramLease> wish = bench.gpus
                .request("other")
                .bytes(gib(5))
                .priority(LeasePriority.INTERACTIVE)
                .acquireAsync();
        assertThat(wish).isNotDone();
        wish.cancel(false);
        assertThat(model.phase()).isEqualTo(ModelPhase.LOADED);

        bench.pass(1);
        assertThat(model.phase()).as("idle for an hour").isEqualTo(ModelPhase.UNLOADED);
        assertThatThrownBy(() -> model.pin(ModelPriority.ACTIVE))
                .hasMessage("model 'm' is ACTIVE while it is used: pin it WARM to keep it");
        assertThatThrownBy(() -> model.pin(ModelPriority.WARM, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPinnedModelStaysUntilSomebodyUnloadsIt() throws InterruptedException {
        open(8);
        Model<Toy> model = bench.model("m", 5, ModelSettings.defaults().pinned(true));
        bench.use(model);
        bench.probe.with("cuda:0", 8, 0.5);
        bench.machine = MachineLoad.of(99, 99, 0);
        bench.pass(100_000);
        assertThat(bench.models.pressure()).isEqualTo(new Pressure(true, true, true, true, 0.1 * 0.5 * 0.7 * 0.2));
        assertThat(model.phase()).isEqualTo(ModelPhase.LOADED);
        model.unload();
        assertThat(model.phase()).isEqualTo(ModelPhase.UNLOADED);
    }

    @Test
    void aModelThatManyNodesWantStaysLonger() throws InterruptedException {
        open(16);
        Model<Toy> whisper = bench.model("whisper", 2);
        Model<Toy> minicpm = bench.model("minicpm", 6);
        whisper.hint(3, List.of(.5, .3, .8));
        minicpm.hint(3, List.of(.1, .2));
        assertThat(whisper.status().hivePopularity()).isEqualTo(1.0);
        assertThat(minicpm.status().hivePopularity()).isCloseTo(0.767, org.assertj.core.data.Offset.offset(0.0005));
        assertThat(minicpm.status().hiveBoost()).isTrue();
        assertThatThrownBy(() -> whisper.hint(1, List.of(.1, .2))).isInstanceOf(IllegalArgumentException.class);

        for (int i = 0; i < 9; i++) {
            bench.use(whisper);
        }
        assertThat(whisper.accessRate()).isEqualTo(9 / 90.0);
        assertThat(whisper.accessRate()).isZero();
    }

    // Crashes

    @ParameterizedTest
    @CsvSource({"3, 1, 5", "3, 2, 10", "3, 3, 20", "10, 7, 300", "10, 8, 300"})
    void theBackOffDoublesToItsLongest(int limit, int crash, long seconds) {
        RestartPolicy policy = RestartPolicy.DEFAULT.withMaxRestarts(limit);
        assertThat(policy.restartsAfter(crash)).isTrue();
        assertThat(policy.backOff(crash)).isEqualTo(Duration.ofSeconds(seconds));
        assertThat(policy.restartsAfter(limit + 1)).isFalse();
    }

    @Test
    void aCrashedModelIsStartedAgainThreeTimesAndThenGivenUp() throws InterruptedException {
        open(16);
        Model<Toy> model = bench.model("m", 4);
        bench.use(model);
        for (int backOff : new int[] {5, 10, 20}) {
            bench.toys.get("m").dies(1);
            assertThat(model.phase()).isEqualTo(ModelPhase.CRASHED);
            assertThat(plannable()).isEqualTo(15);
            assertThat(code(model::use)).isEqualTo("NOT_NOW");
            bench.pass(backOff - 0.001);
            assertThat(model.phase()).isEqualTo(ModelPhase.CRASHED);
            bench.pass(0.001);
            assertThat(model.phase()).isEqualTo(ModelPhase.LOADED);
            assertThat(bench.toys.get("m").mode).isEqualTo(LeaseMode.GPU);
        }
        assertThat(model.status().isHealthy()).isFalse();
        bench.toys.get("m").dies(1);
        bench.pass(10_000);

        assertThat(model.phase()).isEqualTo(ModelPhase.FAILED);
        assertThat(bench.names())
                .containsSubsequence("model.crash", "model.restarted")
                .endsWith("model.crash", "model.restart_exhausted");
        GpuException failure = catchThrowableOfType(GpuException.class, model::use);
        assertThat(failure.code()).isEqualTo("MODEL_FAILED");
        assertThat(failure)
                .hasMessage("model 'm' has crashed 4 times and is not started again by itself (exit code 1):"
                        + " load() it when the cause is gone");
        model.load();
        assertThat(model.status().crashes()).isZero();
        bench.use(model);
    }

    @Test
    void aRestartThatFailsCountsAsACrash() throws InterruptedException {
        open(16);
        Model<Toy> model = bench.model("m", 4);
        bench.use(model);
        bench.failures.put("m", 3);
        bench.toys.get("m").dies(1);
        bench.pass(5);
        assertThat(model.status().crashes()).isEqualTo(2);
        bench.pass(10);
        assertThat(model.status().crashes()).isEqualTo(3);
        bench.pass(20);
        assertThat(model.phase()).isEqualTo(ModelPhase.FAILED);
        assertThat(bench.names()).endsWith("model.restart_exhausted");
        assertThat(plannable()).isEqualTo(15);
    }

    @Test
    void whoRunsOutOfMemoryComesBackWithLessOfTheGpu() throws InterruptedException {
        open(16);
        Model<Toy> model = bench.movable("m", 6, 3, ModelSettings.defaults());
        bench.use(model);
        bench.toys.get("m").dies(137);
        bench.pass(5);
        assertThat(bench.toys.get("m").mode).isEqualTo(LeaseMode.CPU_OFFLOAD);
        assertThat(model.status().downgraded()).isTrue();
        bench.toys.get("m").dies(137);
        bench.pass(10);
        assertThat(bench.toys.get("m").mode).isEqualTo(LeaseMode.CPU);
        bench.toys.get("m").dies(1);
        bench.pass(20);
        assertThat(bench.toys.get("m").mode).isEqualTo(LeaseMode.CPU);

        model.unload();
        model.load();
        assertThat(bench.toys.get("m").mode).isEqualTo(LeaseMode.GPU);
        assertThat(model.status().downgraded()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "137, OUT_OF_MEMORY",
        "-9, OUT_OF_MEMORY",
        "9, OUT_OF_MEMORY",
        "-1073741819, OUT_OF_MEMORY", // 3221225477 on Windows
        "-1073741571, OUT_OF_MEMORY", // 3221225725
        "1, CRASH",
        "143, CRASH",
        "0, CLEAN"
    })
    void anExitCodeTellsHowAProcessEnded(int code, ProcessExit.Kind kind) {
        assertThat(ProcessExit.of(code).kind()).isEqualTo(kind);
        assertThat(ProcessExit.unknown().kind()).isEqualTo(ProcessExit.Kind.DISAPPEARED);
    }

    @Test
    void aModelThatEndsCleanlyIsNotStartedAgainUnlessItsPolicySaysSo() throws InterruptedException {
        open(16);
        Model<Toy> model = bench.model("m", 4);
        Model<Toy> always = bench.model(
                "always",
                4,
                ModelSettings.defaults()
                        .withRestarts(new RestartPolicy(3, Duration.ofSeconds(5), Duration.ofSeconds(300), true)));
        bench.use(model);
        bench.use(always);
        bench.toys.get("m").dies(0);
        bench.toys.get("always").dies(0);
        bench.pass(60);
        assertThat(model.phase()).isEqualTo(ModelPhase.UNLOADED);
        assertThat(bench.events).contains(new ModelEvent.Unloaded("m", UnloadReason.CLEAN_EXIT));
        assertThat(always.phase()).isEqualTo(ModelPhase.LOADED);
    }

    @Test
    void aModelThatDisappearsIsStartedAgain() throws InterruptedException {
        open(16);
        Model<Toy> model = bench.model("m", 4);
        bench.use(model);
        bench.toys.get("m").disappears();
        bench.pass(5);
        assertThat(model.phase()).isEqualTo(ModelPhase.LOADED);
    }

    @ParameterizedTest
    @CsvSource({"30, false, 2", "59.999, false, 2", "60, false, 1", "90, false, 1", "30, true, 1"})
    void crashesAreForgottenAfterAMinuteOrACallThatWorked(double seconds, boolean worked, int crashes)
            throws InterruptedException {
        open(16);
        Model<Toy> model = bench.model("m", 4);
        bench.use(model);
        bench.toys.get("m").dies(1);
        bench.pass(5);
        if (worked) {
            try (ModelUse<Toy> use = model.use()) {
                use.succeeded();
            }
        }
        bench.pass(seconds);
        bench.toys.get("m").dies(1);
        assertThat(model.status().crashes()).isEqualTo(crashes);
    }

    @Test
    void aModelThatCrashesInACallIsClosedWhenTheCallEnds() throws InterruptedException {
        open(16);
        Model<Toy> model = bench.model("m", 4);
        ModelUse<Toy> use = model.use();
        Toy toy = use.get();
        toy.dies(1);
        assertThat(model.phase()).isEqualTo(ModelPhase.CRASHED);
        assertThat(plannable()).isEqualTo(15);
        assertThat(toy.closes).isZero();
        use.close();
        assertThat(toy.closes).isEqualTo(1);
    }

    @Test
    void aCrashedModelThatIsUnloadedIsNotStartedAgain() throws InterruptedException {
        open(16);
        Model<Toy> model = bench.model("m", 4);
        bench.use(model);
        bench.toys.get("m").dies(1);
        model.unload();
        bench.pass(60);
        assertThat(model.phase()).isEqualTo(ModelPhase.UNLOADED);
        assertThat(bench.allToys).hasSize(1);
    }

    // Standing still

    @Test
    void whileTheNodeStandsStillNothingIsLoadedAndUnloadingGoesOn() throws InterruptedException {
        open(16);
        Model<Toy> model = bench.model("m", 4);
        Model<Toy> crashed = bench.model("crashed", 4);
        Model<Toy> unloaded = bench.model("unloaded", 4);
        bench.use(model);
        bench.use(crashed);
        bench.toys.get("crashed").dies(1);
        bench.halted = true;

        assertThatThrownBy(unloaded::use).isInstanceOf(HaltedException.class);
        bench.pass(301);
        assertThat(crashed.phase()).isEqualTo(ModelPhase.CRASHED);
        assertThat(crashed.status().crashes()).isEqualTo(1);
        assertThat(model.phase()).isEqualTo(ModelPhase.UNLOADED);

        bench.halted = false;
        bench.pass(0);
        assertThat(crashed.phase()).isEqualTo(ModelPhase.LOADED);
    }

    // Swapping and moving

    @Test
    void aSwapUnloadsNothingUnlessItFreesEnough() throws InterruptedException {
        open(16);
        Model<Toy> small = bench.model("small", 4);
        Model<Toy> other = bench.model("other", 8);
        bench.model("large", 12);
        small.load();
        other.load();
        GpuException failure = catchThrowableOfType(GpuException.class, () -> bench.models.swap("small", "large"));
        assertThat(failure)
                .hasMessage("model 'large' cannot take the place of 'small': its memory would not be enough");
        assertThat(small.phase()).isEqualTo(ModelPhase.LOADED);
        assertThatThrownBy(() -> bench.models.swap("nosuch", "large"))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessage("there is no model 'nosuch': register it first; there are [large, other, small]");
        try (ModelUse<Toy> use = other.use()) {
            assertThat(code(() -> bench.models.swap("other", "large"))).isEqualTo("NOT_NOW");
        }
        assertThat(bench.unloaded()).isEmpty();
    }

    @Test
    void aModelTakesThePlaceOfAnotherWhichComesBackWhenThereIsRoom() throws InterruptedException {
        open(16);
        Model<Toy> old = bench.model("old", 8);
        Model<Toy> replacement = bench.model("replacement", 12);
        bench.use(old);
        bench.models.swap("old", "replacement");
        assertThat(old.phase()).isEqualTo(ModelPhase.UNLOADED);
        assertThat(replacement.phase()).isEqualTo(ModelPhase.LOADED);
        assertThat(bench.events).contains(new ModelEvent.Swapped("old", "replacement"));
        assertThat(bench.models.swappedOut()).containsExactly("old");
        bench.pass(15);
        assertThat(old.phase()).isEqualTo(ModelPhase.UNLOADED);

        replacement.unload();
        bench.pass(15);
        assertThat(old.phase()).isEqualTo(ModelPhase.LOADED);
        assertThat(bench.models.swappedOut()).isEmpty();
    }

    @Test
    void aSwapThatFailsBringsTheOldModelBack() throws InterruptedException {
        open(16);
        Model<Toy> old = bench.model("old", 8);
        bench.model("replacement", 12);
        bench.use(old);
        bench.failures.put("replacement", 1);
        GpuException failure = catchThrowableOfType(GpuException.class, () -> bench.models.swap("old", "replacement"));
        assertThat(failure.code()).isEqualTo("MODEL_LOAD");
        assertThat(failure.getSuppressed()).isEmpty();
        assertThat(old.phase()).isEqualTo(ModelPhase.LOADED);
        assertThat(bench.models.swappedOut()).isEmpty();

        bench.failures.put("replacement", 1);
        bench.failures.put("old", 1);
        failure = catchThrowableOfType(GpuException.class, () -> bench.models.swap("old", "replacement"));
        assertThat(failure.getSuppressed()).hasSize(1);
        assertThat(plannable()).isEqualTo(15);
    }

    @Test
    void ofSwappedModelsTheOldestIsForgottenForANinth() throws InterruptedException {
        open(16);
        bench.model("big", 10);
        for (int i = 0; i < 9; i++) {
            bench.model("m" + i, 10).load();
            bench.models.swap("m" + i, "big");
            bench.models.find("big").orElseThrow().unload();
        }
        assertThat(bench.models.swappedOut()).hasSize(8).startsWith("m1").endsWith("m8");
    }

    @Test
    void aModelIsMovedOffTheGpuStepByStep() throws InterruptedException {
        open(16);
        Model<Toy> model = bench.movable("m", 6, 3, ModelSettings.defaults());
        assertThatThrownBy(model::offload).hasMessage("model 'm' is UNLOADED: only a loaded model can be moved");
        model.load();
        assertThat(model.offload()).isEqualTo(LeaseMode.CPU_OFFLOAD);
        assertThat(plannable()).isEqualTo(12);
        assertThat(model.status().downgraded()).isFalse();
        assertThat(model.offload()).isEqualTo(LeaseMode.CPU);
        assertThat(plannable()).isEqualTo(15);
        assertThatThrownBy(model::offload)
                .hasMessage("model 'm' runs in mode CPU and has none below: its requirement says no ramBytes for it");
        assertThat(bench.allToys).extracting(toy -> toy.closes).containsExactly(1, 1, 0);
    }

    @Test
    void aModelThatCannotBeMovedStaysWhereItIs() throws InterruptedException {
        bench.probe.with("cuda:0", 16, 16).with("cpu:0", 4, 4);
        bench.open();
        Model<Toy> tooLarge = bench.movable("m", 6, 3, ModelSettings.defaults());
        tooLarge.load();
        assertThat(code(tooLarge::offload)).isEqualTo("NOT_NOW");
        assertThat(bench.toys.get("m").closes).isZero();

        bench.probe.with("cpu:0", 64, 64);
        bench.gpus.refresh();
        bench.failures.put("m", 1);
        assertThat(code(tooLarge::offload)).isEqualTo("MODEL_LOAD");
        assertThat(tooLarge.status().mode()).contains(LeaseMode.GPU);
    }

    // Pressure

    @ParameterizedTest
    @CsvSource({
        "92, true, true, false, 0.105, HIGH, true",
        "96, true, false, false, 0.05, CRITICAL, false",
        "85, true, true, true, 0.035, CRITICAL, false",
        "80, false, false, false, 0.5, ELEVATED, true",
        "79.9, false, false, false, 1.0, NORMAL, true",
        "90, false, false, false, 0.3, HIGH, true",
        "95, false, false, false, 0.1, HIGH, true"
    })
    void theThrottleIsAProduct(
            double cpu, boolean ram, boolean vram, boolean disk, double throttle, Pressure.Level level, boolean works) {
        Pressure pressure = Pressure.of(vram, ram, cpu >= 80, disk, cpu);
        assertThat(pressure.throttle()).isCloseTo(throttle, org.assertj.core.data.Offset.offset(1e-9));
        assertThat(pressure.level()).isEqualTo(level);
        assertThat(pressure.dispatches()).isEqualTo(works);
    }

    @Test
    void pressureEndsFivePointsBelowWhereItBegan() throws InterruptedException {
        bench.probe.with("cuda:0", 100, 15);
        bench.open().pass(0);
        assertThat(bench.models.pressure().vram()).isTrue();
        for (double free : new double[] {18, 20}) {
            bench.probe.with("cuda:0", 100, free);
            bench.pass(15);
            assertThat(bench.models.pressure().vram()).as("%s free", free).isTrue();
        }
        bench.probe.with("cuda:0", 100, 20.1);
        bench.pass(15);
        assertThat(bench.models.pressure().vram()).isFalse();
        bench.probe.with("cuda:0", 100, 15.1);
        bench.pass(15);
        assertThat(bench.models.pressure().vram()).isFalse();
        assertThat(bench.names())
                .containsExactly(
                        "resource.level_changed", "system.pressure", "resource.level_changed", "system.pressure");
    }

    @Test
    void theProcessorsLoadIsAMeanAndTheDiskHasItsOwnLimits() {
        PressureGauge gauge = new PressureGauge(ModelLimits.defaults());
        assertThat(gauge.read(0, MachineLoad.of(90, 0, gib(2))).cpu()).isTrue();
        assertThat(gauge.read(0, MachineLoad.of(90, 0, gib(2) - 1)).disk()).isTrue();
        assertThat(gauge.read(0, MachineLoad.of(60, 0, gib(2.5) - 1)))
                .isEqualTo(new Pressure(false, false, true, true, 0.5 * 0.2));
        assertThat(gauge.read(0, MachineLoad.of(60, 0, gib(2.5))).disk()).isFalse();
        assertThat(gauge.now().cpu()).as("a mean of 70").isFalse();
        assertThat(gauge.read(0, MachineLoad.unknown())).isEqualTo(Pressure.NONE);
    }

    @Test
    void pressureIsToldAgainAfterAMinuteAndNotBefore() throws InterruptedException {
        bench.probe.with("cuda:0", 100, 10);
        bench.open().pass(0);
        bench.pass(59);
        assertThat(bench.names()).containsExactly("resource.level_changed", "system.pressure");
        bench.pass(1);
        assertThat(bench.names()).containsExactly("resource.level_changed", "system.pressure", "system.pressure");
    }

    @Test
    void gpuMemoryIsFreedInOrderAndOnlyAsMuchAsItTakes() throws InterruptedException {
        bench.probe.with("cuda:0", 40, 40).with("cpu:0", 64, 64);
        bench.open();
        Model<Toy> never = bench.model("never", 4);
        Model<Toy> idle = bench.model("idle", 4, ModelSettings.defaults().withIdleTimeout(Duration.ofSeconds(100)));
        Model<Toy> movable = bench.movable("movable", 4, 4, MAY_MOVE);
        Model<Toy> warm = bench.model("warm", 4);
        Model<Toy> busy = bench.model("busy", 4);
        bench.use(idle);
        bench.age(Duration.ofSeconds(60));
        never.load();
        bench.use(movable);
        bench.use(warm);
        try (ModelUse<Toy> use = busy.use()) {
            bench.probe.with("cuda:0", 40, 5.9);
            bench.pass(1);
            assertThat(bench.unloaded()).containsExactly("never");
            assertThat(bench.models.pressure().vram()).isFalse();

            bench.probe.with("cuda:0", 40, 1);
            bench.pass(15);
            assertThat(bench.unloaded()).containsExactly("never", "movable", "movable", "idle");
            assertThat(movable.status().mode()).contains(LeaseMode.CPU);
            assertThat(bench.events)
                    .contains(
                            new ModelEvent.Relieved(Pressure.Kind.VRAM, "movable", true),
                            new ModelEvent.Relieved(Pressure.Kind.VRAM, "idle", false));
            assertThat(warm.phase()).isEqualTo(ModelPhase.LOADED);
            assertThat(busy.phase()).isEqualTo(ModelPhase.LOADED);
        }
    }

    @Test
    void memoryIsFreedFromModelsOnTheProcessorOldestUseFirst() throws InterruptedException {
        open(16);
        ModelSettings onProcessor = ModelSettings.defaults().onProcessor(true);
        Model<Toy> older = bench.model("older", 4, onProcessor);
        Model<Toy> newer = bench.model("newer", 4, onProcessor);
        Model<Toy> onGpu = bench.model("on-gpu", 4);
        bench.use(onGpu);
        bench.use(newer);
        bench.age(Duration.ofSeconds(1));
        bench.use(older);
        bench.age(Duration.ofSeconds(1));
        bench.use(newer);
        bench.machine = MachineLoad.of(10, 90, gib(100));
        bench.models.tick();
        assertThat(bench.unloaded()).containsExactly("older", "newer");
        assertThat(onGpu.phase()).isEqualTo(ModelPhase.LOADED);
    }

    @Test
    void aBusyProcessorEndsWhatIsNotWarm() throws InterruptedException {
        open(16);
        Model<Toy> warm = bench.model("warm", 4);
        Model<Toy> idle = bench.model("idle", 4);
        bench.use(idle);
        bench.age(Duration.ofSeconds(150));
        bench.use(warm);
        bench.machine = MachineLoad.of(80, 10, gib(100));
        bench.models.tick();
        assertThat(bench.unloaded()).containsExactly("idle");
        assertThat(bench.events).contains(new ModelEvent.Unloaded("idle", UnloadReason.CPU_PRESSURE));
    }

    @ParameterizedTest
    @CsvSource({"24, 10, 8, 4.5, 18.8, true", "12, 4, 6, 0.8, 6.7, false"})
    void memoryInUseThatNobodyExplainsIsDrift(
            double total, double free, double leased, double drift, double pct, boolean suspicious)
            throws InterruptedException {
        open(total);
        bench.model("m", leased).load();
        bench.probe.with("cuda:0", total, free);
        bench.models.tick();
        DeviceStatus status = bench.gpus.status().devices().get(0);
        assertThat(status.driftBytes()).isCloseTo(gib(drift), org.assertj.core.data.Offset.offset(2L));
        assertThat(status.driftPct()).isEqualTo(pct);
        assertThat(bench.events.stream().anyMatch(event -> event instanceof ModelEvent.Drift))
                .isEqualTo(suspicious);
    }

    // Settings

    @Test
    void limitsAndTimeoutsCanComeFromTheEnvironment() {
        assertThat(ModelLimits.of(Map.of())).isEqualTo(ModelLimits.defaults());
        assertThat(ModelLimits.of(Map.of("NUNBA_BUNDLED", "1")).interval()).isEqualTo(Duration.ofSeconds(120));
        assertThat(ModelLimits.of(Map.of(
                        "HEVOLVE_LIFECYCLE_INTERVAL", "30",
                        "HEVOLVE_VRAM_PRESSURE_PCT", "70",
                        "HEVOLVE_RAM_PRESSURE_PCT", "71.5",
                        "HEVOLVE_CPU_PRESSURE_PCT", "72",
                        "HEVOLVE_DISK_FREE_MIN_GB", "0.5")))
                .isEqualTo(new ModelLimits(Duration.ofSeconds(30), 70, 71.5, 72, gib(0.5)));
        assertThat(ModelLimits.restarts(Map.of("HEVOLVE_MAX_CRASH_RESTARTS", "7"))
                        .maxRestarts())
                .isEqualTo(7);
        assertThatThrownBy(() -> ModelLimits.of(Map.of("HEVOLVE_VRAM_PRESSURE_PCT", "lots")))
                .hasMessage("HEVOLVE_VRAM_PRESSURE_PCT must be a number, was 'lots'");
        assertThatThrownBy(() -> ModelLimits.of(Map.of("HEVOLVE_RAM_PRESSURE_PCT", "101")))
                .hasMessage("HEVOLVE_RAM_PRESSURE_PCT must be from 6.0 to 100.0, was '101'");
        assertThat(ModelSettings.of("minicpm").idleTimeout()).isEqualTo(Duration.ofSeconds(900));
        assertThat(ModelSettings.of("clip").offloads()).isTrue();
        assertThat(ModelSettings.of("anything")).isEqualTo(ModelSettings.defaults());
        assertThat(ModelSettings.of("tts_audio_suite", Map.of("HEVOLVE_TTS_AUDIO_SUITE_IDLE_TIMEOUT", "42"))
                        .idleTimeout())
                .isEqualTo(Duration.ofSeconds(42));
        assertThatThrownBy(() -> ModelSettings.of("clip", Map.of("HEVOLVE_CLIP_IDLE_TIMEOUT", "0")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    static Stream<Arguments> everyPair() {
        return Stream.of(ModelPhase.values())
                .flatMap(from -> Stream.of(ModelPhase.values()).map(to -> Arguments.of(from, to)));
    }

    @ParameterizedTest
    @MethodSource("everyPair")
    void aModelMovesOnlyAlongTheTable(ModelPhase from, ModelPhase to) {
        if (from.next().contains(to)) {
            assertThat(from.to(to, "m")).isEqualTo(to);
        } else {
            assertThatThrownBy(() -> from.to(to, "m"))
                    .hasMessage("model 'm' is %s and cannot become %s".formatted(from, to));
        }
    }
}
