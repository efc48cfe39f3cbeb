package dev.hart.gpu.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.gpu.DeviceMemory;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Against what a real driver gave for an NVIDIA H200. */
class NvmlTest {
    private static final long TOTAL = 150_754_820_096L;

    private static NvmlDevice only(NvmlLibrary library) {
        NvmlSystem system = new Nvml(library).read().toOptional().orElseThrow();
        assertThat(system.devices()).hasSize(1);
        return system.devices().get(0).toOptional().orElseThrow();
    }

    @Test
    void anIdleDeviceSaysWhatItIsAndThatNobodyUsesIt() {
        RecordedNvml library = new RecordedNvml("idle");

        NvmlSystem system = new Nvml(library).read().toOptional().orElseThrow();
        assertThat(system.driverVersion().toOptional()).contains("580.159.04");
        assertThat(system.cudaVersion().toOptional()).contains(13000);
        assertThat(library.called).last().isEqualTo("nvmlShutdown");

        NvmlDevice device = only(library);
        assertThat(device.name().toOptional()).contains("NVIDIA H200");
        assertThat(device.uuid().toOptional()).contains("GPU-00000000-0000-4000-8000-000000000001");
        assertThat(device.pciBusId().toOptional()).contains("00000000:00:06.0");
        assertThat(device.memoryV1().toOptional()).contains(new DeviceMemory(TOTAL, 150_109_880_320L));
        assertThat(device.memoryV2().toOptional())
                .contains(new NvmlDevice.MemoryV2(TOTAL, 644_939_776L, 150_109_880_320L, 0));
        assertThat(device.utilisationPct().toOptional()).contains(0);
        assertThat(device.temperatureCelsius().toOptional()).contains(36);
        assertThat(device.powerMilliwatt().toOptional()).contains(81_720);
        assertThat(device.computeProcesses().toOptional().orElseThrow()).isEmpty();
        assertThat(device.migMode().toOptional()).contains(new NvmlDevice.MigMode(false, false));
    }

    @Test
    void aProcessThatHolds2GibIsSeenWithWhatItsContextTakesBesides() {
        NvmlDevice device = only(new RecordedNvml("held"));

        assertThat(device.memoryV1().toOptional()).contains(new DeviceMemory(TOTAL, 147_409_993_728L));
        assertThat(device.computeProcesses().toOptional().orElseThrow())
                .containsExactly(new NvmlProcess(639, OptionalLong.of(2566L << 20)));
    }

    @Test
    void loadIsSeenAndMemoryIsGivenBackWhenTheProcessHasEnded() {
        NvmlDevice busy = only(new RecordedNvml("busy"));
        NvmlDevice after = only(new RecordedNvml("after"));

        assertThat(busy.utilisationPct().toOptional()).contains(100);
        assertThat(busy.temperatureCelsius().toOptional()).contains(50);
        assertThat(busy.powerMilliwatt().toOptional()).contains(541_951);
        assertThat(after.memoryV1()).isEqualTo(only(new RecordedNvml("idle")).memoryV1());
    }

    @Test
    void aFunctionThatTheDeviceDoesNotSupportIsRefusedWithItsCodeAndTheOthersAreKept() {
        NvmlDevice device = only(new RecordedNvml("idle")
                .refusing("nvmlDeviceGetUtilizationRates", 3)
                .refusing("nvmlDeviceGetMemoryInfo_v2", 13));

        assertThat(device.utilisationPct())
                .isEqualTo(new NvmlAnswer.Refused<Integer>("nvmlDeviceGetUtilizationRates", 3));
        assertThat(device.memoryV2())
                .isEqualTo(new NvmlAnswer.Refused<NvmlDevice.MemoryV2>("nvmlDeviceGetMemoryInfo_v2", 13));
        assertThat(device.memoryV1().toOptional()).isPresent();
    }

    @Test
    void aDriverThatDoesNotStartIsRefusedWithoutFurtherCalls() {
        RecordedNvml library = new RecordedNvml("idle").refusing("nvmlInit_v2", 9);

        assertThat(new Nvml(library).read()).isEqualTo(new NvmlAnswer.Refused<NvmlSystem>("nvmlInit_v2", 9));
        assertThat(library.called).containsExactly("nvmlInit_v2");
    }

    @Test
    void aLostGpuIsRefusedAndCounted() {
        NvmlSystem system = new Nvml(new RecordedNvml("idle").refusing("nvmlDeviceGetHandleByIndex_v2", 15))
                .read()
                .toOptional()
                .orElseThrow();

        assertThat(system.devices())
                .containsExactly(new NvmlAnswer.Refused<NvmlDevice>("nvmlDeviceGetHandleByIndex_v2", 15));
    }
}
