package dev.hart.gpu.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.gpu.model.MachineLoad;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The real machine, whatever it is. */
class HostFactsTest {
    @ParameterizedTest
    @CsvSource({
        "BAT0, true",
        "CMB1, true",
        "System Battery, true",
        "macsmc-battery, true",
        "hidpp_battery_0, false",
        "HID-aa:bb-battery, false",
        "ps-controller-battery-1, false",
        "wacom_battery_0, false"
    })
    void theBatteryOfAMouseIsNotTheMachines(String name, boolean ofTheMachine) {
        assertThat(HostFacts.isOfTheMachine(name)).isEqualTo(ofTheMachine);
    }

    @Test
    void whatIsReadIsPossible(@TempDir Path folder) {
        HostFacts host = new HostFacts();

        assertThat(host.disk(folder)).isPresent();
        assertThat(host.disk(folder.resolve("none"))).isEmpty();
        assertThat(host.disks().in()).isNotNegative();
        assertThat(host.networks().out()).isNotNegative();
        assertThat(host.largestProcesses(3)).hasSizeBetween(1, 3);
        host.batteryPct().ifPresent(percent -> assertThat(percent).isBetween(0.0, 100.0));
        MachineLoad load = SystemProbes.machineLoad(folder).get();
        assertThat(load.memory()).isPresent();
        assertThat(load.ramPct().orElseThrow()).isBetween(0.0, 100.0);
    }
}
