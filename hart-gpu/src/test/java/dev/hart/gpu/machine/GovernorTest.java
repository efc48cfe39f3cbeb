package dev.hart.gpu.machine;

import static dev.hart.gpu.ScriptedProbe.gib;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.KeptJournal;
import dev.hart.gpu.MovedClock;
import dev.hart.gpu.OpenedGpus;
import dev.hart.gpu.ScriptedProbe;
import dev.hart.gpu.ScriptedProcesses;
import dev.hart.gpu.machine.GovernorEvent.ModeChanged;
import dev.hart.gpu.model.MachineLoad;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who the machine belongs to, and what work in the background may take of it. */
@Timeout(30)
class GovernorTest {
    private final MovedClock clock = new MovedClock();
    private final ScriptedProbe probe = new ScriptedProbe().with("cuda:0", 24, 20);
    private MachineLoad machine = quiet();
    private Gpus gpus;
    private Governor governor;

    private static MachineLoad quiet() {
        return MachineLoad.of(10, 50, gib(100));
    }

    @BeforeEach
    void open() throws InterruptedException {
        gpus = OpenedGpus.of(probe, clock, new KeptJournal(), new ScriptedProcesses());
        governor = Governor.configure(gpus)
                .clock(clock)
                .machine(() -> machine)
                .withoutBackgroundThread()
                .open();
    }

    @AfterEach
    void close() {
        governor.close();
        gpus.close();
    }

    private GovernorMode modeOf(MachineLoad load) {
        machine = load;
        governor.tick();
        return governor.mode().orElseThrow();
    }

    @Test
    void untilItIsStartedEverythingIsAllowed() {
        machine = quiet().onBattery(1);
        governor.tick();
        governor.userActive();

        assertThat(governor.mode()).isEmpty();
        assertThat(governor.isRunning()).isFalse();
        assertThat(governor.throttle()).isEqualTo(1);
        assertThat(governor.status().cpuLimit()).isEqualTo(1);
        assertThat(governor.status().caps()).isEqualTo(ResourceCaps.NONE);
        for (GovernedWork work : GovernedWork.values()) {
            assertThat(governor.allows(work)).isTrue();
        }
    }

    @Test
    void aMachineThatHasNotBeenReadYetCountsAsUsed() {
        governor.start();

        assertThat(governor.mode()).contains(GovernorMode.ACTIVE);
        assertThat(governor.allows(GovernedWork.GPU)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "10, 50, 19, SLEEP",
        "10, 50, 19.9, SLEEP",
        "10, 50, 20, IDLE",
        "99, 99, 19, SLEEP",
        "85, 90, , IDLE",
        "85.1, 50, , ACTIVE",
        "10, 90.1, , ACTIVE",
        "10, 50, , IDLE",
        "10, 50, 35, IDLE",
        "86, 50, 35, ACTIVE"
    })
    void theFirstRuleThatHoldsDecides(double cpu, double ram, Double battery, GovernorMode mode) {
        governor.start();
        MachineLoad load = MachineLoad.of(cpu, ram, gib(100));

        assertThat(modeOf(battery == null ? load : load.onBattery(battery))).isEqualTo(mode);
    }

    @Test
    void anEmptyBatteryComesBeforeTheUserAndTheUserBeforeAnIdleMachine() {
        governor.start();
        governor.userActive();

        assertThat(modeOf(quiet().onBattery(19))).isEqualTo(GovernorMode.SLEEP);
        governor.userActive();
        assertThat(governor.mode()).contains(GovernorMode.SLEEP);
        assertThat(modeOf(quiet())).isEqualTo(GovernorMode.ACTIVE);
    }

    @Test
    void aUserIsNoticedAtOnceAndCountsFor120Seconds() {
        governor.start();
        assertThat(modeOf(quiet())).isEqualTo(GovernorMode.IDLE);

        governor.userActive();
        assertThat(governor.mode()).as("without another reading").contains(GovernorMode.ACTIVE);
        clock.advanceSeconds(119.999);
        assertThat(modeOf(quiet())).isEqualTo(GovernorMode.ACTIVE);
        clock.advanceSeconds(0.001);
        assertThat(modeOf(quiet())).isEqualTo(GovernorMode.IDLE);
    }

    @ParameterizedTest
    @CsvSource({"39.9, 0.25, 0.5", "40, 0.5, 1", "35, 0.25, 0.5"})
    void anIdleMachineSavesItsBattery(double battery, double limit, double throttle) {
        governor.start();
        machine = MachineLoad.of(30, 50, gib(100)).onBattery(battery);
        governor.tick();

        assertThat(governor.mode()).contains(GovernorMode.IDLE);
        assertThat(governor.status().cpuLimit()).isEqualTo(limit);
        assertThat(governor.throttle()).isEqualTo(throttle);
    }

    @ParameterizedTest
    @CsvSource({
        "65, 85, 35, 0.15",
        "80, 50, , 0.5",
        "80.1, 50, , 0.2",
        "60, 50, , 0.8",
        "60.1, 50, , 0.5",
        "40, 50, , 1.0",
        "40.1, 50, , 0.8",
        "10, 80, , 1.0",
        "10, 80.1, , 0.6",
        "10, 90, , 0.6"
    })
    void anIdleMachineIsThrottledByWhatIsShort(double cpu, double ram, Double battery, double throttle) {
        governor.start();
        MachineLoad load = MachineLoad.of(cpu, ram, gib(100));

        assertThat(modeOf(battery == null ? load : load.onBattery(battery))).isEqualTo(GovernorMode.IDLE);
        assertThat(governor.throttle()).isEqualTo(throttle, within(1e-9));
    }

    @Test
    void theLastStepsOfTheThrottleHoldInTheFormulaThoughOtherModesComeFirst() {
        assertThat(GovernorRules.throttle(GovernorMode.IDLE, MachineLoad.of(10, 90.1, 0)))
                .isEqualTo(0.3);
        assertThat(GovernorRules.throttle(
                        GovernorMode.IDLE, MachineLoad.of(10, 10, 0).onBattery(19.9)))
                .isZero();
        assertThat(GovernorRules.throttle(
                        GovernorMode.IDLE, MachineLoad.of(10, 10, 0).onBattery(20)))
                .isEqualTo(0.5);
    }

    @Test
    void eachModeAllowsWhatFitsIt() {
        governor.start();

        modeOf(quiet().onBattery(5));
        assertThat(allowed()).isEmpty();
        assertThat(governor.throttle()).isZero();
        assertThat(governor.status().cpuLimit()).isZero();

        governor.userActive();
        modeOf(quiet());
        assertThat(allowed()).containsExactly(GovernedWork.LIGHT);
        assertThat(governor.throttle()).isEqualTo(0.05);
        assertThat(governor.status().cpuLimit()).isEqualTo(0.05);

        clock.advanceSeconds(120);
        modeOf(quiet());
        assertThat(allowed()).containsExactly(GovernedWork.values());
        assertThat(governor.status().cpuLimit()).isEqualTo(0.5);
    }

    private List<GovernedWork> allowed() {
        return List.of(GovernedWork.values()).stream().filter(governor::allows).toList();
    }

    @ParameterizedTest
    @CsvSource({"1.0, true", "0.99, false"})
    void aGpuNeedsAGibibyteThatIsFree(double free, boolean allowed) throws InterruptedException {
        probe.with("cuda:0", 24, free);
        gpus.refresh();
        governor.start();
        modeOf(quiet());

        assertThat(governor.allows(GovernedWork.GPU)).isEqualTo(allowed);
        assertThat(governor.allows(GovernedWork.CPU_HEAVY)).isTrue();
    }

    @Test
    void withoutAGpuThatCanBeUsedNoneIsAllowed() throws InterruptedException {
        probe.without("cuda:0");
        gpus.refresh();
        governor.start();
        modeOf(quiet());

        assertThat(governor.allows(GovernedWork.GPU)).isFalse();
        assertThat(governor.status().vramBudgetBytes()).isZero();
    }

    @Test
    void modesHaveTheirCaps() {
        assertThat(GovernorMode.ACTIVE.caps()).isEqualTo(new ResourceCaps(0.25, 0.5, 0));
        assertThat(GovernorMode.IDLE.caps()).isEqualTo(new ResourceCaps(0.75, 0.75, 0.75));
        assertThat(GovernorMode.SLEEP.caps()).isEqualTo(new ResourceCaps(0.05, 0.25, 0));
    }

    @ParameterizedTest
    @CsvSource({"24, 0.75, 17", "8, 0.75, 5", "2, 0.75, 0.5", "2.1, 0.75, 0.575", "24, 0, 0.5"})
    void theBudgetIsTheCapLessOneAndHalfAGibibyteAtLeast(double total, double share, double budget) {
        assertThat(GovernorRules.vramBudget(gib(total), share)).isCloseTo(gib(budget), within(2L));
    }

    @Test
    void whatIsSpareStaysBelowTheCapsAndLeavesTheBuffers() {
        MachineLoad load = new MachineLoad(
                OptionalDouble.of(30),
                OptionalDouble.of(50),
                OptionalLong.empty(),
                Optional.of(new DeviceMemory(gib(16), gib(8))),
                OptionalDouble.empty());
        List<DeviceMemory> cards = List.of(new DeviceMemory(gib(8), gib(7)), new DeviceMemory(gib(24), gib(3)));

        GovernorStatus.Spare idle = GovernorRules.decide(load, false, cards).spare();
        assertThat(idle.cpu()).isEqualTo(0.45, within(1e-9));
        assertThat(idle.ramBytes()).as("12 by the cap, 8 are in use").isEqualTo(gib(4));
        assertThat(idle.vramBytes()).as("of the freest, 1 is kept").isEqualTo(gib(6));

        GovernorStatus.Spare active = GovernorRules.decide(load, true, cards).spare();
        assertThat(active.cpu()).isZero();
        assertThat(active.ramBytes()).isZero();
        assertThat(active.vramBytes()).isZero();

        MachineLoad small = new MachineLoad(
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalLong.empty(),
                Optional.of(new DeviceMemory(gib(4), gib(3))),
                OptionalDouble.empty());
        assertThat(GovernorRules.decide(small, false, List.of()).spare().ramBytes())
                .as("2 of the 3 are kept")
                .isEqualTo(gib(1));
    }

    @Test
    void listenersAreToldOfEachChangeOfTheMode() throws InterruptedException {
        BlockingQueue<GovernorEvent> told = new LinkedBlockingQueue<>();
        governor.listen(event -> {
            throw new IllegalStateException("a listener that fails");
        });
        governor.listen(told::add);
        governor.start();
        modeOf(quiet());
        modeOf(quiet());
        governor.userActive();
        governor.stop();

        Optional<GovernorMode> active = Optional.of(GovernorMode.ACTIVE);
        Optional<GovernorMode> idle = Optional.of(GovernorMode.IDLE);
        for (ModeChanged expected : List.of(
                new ModeChanged(Optional.empty(), active),
                new ModeChanged(active, idle),
                new ModeChanged(idle, active),
                new ModeChanged(active, Optional.empty()))) {
            assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo(expected);
            assertThat(expected.name()).isEqualTo("resource.mode_changed");
        }
        assertThat(told).isEmpty();
    }

    @Test
    void aMachineThatCannotBeReadLeavesTheModeAsItWas() {
        governor.start();
        modeOf(quiet());
        Governor failing = Governor.configure(gpus)
                .clock(clock)
                .machine(() -> {
                    throw new IllegalStateException("no such file");
                })
                .withoutBackgroundThread()
                .open();
        failing.start();
        failing.tick();

        assertThat(failing.mode()).contains(GovernorMode.ACTIVE);
        failing.close();
    }

    @Test
    void itReadsTheMachineByItselfAndStartingDoesNotWaitForThat() throws InterruptedException {
        CountDownLatch slow = new CountDownLatch(1);
        BlockingQueue<GovernorEvent> told = new LinkedBlockingQueue<>();
        try (Governor own = Governor.configure(gpus)
                .machine(() -> {
                    try {
                        slow.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return quiet();
                })
                .open()) {
            own.listen(told::add);
            own.start();
            own.start();
            assertThat(own.mode()).contains(GovernorMode.ACTIVE);
            slow.countDown();

            assertThat(told.poll(10, TimeUnit.SECONDS)).isNotNull();
            assertThat(told.poll(10, TimeUnit.SECONDS))
                    .isEqualTo(new ModeChanged(Optional.of(GovernorMode.ACTIVE), Optional.of(GovernorMode.IDLE)));
        }
    }

    @Test
    void aClosedOneIsNotStartedAgain() {
        governor.start();
        governor.close();
        governor.close();

        assertThat(governor.mode()).isEmpty();
        assertThatThrownBy(governor::start).isInstanceOf(IllegalStateException.class);
    }
}
