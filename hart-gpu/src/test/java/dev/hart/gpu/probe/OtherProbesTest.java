package dev.hart.gpu.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.gpu.Device;
import dev.hart.gpu.DeviceHealth;
import dev.hart.gpu.DeviceKind;
import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.DeviceProbe;
import dev.hart.gpu.ProbeReading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** AMD, Apple and the processor. */
class OtherProbesTest {
    private static final Instant NOW = Instant.parse("2026-11-28T06:00:00Z");

    private final ScriptedCommands commands = new ScriptedCommands();

    @TempDir
    Path sys;

    private static List<Device> devices(DeviceProbe probe) throws InterruptedException {
        ProbeReading reading = probe.read(NOW);
        assertThat(reading).isInstanceOf(ProbeReading.Found.class);
        return ((ProbeReading.Found) reading).devices();
    }

    @Test
    void aRowOfRocmSmiIsADevice() throws InterruptedException {
        commands.on(RocmSmi.QUERY, 2, "usage: rocm-smi\n")
                .on(RocmSmi.QUERY_OF_OLD_VERSIONS, 0, "card0,17163091968,1073741824\n");

        Device device = devices(new RocmProbe(commands, sys)).get(0);

        assertThat(device.id()).isEqualTo("rocm:0");
        assertThat(device.memory()).contains(new DeviceMemory(17_163_091_968L, 16_089_350_144L));
        assertThat(device.uuid()).isEqualTo("rocm:0");
        assertThat(device.health()).isEqualTo(DeviceHealth.OK);
    }

    @Test
    void columnsOfRocmSmiAreFoundByTheirNames() throws InterruptedException {
        commands.on(RocmSmi.QUERY, 0, """
            WARNING: AMD GPU device(s) is/are in a low-power state.

            device,Unique ID,GPU use (%),VRAM Total Memory (B),VRAM Total Used Memory (B),PCI Bus,Card Series,Card Vendor
            card0,0x9246aaaabbbbcccc,37,17163091968,692142080,0000:03:00.0,"Navi 21 [RX 6800, 6900]",AMD
            card1,N/A,0,67108864,N/A,0000:0C:00.0,Raphael,AMD
            """);

        List<Device> devices = devices(new RocmProbe(commands, sys));

        assertThat(devices).extracting(Device::id).containsExactly("rocm:0", "rocm:1");
        Device first = devices.get(0);
        assertThat(first.uuid()).isEqualTo("0x9246aaaabbbbcccc");
        assertThat(first.name()).isEqualTo("Navi 21 [RX 6800, 6900]");
        assertThat(first.utilisationPct()).hasValue(37);
        assertThat(first.memory().orElseThrow().usedBytes()).isEqualTo(692_142_080L);
        assertThat(devices.get(1).uuid()).isEqualTo("0000:0C:00.0");
        assertThat(devices.get(1).health()).isEqualTo(DeviceHealth.DEGRADED);
    }

    @Test
    void rocmSmiThatFailsOrHangsIsAFailure() throws InterruptedException {
        commands.on(RocmSmi.QUERY, 1, "ERROR: driver not initialized\n");
        assertThat(new RocmProbe(commands, sys).read(NOW))
                .isEqualTo(new ProbeReading.Failed("rocm-smi ended with 1 and named no device"));

        commands.hanging(RocmSmi.QUERY);
        assertThat(new RocmProbe(commands, sys).read(NOW))
                .isEqualTo(new ProbeReading.Failed("rocm-smi did not end within 5 s"));
    }

    @Test
    void withoutRocmSmiTheKernelsFilesAreRead() throws IOException, InterruptedException {
        Files.createDirectories(sys.resolve("class/kfd"));
        card(
                "card1",
                Map.of(
                        "vendor", "0x1002\n",
                        "mem_info_vram_total", "68702699520\n",
                        "mem_info_vram_used", "10485760\n",
                        "gpu_busy_percent", "12\n",
                        "unique_id", "7f2a000011112222\n",
                        "product_name", "AMD Instinct MI210\n",
                        "uevent", "DRIVER=amdgpu\nPCI_SLOT_NAME=0000:43:00.0\n"));
        card(
                "card0",
                Map.of(
                        "vendor", "0x1002\n",
                        "mem_info_vram_total", "17163091968\n",
                        "uevent", "DRIVER=amdgpu\nPCI_SLOT_NAME=0000:83:00.0\n"));
        card("card2", Map.of("vendor", "0x8086\n"));
        card("card1-HDMI-A-1", Map.of("vendor", "0x1002\n", "mem_info_vram_total", "1\n"));

        List<Device> devices = devices(new RocmProbe(commands, sys));

        assertThat(devices).extracting(Device::id).containsExactly("rocm:0", "rocm:1");
        assertThat(devices).extracting(Device::uuid).containsExactly("0x7f2a000011112222", "0000:83:00.0");
        assertThat(devices.get(0).memory()).contains(new DeviceMemory(68_702_699_520L, 68_692_213_760L));
        assertThat(devices.get(0).utilisationPct()).hasValue(12);
        assertThat(devices.get(1).health()).as("used memory is not told").isEqualTo(DeviceHealth.DEGRADED);
    }

    @Test
    void cardsThatNothingCanComputeOnAreNoDevices() throws IOException, InterruptedException {
        card("card0", Map.of("vendor", "0x1002\n", "mem_info_vram_total", "17163091968\n"));

        assertThat(devices(new RocmProbe(commands, sys))).as("no class/kfd").isEmpty();
        assertThat(devices(new RocmProbe(commands, sys.resolve("nowhere")))).isEmpty();
    }

    private void card(String name, Map<String, String> files) throws IOException {
        Path device =
                Files.createDirectories(sys.resolve("class/drm").resolve(name).resolve("device"));
        for (Map.Entry<String, String> file : files.entrySet()) {
            Files.writeString(device.resolve(file.getKey()), file.getValue());
        }
    }

    @Test
    void applesDeviceHasThreeQuartersOfTheMachinesMemory() throws InterruptedException {
        commands.on(MetalProbe.QUERY, 0, """
            {"SPDisplaysDataType": [
              {"_name": "Apple M2", "sppci_model": "Apple M2", "spdisplays_vendor": "sppci_vendor_Apple",
               "spdisplays_mtlgpufamilysupport": "spdisplays_metal3"},
              {"_name": "Radeon Pro 560", "sppci_model": "Radeon Pro 560", "spdisplays_vram": "4 GB",
               "spdisplays_metal": "spdisplays_supported"},
              {"_name": "GeForce 9400M", "sppci_model": "GeForce 9400M", "spdisplays_metal": "spdisplays_notsupported"}
            ]}\
            """);

        List<Device> devices =
                devices(new MetalProbe(commands, () -> Optional.of(new DeviceMemory(16L << 30, 8L << 30))));

        assertThat(devices).extracting(Device::id).containsExactly("metal:0", "metal:1");
        assertThat(devices.get(0).memory()).contains(new DeviceMemory(12L << 30, 6L << 30));
        assertThat(devices.get(0).name()).isEqualTo("Apple M2");
        assertThat(devices.get(1).health()).isEqualTo(DeviceHealth.DEGRADED);
    }

    @Test
    void aSystemProfilerWithoutJsonIsAFailureAndNoneIsNoDevice() throws InterruptedException {
        MetalProbe probe = new MetalProbe(commands, Optional::empty);
        assertThat(devices(probe)).isEmpty();

        commands.on(MetalProbe.QUERY, 0, "Graphics/Displays:\n");
        assertThat(probe.read(NOW)).isInstanceOf(ProbeReading.Failed.class);
    }

    @Test
    void theProcessorIsADeviceWithTheMachinesMemory() throws InterruptedException {
        Device device = devices(new CpuProbe(new HostFacts())).get(0);

        assertThat(device.id()).isEqualTo("cpu:0");
        assertThat(device.kind()).isEqualTo(DeviceKind.CPU);
        assertThat(device.name()).isNotBlank();
        assertThat(device.memory().orElseThrow().totalBytes()).isGreaterThan(1L << 28);
    }

    @Test
    void theProbesOfThisMachineNeverFailWhateverIsInstalled() throws InterruptedException {
        for (DeviceProbe probe : SystemProbes.all()) {
            assertThat(probe.read(NOW)).isNotNull();
        }
        assertThat(SystemProbes.graphicsCards()).isNotNull();
    }
}
