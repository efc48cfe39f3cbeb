package dev.hart.gpu.machine;

import static dev.hart.gpu.ScriptedProbe.gib;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.KeptJournal;
import dev.hart.gpu.ModelRequirement;
import dev.hart.gpu.MovedClock;
import dev.hart.gpu.OpenedGpus;
import dev.hart.gpu.ScriptedProbe;
import dev.hart.gpu.ScriptedProcesses;
import dev.hart.gpu.machine.Advice.Outcome;
import dev.hart.gpu.model.MachineLoad;
import dev.hart.gpu.model.Model;
import dev.hart.gpu.model.ModelPhase;
import dev.hart.gpu.model.ModelSettings;
import dev.hart.gpu.model.Models;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How the machine is, and what would relieve it. */
@Timeout(30)
class SystemHealthTest {
    private final MovedClock clock = new MovedClock();
    private final ScriptedProbe probe = new ScriptedProbe().with("cuda:0", 24, 20);
    private double cpu = 10;
    private double ram = 10;
    private double swap = 10;
    private double disk = 10;
    private Gpus gpus;
    private Models models;
    private SystemHealth health;

    @BeforeEach
    void open() throws InterruptedException {
        gpus = OpenedGpus.of(probe, clock, new KeptJournal(), new ScriptedProcesses());
        models = Models.configure(gpus)
                .clock(clock)
                .machine(MachineLoad::unknown)
                .withoutBackgroundThread()
                .open();
        health = configure().open();
    }

    private SystemHealth.Builder configure() {
        return SystemHealth.configure(gpus, models).clock(clock).machine(this::snapshot);
    }

    @AfterEach
    void close() {
        health.close();
        models.close();
        gpus.close();
    }

    private SystemSnapshot snapshot() {
        return new SystemSnapshot(
                clock.instant(),
                OptionalDouble.of(cpu),
                Optional.of(used(ram)),
                Optional.of(used(swap)),
                Optional.of(used(disk)),
                Traffic.NONE,
                Traffic.NONE,
                List.of(),
                Optional.empty());
    }

    private static DeviceMemory used(double percent) {
        return new DeviceMemory(100_000, Math.round(100_000 - 1_000 * percent));
    }

    private HealthReport lookAt(double cpuPct, double ramPct, double swapPct, double diskPct) {
        cpu = cpuPct;
        ram = ramPct;
        swap = swapPct;
        disk = diskPct;
        return health.look();
    }

    // Score

    @ParameterizedTest
    @CsvSource({"45, 72, 10, 55, 0.519", "50, 50, 50, 50, 0.500", "0, 0, 0, 0, 1.000", "100, 100, 100, 100, 0.000"})
    void theScoreWeighsWhatIsFree(double cpuPct, double ramPct, double swapPct, double diskPct, String score) {
        assertThat(lookAt(cpuPct, ramPct, swapPct, diskPct).score()).hasToString(score);
        assertThat(health.score()).hasToString(score);
    }

    @Test
    void withoutDataTheScoreIsOne() {
        assertThat(health.score()).hasToString("1.000");
        SystemSnapshot nothing = new SystemSnapshot(
                clock.instant(),
                OptionalDouble.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Traffic.NONE,
                Traffic.NONE,
                List.of(),
                Optional.empty());
        SystemHealth blind = configure().machine(() -> nothing).open();

        assertThat(blind.look().score()).hasToString("1.000");
        assertThat(blind.look().advice()).isEmpty();
    }

    // What runs short

    @ParameterizedTest
    @CsvSource({
        "CPU, 80, BEGIN_LESS_WORK",
        "RAM, 85, UNLOAD_IDLE_MODELS",
        "SWAP, 50, FREE_SWAP",
        "DISK, 90, FREE_DISK",
    })
    void adviceBeginsStrictlyAboveALimit(Resource resource, double limit, Optimization optimization) {
        assertThat(only(resource, limit).advice()).isEmpty();
        assertThat(health.history()).isEmpty();

        HealthReport above = only(resource, limit + 0.1);

        assertThat(above.advice()).singleElement().satisfies(advice -> {
            assertThat(advice.resource()).isEqualTo(resource);
            assertThat(advice.percent()).isEqualTo(limit + 0.1);
            assertThat(advice.limit()).isEqualTo(limit);
            assertThat(advice.optimization()).isEqualTo(optimization);
            assertThat(advice.outcome()).isEqualTo(Outcome.ADVISED);
        });
        assertThat(health.history()).isEqualTo(above.advice());
    }

    private HealthReport only(Resource resource, double percent) {
        return lookAt(
                resource == Resource.CPU ? percent : 0,
                resource == Resource.RAM ? percent : 0,
                resource == Resource.SWAP ? percent : 0,
                resource == Resource.DISK ? percent : 0);
    }

    @ParameterizedTest
    @CsvSource({"CPU, 120", "RAM, 300", "SWAP, 600", "DISK, 600"})
    void whatWasAdvisedIsAdvisedAgainAfterItsCoolDown(Resource resource, long seconds) {
        only(resource, 99);
        clock.advanceSeconds(seconds - 0.001);

        assertThat(only(resource, 99).advice())
                .singleElement()
                .satisfies(advice -> assertThat(advice.outcome()).isEqualTo(Outcome.REPEATED));
        assertThat(health.history()).hasSize(1);

        clock.advanceSeconds(0.001);
        assertThat(only(resource, 99).advice())
                .singleElement()
                .satisfies(advice -> assertThat(advice.outcome()).isEqualTo(Outcome.ADVISED));
        assertThat(health.history()).hasSize(2);
    }

    @Test
    void limitsComeFromTheEnvironmentWhenAskedFor() {
        assertThat(HealthLimits.of(Map.of())).isEqualTo(HealthLimits.defaults());
        HealthLimits limits = HealthLimits.of(Map.of(
                "OPTIMIZER_CPU_HIGH",
                "70",
                "OPTIMIZER_RAM_HIGH",
                "71.5",
                "OPTIMIZER_SWAP_HIGH",
                "0",
                "OPTIMIZER_DISK_HIGH",
                "100"));
        assertThat(limits).isEqualTo(new HealthLimits(Duration.ofSeconds(15), 70, 71.5, 0, 100));
        assertThatThrownBy(() -> HealthLimits.of(Map.of("OPTIMIZER_CPU_HIGH", "101")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("OPTIMIZER_CPU_HIGH");
        assertThatThrownBy(() -> HealthLimits.of(Map.of("OPTIMIZER_DISK_HIGH", "much")))
                .hasMessageContaining("OPTIMIZER_DISK_HIGH")
                .hasMessageContaining("much");
        assertThatThrownBy(() -> new HealthLimits(Duration.ofMillis(999), 1, 1, 1, 1))
                .hasMessageContaining("interval");
        assertThatThrownBy(() -> new HealthLimits(Duration.ofSeconds(1), 1, 1, Double.NaN, 1))
                .hasMessageContaining("swapPct");

        health = configure().limits(limits).open();
        assertThat(lookAt(70.1, 0, 0, 99).advice()).hasSize(1);
    }

    // What is done

    private Model<AutoCloseable> model(String id) throws InterruptedException {
        Model<AutoCloseable> model = models.register(
                id, ModelRequirement.ofBytes(id, gib(1)), ModelSettings.defaults(), (mode, lease) -> () -> {});
        model.use().close();
        return model;
    }

    @Test
    void itOnlyAdvisesUnlessItWasAskedToDoIt() throws InterruptedException {
        Model<AutoCloseable> idle = model("idle");
        clock.advanceSeconds(200);

        Advice advice = lookAt(0, 86, 0, 0).advice().get(0);

        assertThat(advice.outcome()).isEqualTo(Outcome.ADVISED);
        assertThat(idle.phase()).isEqualTo(ModelPhase.LOADED);
        assertThat(health.applications()).isZero();
        assertThat(health.applied()).isEmpty();
    }

    @Test
    void askedToItUnloadsModelsThatNobodyUses() throws InterruptedException {
        health = configure().apply(Optimization.UNLOAD_IDLE_MODELS).open();
        BlockingQueue<HealthEvent> told = new LinkedBlockingQueue<>();
        health.listen(told::add);
        Model<AutoCloseable> idle = model("idle");
        clock.advanceSeconds(150); // half of its idle timeout
        Model<AutoCloseable> fresh = model("fresh");

        HealthReport report = lookAt(0, 86, 0, 0);

        Advice advice = report.advice().get(0);
        assertThat(advice.outcome()).isEqualTo(Outcome.APPLIED);
        assertThat(advice.detail()).isEqualTo("unloaded idle");
        assertThat(idle.phase()).isEqualTo(ModelPhase.UNLOADED);
        assertThat(fresh.phase()).isEqualTo(ModelPhase.LOADED);
        assertThat(health.applications()).isEqualTo(1);
        HealthEvent applied = told.poll(10, TimeUnit.SECONDS);
        assertThat(applied).isEqualTo(new HealthEvent.OptimizationApplied(advice));
        assertThat(applied.name()).isEqualTo("system.optimization.applied");
        HealthEvent looked = told.poll(10, TimeUnit.SECONDS);
        assertThat(looked).isEqualTo(new HealthEvent.Looked(report));
        assertThat(looked.name()).isEqualTo("system.health.snapshot");
    }

    @Test
    void withNothingToUnloadItSaysSo() {
        health = configure().apply(Optimization.UNLOAD_IDLE_MODELS).open();

        Advice advice = lookAt(0, 86, 0, 0).advice().get(0);

        assertThat(advice.outcome()).isEqualTo(Outcome.ADVISED);
        assertThat(advice.detail()).isEqualTo("no model is idle");
        assertThat(health.applications()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"BEGIN_LESS_WORK", "FREE_SWAP", "FREE_DISK"})
    void whatHartCannotDoIsNotPromised(Optimization optimization) {
        assertThatThrownBy(() -> configure().apply(optimization))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(optimization.name())
                .hasMessageContaining("UNLOAD_IDLE_MODELS");
    }

    // What is kept

    @Test
    void theLast60SnapshotsAreKept() {
        for (int i = 0; i < SystemHealth.SNAPSHOTS_KEPT + 1; i++) {
            lookAt(i, 0, 0, 0);
        }
        assertThat(health.snapshots()).hasSize(60);
        assertThat(health.snapshots().get(0).cpuPct()).hasValue(1);
        assertThat(health.snapshots().get(59).cpuPct()).hasValue(60);
    }

    @Test
    void theLast200PiecesOfAdviceAreKept() {
        for (int i = 0; i < SystemHealth.ADVICE_KEPT + 1; i++) {
            only(Resource.CPU, 90);
            clock.advanceSeconds(120);
        }
        assertThat(health.history()).hasSize(200);
    }

    @Test
    void aReportIsMadeAnewWhenTheNewestIsOlderThanTheInterval() {
        HealthReport first = health.report();
        clock.advanceSeconds(14.999);
        assertThat(health.report()).isSameAs(first);
        clock.advanceSeconds(0.001);
        assertThat(health.report()).isNotSameAs(first);
        assertThat(health.snapshots()).hasSize(2);
    }

    // The real machine

    @Test
    void thisMachineIsReadWithoutCommandLines(@TempDir Path folder) throws InterruptedException {
        try (SystemHealth real =
                SystemHealth.configure(gpus, models).storage(folder).open()) {
            BlockingQueue<HealthEvent> told = new LinkedBlockingQueue<>();
            real.listen(told::add);
            real.start();
            real.start();
            HealthEvent event = told.poll(20, TimeUnit.SECONDS);
            assertThat(event).isInstanceOf(HealthEvent.Looked.class);
            real.stop();

            SystemSnapshot snapshot = ((HealthEvent.Looked) event).report().snapshot();
            assertThat(snapshot.ram()).isPresent();
            assertThat(snapshot.disk()).isPresent();
            assertThat(snapshot.gpu()).contains(new DeviceMemory(gib(24), gib(20)));
            assertThat(snapshot.processes()).hasSizeBetween(1, SystemSnapshot.MOST_PROCESSES);
            assertThat(snapshot.processes()).isSortedAccordingTo((a, b) -> Long.compare(b.bytes(), a.bytes()));
            assertThat(snapshot.processes())
                    .allSatisfy(process -> assertThat(process.name()).hasSizeLessThanOrEqualTo(64));
            assertThat(real.look().snapshot().cpuPct())
                    .as("from the second look on")
                    .isPresent();
            real.close();
            assertThatThrownBy(real::start).isInstanceOf(IllegalStateException.class);
        }
    }
}
