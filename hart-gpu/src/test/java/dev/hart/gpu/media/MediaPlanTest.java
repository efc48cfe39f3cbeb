package dev.hart.gpu.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.MediaException;
import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.ScriptedProbe;
import dev.hart.gpu.catalogue.MachineTier;
import dev.hart.gpu.catalogue.ModelType;
import dev.hart.gpu.catalogue.VideoPlan;
import dev.hart.gpu.sidecar.SidecarSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which tool makes it, and what it is asked for; no tool is started. */
class MediaPlanTest {
    @TempDir
    Path folder;

    private static final SidecarSpec NO_PROGRAM = SidecarSpec.known("ltx2", List.of("/does/not/exist"));

    private static SidecarSpec spec(String tool) {
        return SidecarSpec.known(tool, List.of("/does/not/exist"));
    }

    private static void bindVideo(MediaAgent agent) {
        agent.bind(MediaService.ltx2(NO_PROGRAM));
        agent.bind(MediaService.wan2gp(spec("wan2gp")));
    }

    private static void assertRefused(ThrowingCallable call, String code, String... words) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        MediaException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContainingAll(words);
    }

    // Case 27; GPUs keep 1 GiB, the machine 2 GiB, to themselves
    @ParameterizedTest
    @CsvSource({"3.5, 18, ltx2, CPU_OFFLOAD, 228", "13, 18, wan2gp, GPU, 338"})
    void theToolThatFitsBestIsTaken(double gpu, double ram, String tool, LeaseMode mode, double score)
            throws Exception {
        ScriptedProbe probe = new ScriptedProbe().with("cuda:0", gpu, gpu).with("cpu:0", ram, ram);
        try (MediaBench bench = new MediaBench(folder, probe);
                MediaAgent agent = bench.agent()) {
            bindVideo(agent);
            MediaPreview preview = agent.preview(MediaTask.video("a cat"));
            assertThat(preview.service().tool()).isEqualTo(tool);
            assertThat(preview.mode()).isEqualTo(mode);
            assertThat(preview.score()).isEqualTo(score);
            assertThat(preview.changes()).isEmpty();
        }
    }

    @Test
    void whereNoToolFitsTheRefusalSaysWhyOfEach() throws Exception {
        ScriptedProbe probe = new ScriptedProbe().with("cuda:0", 2, 2).with("cpu:0", 6, 6);
        try (MediaBench bench = new MediaBench(folder, probe);
                MediaAgent agent = bench.agent()) {
            bindVideo(agent);
            assertRefused(
                    () -> agent.make(MediaTask.video("a cat")),
                    "NO_TOOL_FITS",
                    "no tool that makes video fits this machine now: ",
                    "'ltx2' (video_gen-ltx2): it needs 6.00 GiB of one GPU (1.00 GiB can be had) or 8.00 GiB of memory (4.00 GiB can be had)",
                    "'wan2gp' (video_gen-wan2gp): ");
            assertThat(bench.journal.kinds).isEmpty();
            assertThat(folder.resolve("made")).doesNotExist();
        }
    }

    @Test
    void theTierOfTheMachineCounts() throws Exception {
        ScriptedProbe probe = new ScriptedProbe().with("cuda:0", 13, 13).with("cpu:0", 18, 18);
        try (MediaBench bench = new MediaBench(folder, probe);
                MediaAgent agent = bench.agent(builder -> builder.tier(MachineTier.STANDARD))) {
            bindVideo(agent);
            assertThat(agent.preview(MediaTask.video("a cat")).service().tool())
                    .as("wan2gp needs the tier full")
                    .isEqualTo("ltx2");
        }
    }

    @Test
    void aKindThatNoToolIsBoundForIsRefused() throws Exception {
        ScriptedProbe probe = new ScriptedProbe().with("cuda:0", 24, 24).with("cpu:0", 18, 18);
        try (MediaBench bench = new MediaBench(folder, probe);
                MediaAgent agent = bench.agent()) {
            assertRefused(
                    () -> agent.make(MediaTask.video("a cat")),
                    "TOOL_NOT_SET_UP",
                    "no tool that makes video is set up: bind one, such as for video_gen-wan2gp, video_gen-ltx2");
            bindVideo(agent);
            assertRefused(
                    () -> agent.make(MediaTask.of(MediaKind.IMAGE, "a cat")),
                    "TOOL_NOT_SET_UP",
                    "no tool that makes images is set up: bind one");
            agent.unbind("video_gen-wan2gp");
            assertThat(agent.preview(MediaTask.video("a cat")).service().tool()).isEqualTo("ltx2");
            agent.unbind("video_gen-wan2gp");
            assertThat(agent.services()).extracting(MediaService::tool).containsExactly("ltx2");
        }
    }

    @Test
    void speechGoesByItsLanguage() throws Exception {
        ScriptedProbe probe = new ScriptedProbe().with("cuda:0", 24, 24).with("cpu:0", 18, 18);
        try (MediaBench bench = new MediaBench(folder, probe);
                MediaAgent agent = bench.agent()) {
            agent.bind(MediaService.speech("tts-pocket-tts", "pocket", spec("english")));
            agent.bind(MediaService.speech("tts-indic-parler", "parler", spec("indic")));
            assertThat(agent.preview(MediaTask.speech("hello").language("en"))
                            .service()
                            .tool())
                    .isEqualTo("english");
            assertThat(agent.preview(MediaTask.speech("namaste").language("hi-in"))
                            .service()
                            .tool())
                    .isEqualTo("indic");
        }
    }

    @Test
    void aToolWithoutItsEntryOrWithThatOfAnotherIsNotBound() throws Exception {
        ScriptedProbe probe = new ScriptedProbe().with("cpu:0", 18, 18);
        try (MediaBench bench = new MediaBench(folder, probe);
                MediaAgent agent = bench.agent()) {
            assertThatThrownBy(() -> agent.bind(MediaService.speech("video_gen-ltx2", "x", NO_PROGRAM)))
                    .hasMessage("model 'video_gen-ltx2' is a video_gen; a tool of protocol TTS_SUITE is a tts");
            assertThatThrownBy(() -> agent.bind(MediaService.speech("tts-none", "x", NO_PROGRAM)))
                    .hasMessage("the catalogue has no model 'tts-none': register it first");
            assertThatThrownBy(() -> agent.bind(MediaService.speech("tts-makeittalk", "x", NO_PROGRAM)))
                    .hasMessage("the entry of model 'tts-makeittalk' says no memory that it takes");
            agent.bind(MediaService.ltx2(NO_PROGRAM));
            assertThatThrownBy(() -> agent.bind(MediaService.wan2gp(NO_PROGRAM)))
                    .hasMessage("tool 'ltx2' is bound to model 'video_gen-ltx2' already: unbind that first");
            assertThatThrownBy(() -> agent.bind(MediaService.ltx2(spec("other"))))
                    .hasMessageContaining("there is a model 'video_gen-ltx2' already");
            assertThat(agent.services()).hasSize(1);
        }
    }

    @Test
    void aFullDiskIsSeenBeforeAnythingIsStarted() throws Exception {
        ScriptedProbe probe = new ScriptedProbe().with("cuda:0", 24, 24).with("cpu:0", 18, 18);
        try (MediaBench bench = new MediaBench(folder, probe);
                MediaAgent agent = bench.agent(builder -> builder.keepFree(Long.MAX_VALUE))) {
            bindVideo(agent);
            assertRefused(() -> agent.make(MediaTask.video("a cat")), "DISK_FULL", "make room");
            assertThat(bench.journal.kinds).isEmpty();
        }
    }

    // Case 37, and what is told of it

    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
        2,  -,   -,   49,  832, 480, 1,  -
        1,  -,   -,   49,  832, 480, 1,  seconds: 2.04 instead of 1; the tool makes 49 frames at least
        4,  720, 500, 97,  704, 480, 1,  size: 704x480 instead of 720x500; the tool does not make that one at this length
        5,  -,   -,   125, 512, 320, 3,  -
        20, -,   -,   500, 512, 320, 12, -
        10, -,   -,   250, 512, 320, 6,  -
        45, -,   -,   750, 512, 320, 19, seconds: 30.00 instead of 45; the tool makes no longer one
        10, 512, 320, 250, 512, 320, 6,  -
        10, 832, 480, 250, 512, 320, 6,  size: 512x320 instead of 832x480; the tool does not make that one at this length
        """)
    void ltx2IsAskedForWhatItCanMakeAndWhatDiffersIsTold(
            int seconds,
            Integer width,
            Integer height,
            int frames,
            int madeWidth,
            int madeHeight,
            int chunks,
            String change) {
        MediaTask task = MediaTask.video("a cat").seconds(seconds);
        MediaPlan plan = MediaPlan.of(width == null ? task : task.size(width, height), MediaProtocol.LTX2);
        VideoPlan video = plan.video().orElseThrow();
        assertThat(video.frames()).isEqualTo(frames);
        assertThat(video.width()).isEqualTo(madeWidth);
        assertThat(video.height()).isEqualTo(madeHeight);
        assertThat(video.chunks()).isEqualTo(chunks);
        assertThat(plan.changes())
                .extracting(MediaChange::toString)
                .isEqualTo(change == null ? List.of() : List.of(change));
    }

    @Test
    void wan2gpHasOneSizeAndAnyLength() {
        MediaPlan plan = MediaPlan.of(MediaTask.video("a cat").seconds(10).size(640, 480), MediaProtocol.WAN2GP);
        assertThat(plan.video().orElseThrow().frames()).isEqualTo(241);
        assertThat(plan.changes())
                .extracting(MediaChange::toString)
                .containsExactly("size: 512x320 instead of 640x480; the tool does not make that one at this length");
        assertThat(MediaPlan.of(MediaTask.video("a cat"), MediaProtocol.WAN2GP)
                        .video()
                        .orElseThrow()
                        .frames())
                .isEqualTo(49);
    }

    @ParameterizedTest
    @CsvSource({"2540, false", "2542, true", "1541, true", "1542, false"})
    void aFileThatPlaysHalfASecondLessOrMoreIsAChange(long millis, boolean told) {
        MediaPlan plan = MediaPlan.of(MediaTask.video("a cat"), MediaProtocol.LTX2); // 49 frames: 2.0417 s
        assertThat(plan.lengthChange(Optional.of(Duration.ofMillis(millis))).isPresent())
                .isEqualTo(told);
        assertThat(plan.lengthChange(Optional.empty())).isEmpty();
    }

    // Tasks

    @Test
    void whatMeansNothingIsRefusedByName() {
        MediaTask video = MediaTask.video("a cat");
        MediaTask speech = MediaTask.speech("hello");
        assertThatThrownBy(() -> MediaTask.video(" "))
                .hasMessage("prompt must be 1 to 8000 characters and not blank, was 1");
        assertThat(MediaTask.video("x".repeat(8000)).prompt()).hasSize(8000);
        assertThatThrownBy(() -> MediaTask.video("x".repeat(8001)))
                .hasMessage("prompt must be 1 to 8000 characters and not blank, was 8001");
        assertThatThrownBy(() -> MediaTask.video("a\0b")).hasMessage("prompt must not hold the character 0");
        assertThatThrownBy(() -> video.seconds(0)).hasMessage("seconds must be 1 to 3600, was 0");
        assertThat(video.seconds(3600).seconds()).hasValue(3600);
        assertThatThrownBy(() -> video.seconds(3601)).hasMessage("seconds must be 1 to 3600, was 3601");
        assertThatThrownBy(() -> video.size(31, 32)).hasMessage("width must be 32 to 8192 pixels, was 31");
        assertThatThrownBy(() -> video.size(8192, 8193)).hasMessage("height must be 32 to 8192 pixels, was 8193");
        assertThatThrownBy(() -> video.language("en")).hasMessage("language means nothing for video: leave it out");
        assertThatThrownBy(() -> speech.seconds(2)).hasMessage("seconds means nothing for speech: leave it out");
        assertThatThrownBy(() -> speech.size(64, 64)).hasMessage("size means nothing for speech: leave it out");
        assertThatThrownBy(() -> speech.language("english please"))
                .hasMessage("language must be such as 'en' or 'pt-br', was 'english please'");
        assertThatThrownBy(() -> video.limit(Duration.ZERO))
                .hasMessage("limit must be longer than zero and at most 6 hours, was PT0S");
        assertThat(video.limit(Duration.ofHours(6)).limit()).isEqualTo(Duration.ofHours(6));
        assertThatThrownBy(() -> video.limit(Duration.ofHours(6).plusMillis(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(
                        () -> new MediaService(MediaProtocol.LTX2, "video_gen-ltx2", NO_PROGRAM, Optional.of("pocket")))
                .hasMessage("voice means nothing for LTX2: leave it out");
        assertThat(MediaKind.VIDEO.task().type()).isEqualTo(ModelType.VIDEO_GEN);
    }

    // Files

    @Test
    void filesAreToldByTheirFirstBytesAndTellHowLongTheyPlay() throws Exception {
        Path file = folder.resolve("x");
        Files.write(file, MediaChild.wav());
        assertThat(MediaFormat.of(file)).contains(MediaFormat.WAV);
        assertThat(MediaFormat.WAV.duration(file)).contains(Duration.ofSeconds(1));
        Files.write(file, MediaChild.mp4(2.5));
        assertThat(MediaFormat.of(file)).contains(MediaFormat.MP4);
        assertThat(MediaFormat.MP4.duration(file)).contains(Duration.ofMillis(2500));
        for (int length = 0; length < MediaChild.mp4(2).length; length++) {
            Files.write(file, java.util.Arrays.copyOf(MediaChild.mp4(2), length));
            assertThat(MediaFormat.of(file).isPresent()).isEqualTo(length >= 8);
            assertThat(MediaFormat.MP4.duration(file).isPresent())
                    .as("of %d bytes", length)
                    .isEqualTo(length >= 16 + 8 + 8 + 20);
        }
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfb, 0, 0});
        assertThat(MediaFormat.of(file)).contains(MediaFormat.MP3);
        Files.write(file, new byte[] {0x1a, 0x45, (byte) 0xdf, (byte) 0xa3});
        assertThat(MediaFormat.of(file)).contains(MediaFormat.WEBM);
        Files.writeString(file, "<html>");
        assertThat(MediaFormat.of(file)).isEmpty();
        assertThat(MediaFormat.ofType("Audio/X-WAV; rate=8000")).contains(MediaFormat.WAV);
        assertThat(MediaFormat.ofType("text/html")).isEmpty();
    }
}
