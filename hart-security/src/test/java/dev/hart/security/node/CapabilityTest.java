package dev.hart.security.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.spi.DeviceFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CapabilityTest {
    private static final Figure UNKNOWN = new Figure.Unknown("nobody tells");

    @TempDir
    private Path root;

    private static Figure known(double value) {
        return new Figure.Known(value, "test");
    }

    private static HardwareProfile hardware(double processors, double memory, double disk, double video) {
        return new HardwareProfile(known(processors), known(memory), known(disk), known(video), Instant.EPOCH);
    }

    private static FeatureGates gates(HardwareProfile hardware) {
        return FeatureGates.of(hardware, Map.of());
    }

    @ParameterizedTest
    @CsvSource({
        "16, 32, 100, 12, compute_host, 22",
        "16, 32, 100, 11.9, full, 20",
        "15, 32, 100, 12, full, 20",
        "16, 31.9, 100, 12, full, 20",
        "16, 32, 99.9, 12, full, 20",
        "64, 256, 2000, 0, standard, 13",
        "8, 16, 20, 8, full, 20",
        "8, 16, 19.9, 8, standard, 13",
        "7.5, 16, 20, 8, standard, 13",
        "4, 8, 2, 0, standard, 13",
        "4, 8, 1.9, 0, lite, 7",
        "2, 4, 1, 0, lite, 7",
        "1.5, 4, 1, 0, observer, 5",
        "2, 3.9, 1, 0, observer, 5",
        "1, 2, 0, 0, observer, 5",
        "1, 1.99, 500, 80, embedded, 4",
        "0.5, 4, 1, 0, embedded, 4"
    })
    void aTierNeedsAllFourFigures(
            double processors, double memory, double disk, double video, String tier, int features) {
        FeatureGates gates = gates(hardware(processors, memory, disk, video));

        assertThat(gates.tier().wireName()).isEqualTo(tier);
        assertThat(gates.enabled()).hasSize(features).isEqualTo(gates.tier().features());
        assertThat(gates.disabled()).hasSize(22 - features);
    }

    @Test
    void anUnknownFigureSpeaksAgainstNothingUpToLite() {
        HardwareProfile large = new HardwareProfile(known(64), known(256), UNKNOWN, known(80), Instant.EPOCH);
        HardwareProfile small = new HardwareProfile(known(1), known(256), UNKNOWN, known(80), Instant.EPOCH);

        assertThat(gates(large).tier()).isEqualTo(NodeTierLevel.LITE);
        assertThat(gates(large).why("whisper")).isEqualTo("tier standard is not reached while a figure is unknown");
        assertThat(gates(small).tier()).isEqualTo(NodeTierLevel.OBSERVER);
    }

    @Test
    void aFeatureThatIsOffSaysWhatIsMissing() {
        FeatureGates gates = gates(hardware(4, 8, 2, 0));

        assertThat(gates.isEnabled("whisper")).isTrue();
        assertThat(gates.why("whisper")).isEqualTo("tier standard has it");
        assertThat(gates.isEnabled("local_llm")).isFalse();
        assertThat(gates.why("local_llm"))
                .isEqualTo("tier full needs 8 processors, has 4 (test); needs 16 GB of memory, has 8 (test);"
                        + " needs 20 GB of free disk, has 2 (test); needs 8 GB of video memory, has 0 (test)");
        assertThatThrownBy(() -> gates.isEnabled("flask_server")).isInstanceOf(InvalidConfigurationException.class);
    }

    @Test
    void aForcedTierHoldsWhateverTheHardwareHasAndAnUnknownOneIsAnError() {
        FeatureGates gates = FeatureGates.of(hardware(1, 1, 1, 0), Map.of("HART_FORCE_TIER", " Full "));

        assertThat(gates.tier()).isEqualTo(NodeTierLevel.FULL);
        assertThat(gates.why("regional_host")).contains("above full").contains("HART_FORCE_TIER");
        assertThat(gates.afterProbe(hardware(64, 512, 1000, 80)).tier()).isEqualTo(NodeTierLevel.FULL);
        assertThatThrownBy(() -> FeatureGates.of(hardware(1, 1, 1, 0), Map.of("HART_FORCE_TIER", "huge")))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessage("there is no tier 'huge'; the tiers are embedded, observer, lite, standard, full,"
                        + " compute_host");
    }

    @Test
    void theNameOfATierIsReadInAnyLanguageOfTheMachine() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("tr"));
            assertThat(NodeTierLevel.named("LITE")).isEqualTo(NodeTierLevel.LITE);
            assertThat(NodeTierLevel.LITE.wireName()).isEqualTo("lite");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void whatTheUserChoseWinsOverTheTier() {
        FeatureGates gates = FeatureGates.of(
                hardware(4, 8, 2, 0), Map.of("HART_LOCAL_LLM_ENABLED", "true", "HART_TTS_ENABLED", "FALSE"));

        assertThat(gates.isEnabled("local_llm")).isTrue();
        assertThat(gates.why("local_llm")).isEqualTo("switched on");
        assertThat(gates.isEnabled("tts")).isFalse();
        assertThat(gates.why("tts")).isEqualTo("switched off");
        assertThatThrownBy(() -> FeatureGates.of(hardware(4, 8, 2, 0), Map.of("HART_TTS_ENABLED", "yes")))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessage("HART_TTS_ENABLED must be true or false, was 'yes'");
    }

    @Test
    void aRunningNodeFallsOnlyBelowNinetyPercentAndRisesAtOnce() {
        FeatureGates full = gates(hardware(8, 16, 20, 8));

        assertThat(full.afterProbe(hardware(8, 16, 18, 8)).tier()).isEqualTo(NodeTierLevel.FULL);
        assertThat(full.afterProbe(hardware(8, 16, 17.99, 8)).tier()).isEqualTo(NodeTierLevel.STANDARD);
        assertThat(full.afterProbe(hardware(8, 14.4, 18, 7.2)).tier()).isEqualTo(NodeTierLevel.FULL);
        assertThat(full.afterProbe(hardware(8, 14.39, 18, 7.2)).tier()).isEqualTo(NodeTierLevel.STANDARD);
        assertThat(full.afterProbe(hardware(16, 32, 100, 12)).tier()).isEqualTo(NodeTierLevel.COMPUTE_HOST);
        FeatureGates fallen = full.afterProbe(hardware(8, 16, 17, 8));
        assertThat(fallen.afterProbe(hardware(8, 16, 18, 8)).tier())
                .as("what it held was given up")
                .isEqualTo(NodeTierLevel.STANDARD);
    }

    private CapabilityProbe probe(int processors, List<DeviceFacts> devices) {
        return new CapabilityProbe(
                root.resolve("data/not/there"),
                InstantSource.fixed(Instant.EPOCH),
                new ContainerLimits(root),
                devices,
                processors);
    }

    private void file(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @Test
    void theLimitsOfAContainerOfVersionTwoCountThoseAroundItToo() throws Exception {
        file("proc/meminfo", "MemTotal:       67108864 kB\nMemFree: 1 kB\n");
        file("proc/self/cgroup", "0::/pod/app\n");
        file("sys/fs/cgroup/pod/app/memory.max", "max\n");
        file("sys/fs/cgroup/pod/memory.max", (4L << 30) + "\n");
        file("sys/fs/cgroup/pod/app/cpu.max", "150000 100000\n");
        file("sys/fs/cgroup/pod/cpu.max", "max 100000\n");

        HardwareProfile found = probe(16, List.of()).probe();

        assertThat(found.memoryGb()).isEqualTo(new Figure.Known(4, "limit of the container"));
        assertThat(found.processors()).isEqualTo(new Figure.Known(1.5, "limit of the container"));
        assertThat(found.diskGb()).isInstanceOf(Figure.Known.class);
        assertThat(found.videoMemoryGb()).isEqualTo(new Figure.Known(0, "hart-gpu is not there to look for devices"));
    }

    @Test
    void theLimitsOfAContainerOfVersionOneCount() throws Exception {
        file("proc/meminfo", "MemTotal:       67108864 kB\n");
        file("proc/self/cgroup", "4:memory:/docker/x\n3:cpu,cpuacct:/docker/x\n");
        file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        file("sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes", (8L << 30) + "\n");
        file("sys/fs/cgroup/cpu/docker/x/cpu.cfs_quota_us", "400000\n");
        file("sys/fs/cgroup/cpu/docker/x/cpu.cfs_period_us", "100000\n");
        file("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
        file("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");

        HardwareProfile found = probe(16, List.of()).probe();

        assertThat(found.memoryGb()).isEqualTo(new Figure.Known(8, "limit of the container"));
        assertThat(found.processors()).isEqualTo(new Figure.Known(4, "limit of the container"));
    }

    @Test
    void withoutALimitTheMachineCounts() throws Exception {
        file("proc/meminfo", "MemTotal:       16777216 kB\n");
        file("proc/self/cgroup", "0::/../../escape\n");

        HardwareProfile found = probe(3, List.of()).probe();

        assertThat(found.memoryGb()).isEqualTo(new Figure.Known(16, "/proc/meminfo"));
        assertThat(found.processors()).isEqualTo(new Figure.Known(3, "processors of the Java runtime"));
    }

    @Test
    void aDeviceThatDoesNotTellOrFailsIsUnknownWithItsReason() throws Exception {
        DeviceFacts silent = () -> new DeviceFacts.VideoMemory.Unknown("the driver is silent");
        DeviceFacts broken = () -> {
            throw new IllegalStateException("no driver");
        };
        DeviceFacts twelve = () -> new DeviceFacts.VideoMemory.Known(12L << 30, "1 cuda device");

        assertThat(probe(3, List.of(silent)).probe().videoMemoryGb())
                .isEqualTo(new Figure.Unknown("the driver is silent"));
        assertThat(probe(3, List.of(broken)).probe().videoMemoryGb())
                .isEqualTo(new Figure.Unknown("asking the devices failed: no driver"));
        assertThat(probe(3, List.of(twelve)).probe().videoMemoryGb()).isEqualTo(new Figure.Known(12, "1 cuda device"));
    }

    @Test
    void thisMachineHasATier() throws Exception {
        FeatureGates gates =
                gates(CapabilityProbe.of(root, InstantSource.system()).probe());

        assertThat(gates.hardware().processors()).isInstanceOf(Figure.Known.class);
        assertThat(gates.hardware().memoryGb()).isInstanceOf(Figure.Known.class);
        assertThat(gates.isEnabled("gossip")).isTrue();
    }
}
