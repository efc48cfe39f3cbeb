package dev.hart.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.spi.DeviceFacts;
import dev.hart.spi.DeviceFacts.VideoMemory;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeviceMemoryFactsTest {
    private static final long GB = 1L << 30;

    private static Device device(DeviceKind kind, int index, long gb) {
        return Device.of(
                kind,
                index,
                kind + "-" + index,
                "a device",
                gb < 0 ? Optional.empty() : Optional.of(new DeviceMemory(gb * GB, gb * GB)),
                Instant.EPOCH);
    }

    @Test
    void theKindWithTheMostMemoryCountsAndTheProcessorDoesNot() {
        assertThat(DeviceMemoryFacts.of(List.of(
                        device(DeviceKind.CUDA, 0, 8),
                        device(DeviceKind.CUDA, 1, 4),
                        device(DeviceKind.ROCM, 0, 11),
                        device(DeviceKind.CPU, 0, 64))))
                .isEqualTo(new VideoMemory.Known(12 * GB, "2 cuda devices"));
        assertThat(DeviceMemoryFacts.of(List.of(device(DeviceKind.CPU, 0, 64))))
                .isEqualTo(new VideoMemory.Known(0, "no GPU found"));
    }

    @Test
    void aDeviceThatIsGoneDoesNotCountAndOneThatDoesNotTellMakesItsKindUnknown() {
        Device lost = device(DeviceKind.CUDA, 0, 8).withHealth(DeviceHealth.LOST);
        Device silent = device(DeviceKind.CUDA, 1, -1);

        assertThat(DeviceMemoryFacts.of(List.of(lost, device(DeviceKind.CUDA, 1, 4))))
                .isEqualTo(new VideoMemory.Known(4 * GB, "1 cuda device"));
        assertThat(DeviceMemoryFacts.of(List.of(silent, device(DeviceKind.CUDA, 2, 4))))
                .isEqualTo(new VideoMemory.Unknown("the driver does not tell the memory of cuda:1"));
        assertThat(DeviceMemoryFacts.of(List.of(silent, device(DeviceKind.ROCM, 0, 2))))
                .isEqualTo(new VideoMemory.Known(2 * GB, "1 rocm device"));
    }

    @Test
    void theTierProbeFindsIt() {
        assertThat(DeviceMemoryFacts.class.getModule().getDescriptor().provides())
                .filteredOn(service -> service.service().equals(DeviceFacts.class.getName()))
                .flatExtracting(service -> service.providers())
                .containsExactly(DeviceMemoryFacts.class.getName());
    }
}
