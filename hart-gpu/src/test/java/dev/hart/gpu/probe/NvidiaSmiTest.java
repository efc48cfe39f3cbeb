package dev.hart.gpu.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.gpu.DeviceMemory;
import java.util.List;
import org.junit.jupiter.api.Test;

class NvidiaSmiTest {

    @Test
    void everyRowIsADeviceAndOneWithoutFreeMemoryHasUnknownMemory() {
        List<NvidiaSmiRow> rows = NvidiaSmi.parse(NvidiaSmi.COLUMNS_OF_OLD_DRIVERS, """
            0, GPU-a, NVIDIA A10, 23028, 22000
            1, GPU-b, NVIDIA A10, 23028, [N/A]
            """);

        assertThat(rows).extracting(NvidiaSmiRow::uuid).containsExactly("GPU-a", "GPU-b");
        assertThat(rows.get(0).memory()).contains(new DeviceMemory(24_146_608_128L, 23_068_672_000L));
        assertThat(rows.get(1).memory()).isEmpty();
    }

    @Test
    void aNameMayHoldCommas() {
        List<NvidiaSmiRow> rows = NvidiaSmi.parse(
                NvidiaSmi.COLUMNS,
                "0, GPU-a, 00000000:18:00.0, 550.90.07, Enabled, 7, 33, Card, 80GB, HBM3, 81559, 81008");

        assertThat(rows).hasSize(1);
        assertThat(rows.get(0).name()).isEqualTo("Card, 80GB, HBM3");
        assertThat(rows.get(0).memory()).contains(new DeviceMemory(81559L << 20, 81008L << 20));
        assertThat(rows.get(0).temperatureCelsius()).hasValue(33);
        assertThat(rows.get(0).migEnabled()).isTrue();
    }

    @Test
    void aLineThatNamesNoGpuIsLeftOutAndTheOthersAreKept() {
        List<NvidiaSmiRow> rows = NvidiaSmi.parse(NvidiaSmi.COLUMNS_OF_OLD_DRIVERS, """
            Unable to determine the device handle for GPU 0000:02:00.0: GPU is lost.  Reboot the system to recover this GPU
            x, GPU-a, NVIDIA A10, 23028, 22000
            1, GPU-b, NVIDIA A10, 23028, 23029
            """);

        assertThat(rows).extracting(NvidiaSmiRow::uuid).containsExactly("GPU-b");
        assertThat(rows.get(0).memory()).as("more free than there is").isEmpty();
    }

    @Test
    void theRowsOfAnH200AreReadAsTheyCame() {
        String idle = "0, GPU-00000000-0000-4000-8000-000000000001, 00000000:00:06.0, 580.159.04, Disabled, 0, 36,"
                + " NVIDIA H200, 143771, 143156\n";
        String busy = "0, GPU-00000000-0000-4000-8000-000000000001, 00000000:00:06.0, 580.159.04, Disabled, 100, 50,"
                + " NVIDIA H200, 143771, 140582\n";

        NvidiaSmiRow before = NvidiaSmi.parse(NvidiaSmi.COLUMNS, idle).get(0);
        assertThat(before.memory()).contains(new DeviceMemory(150_754_820_096L, 150_109_945_856L));
        assertThat(before.pciBusId()).contains("00000000:00:06.0");
        NvidiaSmiRow row = NvidiaSmi.parse(NvidiaSmi.COLUMNS, busy).get(0);
        assertThat(row.utilisationPct()).hasValue(100);
        assertThat(row.memory().orElseThrow().freeBytes()).isEqualTo(140582L << 20);
        assertThat(row.migEnabled()).isFalse();
    }

    @Test
    void whatNvidiaSmiSaysInsteadOfRowsIsNoDevice() {
        for (String output : List.of(
                "No devices were found\n",
                "Field \"no.such.column\" is not a valid field to query.\n\n",
                "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n",
                "")) {
            assertThat(NvidiaSmi.parse(NvidiaSmi.COLUMNS, output)).as(output).isEmpty();
        }
    }
}
