package dev.hart.gpu.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.gpu.Device;
import dev.hart.gpu.DeviceHealth;
import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.ProbeReading;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NvidiaProbeTest {
    private static final Instant NOW = Instant.parse("2026-11-28T06:00:00Z");
    private static final List<String> QUERY = NvidiaSmi.queryGpus(NvidiaSmi.COLUMNS);
    private static final List<String> OLD_QUERY = NvidiaSmi.queryGpus(NvidiaSmi.COLUMNS_OF_OLD_DRIVERS);
    private static final Supplier<NvmlLibrary> NO_LIBRARY = () -> {
        throw new UnsatisfiedLinkError("libnvidia-ml.so.1: cannot open shared object file");
    };

    private final ScriptedCommands commands = new ScriptedCommands();

    private ProbeReading read(Supplier<NvmlLibrary> library) throws InterruptedException {
        return new NvidiaProbe(library, commands, null).read(NOW);
    }

    private static List<Device> devices(ProbeReading reading) {
        assertThat(reading).isInstanceOf(ProbeReading.Found.class);
        return ((ProbeReading.Found) reading).devices();
    }

    @Test
    void nvmlIsAskedFirstAndIsEnough() throws InterruptedException {
        Device device = devices(read(() -> new RecordedNvml("busy"))).get(0);

        assertThat(device.id()).isEqualTo("cuda:0");
        assertThat(device.uuid()).isEqualTo("GPU-00000000-0000-4000-8000-000000000001");
        assertThat(device.name()).isEqualTo("NVIDIA H200");
        assertThat(device.memory()).contains(new DeviceMemory(150_754_820_096L, 147_409_993_728L));
        assertThat(device.utilisationPct()).hasValue(100);
        assertThat(device.driverVersion()).contains("580.159.04");
        assertThat(device.health()).isEqualTo(DeviceHealth.OK);
        assertThat(device.observedAt()).isEqualTo(NOW);
        assertThat(commands.called).isEmpty();
    }

    @Test
    void aDeviceWhoseMemoryTheDriverCannotTellIsDegraded() throws InterruptedException {
        Device device = devices(read(() -> new RecordedNvml("idle").refusing("nvmlDeviceGetMemoryInfo", 3)))
                .get(0);

        assertThat(device.health()).isEqualTo(DeviceHealth.DEGRADED);
        assertThat(device.memory()).isEmpty();
    }

    @Test
    void aMachineWithoutAnyDriverHasNoDevicesAndThatIsNoFailure() throws InterruptedException {
        assertThat(read(NO_LIBRARY)).isEqualTo(ProbeReading.Found.nothing());
    }

    @Test
    void theCommandIsAskedWhereTheLibraryIsNotThere() throws InterruptedException {
        commands.on(QUERY, 2, "Field \"mig.mode.current\" is not a valid field to query.\n")
                .on(OLD_QUERY, 0, """
                    0, GPU-a, NVIDIA A10, 23028, 22000
                    1, GPU-b, NVIDIA A10, 23028, [N/A]
                    """);

        List<Device> devices = devices(read(NO_LIBRARY));

        assertThat(devices).extracting(Device::id).containsExactly("cuda:0", "cuda:1");
        assertThat(devices.get(0).memory()).contains(new DeviceMemory(24_146_608_128L, 23_068_672_000L));
        assertThat(devices.get(1).health()).isEqualTo(DeviceHealth.DEGRADED);
        assertThat(devices.get(1).memory()).isEmpty();
    }

    @Test
    void theCommandIsAskedWhereTheDriverRefusesTheLibrary() throws InterruptedException {
        commands.on(QUERY, 9, "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n");

        ProbeReading reading = read(() -> new RecordedNvml("idle").refusing("nvmlInit_v2", 18));

        assertThat(reading)
                .isEqualTo(
                        new ProbeReading.Failed("NVML refused: Refused[function=nvmlInit_v2, code=18], and nvidia-smi"
                                + " ended with 9 and said: NVIDIA-SMI has failed because it couldn't communicate with the"
                                + " NVIDIA driver."));
    }

    @Test
    void aCommandThatHangsIsAFailure() throws InterruptedException {
        commands.hanging(QUERY);

        assertThat(read(NO_LIBRARY))
                .isEqualTo(new ProbeReading.Failed("NVML is not there, and nvidia-smi did not end within 5 s"));
    }

    @Test
    void garbageIsAFailureAndNoDevicesAreNone() throws InterruptedException {
        commands.on(QUERY, 0, "<html>not found</html>\n");
        assertThat(read(NO_LIBRARY)).isInstanceOf(ProbeReading.Failed.class);

        commands.on(QUERY, 6, "No devices were found\n");
        assertThat(devices(read(NO_LIBRARY))).isEmpty();
    }

    @Test
    void aLostGpuIsLeftOutWithAWarning() throws InterruptedException {
        ProbeReading reading = read(() -> new RecordedNvml("idle").refusing("nvmlDeviceGetHandleByIndex_v2", 15));

        assertThat(devices(reading)).isEmpty();
        assertThat(((ProbeReading.Found) reading).warnings())
                .singleElement()
                .asString()
                .contains("code=15");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "unset",
            value = {
                "unset, cuda:0 cuda:1 cuda:2",
                "'', ''",
                "-1, ''",
                "1, cuda:1",
                "'2,0', cuda:0 cuda:2",
                "'GPU-b', cuda:1",
                "'0,7,1', cuda:0",
                "NoDevFiles, ''"
            })
    void onlyVisibleDevicesAreThere(String variable, String ids) throws InterruptedException {
        commands.on(QUERY, 2, "").on(OLD_QUERY, 0, """
            0, GPU-a, NVIDIA A10, 23028, 22000
            1, GPU-b, NVIDIA A10, 23028, 22000
            2, GPU-c, NVIDIA A10, 23028, 22000
            """);

        List<Device> devices = devices(new NvidiaProbe(NO_LIBRARY, commands, variable).read(NOW));

        assertThat(String.join(" ", devices.stream().map(Device::id).toList())).isEqualTo(ids);
    }
}
