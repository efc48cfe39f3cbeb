package dev.hart.gpu;

import static dev.hart.gpu.ScriptedProbe.gib;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** The list of devices over time. */
class DeviceListTest {
    private final MovedClock clock = new MovedClock();
    private final ScriptedProbe probe = new ScriptedProbe().with("cuda:0", 24, 20);

    private Gpus open(DeviceProbe... probes) {
        return Gpus.configure()
                .probes(List.of(probes))
                .clock(clock)
                .withoutBackgroundThread()
                .open();
    }

    @Test
    void theListIsReadOnceAndKeptUntilItIsRefreshed() throws InterruptedException {
        try (Gpus gpus = open(probe)) {
            assertThat(gpus.devices()).extracting(Device::id).containsExactly("cuda:0");
            probe.with("cuda:1", 24, 24);
            assertThat(gpus.devices()).hasSize(1);
            assertThat(probe.readings).isEqualTo(1);

            assertThat(gpus.refresh()).extracting(Device::id).containsExactly("cuda:0", "cuda:1");
            assertThat(gpus.devices()).hasSize(2);
        }
    }

    @Test
    void devicesStandInTheOrderOfKindsAndNumbers() throws InterruptedException {
        try (Gpus gpus = open(
                new ScriptedProbe().with("cpu:0", 32, 30),
                new ScriptedProbe().with("cuda:10", 24, 24).with("cuda:9", 24, 24),
                new ScriptedProbe().with("rocm:0", 16, 16))) {
            assertThat(gpus.devices()).extracting(Device::id).containsExactly("cuda:9", "cuda:10", "rocm:0", "cpu:0");
        }
    }

    @Test
    void aDeviceThatIsListedNoMoreIsLostAndComesBack() throws InterruptedException {
        try (Gpus gpus = open(probe)) {
            gpus.devices();
            probe.without("cuda:0");
            assertThat(gpus.refresh()).extracting(Device::health).containsExactly(DeviceHealth.LOST);

            probe.with("cuda:0", 24, 24);
            assertThat(gpus.refresh()).extracting(Device::health).containsExactly(DeviceHealth.OK);
        }
    }

    @Test
    void aDriverThatDoesNotAnswerDegradesItsDevicesAndLosesThemTheThirdTime() throws InterruptedException {
        try (Gpus gpus = open(probe)) {
            gpus.devices();
            probe.failing("the driver hangs");
            assertThat(gpus.refresh().get(0).health()).isEqualTo(DeviceHealth.DEGRADED);
            assertThat(gpus.refresh().get(0).health()).isEqualTo(DeviceHealth.DEGRADED);
            assertThat(gpus.refresh().get(0).health()).isEqualTo(DeviceHealth.LOST);

            probe.with("cuda:0", 24, 24);
            assertThat(gpus.refresh().get(0).health()).isEqualTo(DeviceHealth.OK);
        }
    }

    @Test
    void whatOneDriverDoesNotAnswerLeavesTheOthersAlone() throws InterruptedException {
        ScriptedProbe broken = new ScriptedProbe().failing("no");
        DeviceProbe throwing = now -> {
            throw new IllegalStateException("a bug");
        };
        try (Gpus gpus = open(broken, throwing, probe)) {
            assertThat(gpus.devices()).extracting(Device::id).containsExactly("cuda:0");
        }
    }

    @Test
    void toOpenWaitsForNoDriver() throws InterruptedException {
        CountDownLatch driver = new CountDownLatch(1);
        DeviceProbe slow = now -> {
            driver.await();
            return probe.read(now);
        };
        try (Gpus gpus = open(slow)) {
            assertThat(gpus.lease("none")).as("works meanwhile").isEmpty();
            driver.countDown();
            assertThat(gpus.devices()).hasSize(1);
        }
    }

    @Test
    void theStatusSaysWhatCanBePlanned() throws InterruptedException {
        try (Gpus gpus = open(probe.with("cuda:1", 24, 10).withUnknownMemory("cuda:2"))) {
            List<DeviceStatus> devices = gpus.status().devices();
            assertThat(devices.get(0).plannableBytes()).isEqualTo(gib(19));
            assertThat(devices.get(1).untrackedBytes()).isEqualTo(gib(14));
            assertThat(devices.get(2).plannableBytes())
                    .as("its memory is unknown")
                    .isZero();
        }
    }

    @Test
    void aReadingThatIsTooOldCountsTheUsualAmountForOthers() throws InterruptedException {
        try (Gpus gpus = open(new ScriptedProbe().with("cuda:0", 24, 24).with("cuda:1", 8, 8))) {
            gpus.devices();
            clock.advance(Duration.ofSeconds(60));
            assertThat(gpus.status().devices().get(0).untrackedBytes()).isZero();

            clock.advance(Duration.ofMillis(1));
            assertThat(gpus.status().devices().get(0).plannableBytes()).isEqualTo(gib(21.5));
            assertThat(gpus.status().devices().get(1).plannableBytes()).isBetween(gib(6.2), gib(6.2) + 1);
        }
    }

    @Test
    void driftIsWhatIsInUseBeyondLeasesAndTheUsualOverhead() throws InterruptedException {
        ScriptedProbe used = new ScriptedProbe().with("cuda:0", 24, 24).with("cuda:1", 12, 12);
        try (Gpus gpus = open(used)) {
            gpus.request("a")
                    .bytes(gib(8))
                    .placement(PlacementRule.SPREAD)
                    .acquire()
                    .activate();
            gpus.request("b").bytes(gib(6)).acquire().activate();
            used.with("cuda:0", 24, 10).with("cuda:1", 12, 4);
            gpus.refresh();
            DeviceStatus first = gpus.status().devices().get(0);
            DeviceStatus second = gpus.status().devices().get(1);
            assertThat(first.driftBytes()).isEqualTo(gib(4.5));
            assertThat(first.driftPct()).isEqualTo(18.8);
            assertThat(first.isDriftSuspicious()).isTrue();
            assertThat(second.driftPct()).isEqualTo(6.7);
            assertThat(second.isDriftSuspicious()).isFalse();
        }
    }
}
