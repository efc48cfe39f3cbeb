package dev.hart.gpu.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hart.error.GpuException;
import dev.hart.error.MediaException;
import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.ScriptedProbe;
import dev.hart.gpu.catalogue.ModelEntry;
import dev.hart.gpu.catalogue.ModelType;
import dev.hart.gpu.model.Model;
import dev.hart.gpu.model.ModelPhase;
import dev.hart.gpu.sidecar.SidecarRun;
import dev.hart.gpu.sidecar.SidecarSpec;
import dev.hart.gpu.sidecar.SidecarState;
import dev.hart.tool.ToolContext;
import dev.hart.tool.ToolFailure;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tools in processes of their own, which the tests share: each leaves them running or stopped, and in good order. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MediaAgentTest {
    @TempDir
    static Path folder;

    private MediaBench bench;
    private MediaAgent agent;
    /** Has Wan2GP, so that nobody has to choose between that and LTX2. */
    private MediaAgent background;

    @BeforeAll
    void open() throws InterruptedException {
        bench = new MediaBench(
                folder, new ScriptedProbe().with("cuda:0", 64, 64).with("cpu:0", 64, 64));
        agent = bench.agent();
        agent.bind(MediaService.ltx2(bench.tool("ltx2")));
        agent.bind(MediaService.speech("tts-pocket-tts", "pocket", bench.tool("tts_audio_suite")));
        background = bench.agent();
        background.bind(MediaService.wan2gp(bench.tool("wan2gp")));
    }

    @AfterAll
    void close() {
        background.close();
        agent.close();
        bench.close();
        assertThat(bench.journal.live()).isEmpty();
        assertThat(bench.sidecars.find("ltx2").orElseThrow().state()).isEqualTo(SidecarState.STOPPED);
    }

    @AfterEach
    void nothingIsLeftOfWhatWasNotMade() throws IOException {
        assertThat(made()).noneMatch(name -> name.endsWith(".part"));
    }

    private static Set<String> made() throws IOException {
        Path made = folder.resolve("made");
        if (Files.notExists(made)) {
            return Set.of();
        }
        try (Stream<Path> files = Files.list(made)) {
            return files.map(file -> file.getFileName().toString()).collect(java.util.stream.Collectors.toSet());
        }
    }

    private Model<?> model(String id) {
        return bench.models.find(id).orElseThrow();
    }

    private SidecarRun run(String tool) {
        return bench.sidecars.find(tool).orElseThrow().run().orElseThrow();
    }

    /** What a tool was asked for the last time. */
    private String order(String tool, String path) throws IOException {
        Path note = bench.files(tool).resolve("last-" + path);
        return Files.exists(note) ? Files.readString(note) : "";
    }

    private void awaitOrder(String tool, String path, String words) throws IOException {
        while (!order(tool, path).contains(words)) {
            Thread.onSpinWait();
        }
    }

    private static MediaException failure(MediaJob job) {
        return catchThrowableOfType(MediaException.class, job::await);
    }

    private MediaException failure(MediaAgent of, MediaTask task) throws IOException {
        Set<String> before = made();
        MediaException failure = catchThrowableOfType(MediaException.class, () -> of.make(task));
        assertThat(made()).isEqualTo(before);
        return failure;
    }

    // LTX2

    @Test
    void aVideoIsMadeAndKept() throws Exception {
        List<MediaProgress> told = new ArrayList<>();
        model("video_gen-ltx2").unload();
        MediaResult result = agent.start(
                        MediaTask.video("fine \"cat\"").seconds(3).size(720, 500), told::add)
                .await();
        assertThat(result.id()).matches("ltx2_[0-9a-f-]{36}");
        assertThat(result.file()).isEqualTo(folder.resolve("made").resolve(result.id() + ".mp4"));
        assertThat(result.file()).hasBinaryContent(MediaChild.mp4(73 / 24.0));
        assertThat(result.bytes()).isEqualTo(Files.size(result.file()));
        assertThat(result.mediaType()).isEqualTo("video/mp4");
        assertThat(result.duration()).contains(Duration.ofMillis(3042));
        assertThat(result.size()).contains(new MediaTask.Size(704, 480));
        assertThat(result.mode()).isEqualTo(LeaseMode.GPU);
        assertThat(result.modelId()).isEqualTo("video_gen-ltx2");
        assertThat(result.changes()).extracting(MediaChange::field).containsExactly("size");
        assertThat(agent.find(result.id())).contains(result.file());
        assertThat(agent.find("ltx2_../../secret")).isEmpty();
        assertThat(told.stream().map(MediaProgress::stage).distinct())
                .containsExactly(
                        MediaProgress.Stage.WAITING,
                        MediaProgress.Stage.STARTING,
                        MediaProgress.Stage.MAKING,
                        MediaProgress.Stage.FETCHING);
        assertThat(told.get(told.size() - 1).done()).isEqualTo(result.bytes());
        assertThat(order("ltx2", "generate"))
                .isEqualTo(
                        "{\"prompt\":\"fine \\\"cat\\\"\",\"num_frames\":73,\"width\":704,\"height\":480,\"fps\":24,\"guidance_scale\":3.0,\"num_inference_steps\":30}");
        assertThat(bench.journal.live()).hasSizeGreaterThanOrEqualTo(1);

        HttpRequest stranger =
                HttpRequest.newBuilder(run("ltx2").address().resolve("/list")).build();
        assertThat(HttpClient.newHttpClient()
                        .send(stranger, HttpResponse.BodyHandlers.discarding())
                        .statusCode())
                .as("the tool wants its token")
                .isEqualTo(401);
    }

    @Test
    void aLongVideoIsAskedForAsSuchAndALengthThatWasNotKeptIsTold() throws Exception {
        MediaResult result = agent.make(MediaTask.video("fine cat").seconds(20));
        assertThat(order("ltx2", "generate_long"))
                .contains("\"num_frames\":500", "\"num_chunks\":12", "\"fps\":25", "\"num_inference_steps\":25");
        assertThat(result.changes()).isEmpty();
        assertThat(agent.make(MediaTask.video("brief cat").seconds(4)).changes())
                .extracting(MediaChange::toString)
                .containsExactly("seconds: 1.00 instead of 4.04; the tool was asked for the one and made the other");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        missing  | tool 'ltx2' says that it has made /video/a_listed.mp4, but has no such file
        unlisted | tool 'ltx2' says that it has made 'nowhere.mp4', but does not list such a file
        path     | tool 'ltx2' names '../../secret.mp4' as its file, which is no name of a file
        words    | tool 'ltx2' did not answer JSON at /generate
        array    | tool 'ltx2' did not answer a JSON object at /generate
        much     | tool 'ltx2' answers too much at /generate: it has more than 1048576 bytes
        refuse   | tool 'ltx2' answered 400 at /generate: no such style
        large    | tool 'ltx2' answers too much at /video/large-
        cut      | tool 'ltx2' broke off at /video/cut-
        page     | tool 'ltx2' answered 'text/html; charset=utf-8' at /video/page-
        lie      | is video/mp4, but it begins like audio/wav
        empty    | is video/mp4, but it begins like nothing of that kind
        """)
    void whatAToolDoesWrongIsItsFailureAndNoFile(String wrong, String message) throws Exception {
        MediaException failure = failure(agent, MediaTask.video(wrong + " cat"));
        assertThat(failure.code()).isEqualTo("TOOL_FAILED");
        assertThat(failure).hasMessageContaining(message);
        assertThat(model("video_gen-ltx2").phase()).isEqualTo(ModelPhase.LOADED);
    }

    @Test
    void aToolThatRunsOutOfMemoryIsMovedAndAskedAnew() throws Exception {
        model("video_gen-ltx2").unload();
        MediaResult result = agent.make(MediaTask.video("oom cat"));
        assertThat(result.mode()).isEqualTo(LeaseMode.CPU_OFFLOAD);
        assertThat(result.changes()).extracting(MediaChange::field).containsExactly("mode");
        assertThat(order("ltx2", "clear_cache")).isEqualTo("{}");
        model("video_gen-ltx2").unload();
    }

    @Test
    void aJobThatIsCancelledStopsTheToolThatIsAtIt() throws Exception {
        MediaJob job = agent.start(MediaTask.video("hang cancelled"), progress -> {});
        awaitOrder("ltx2", "generate", "hang cancelled");
        long pid = run("ltx2").pid();
        job.cancel();
        assertThat(failure(job))
                .hasMessage("it was cancelled")
                .extracting(MediaException::code)
                .isEqualTo("CANCELLED");
        assertThat(job.isDone()).isTrue();
        job.cancel();
        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
        assertThat(model("video_gen-ltx2").phase()).isEqualTo(ModelPhase.UNLOADED);
        assertThat(agent.make(MediaTask.video("fine cat")).tool()).isEqualTo("ltx2");
    }

    @Test
    void whatAKilledProcessLeftIsRemovedADayLater() throws Exception {
        Path made = Files.createDirectories(folder.resolve("made"));
        Path old = Files.createFile(made.resolve("ltx2_old.part"));
        Path fresh = Files.createFile(made.resolve("ltx2_fresh.part"));
        java.time.Instant dayAgo = bench.clock.instant().minus(Duration.ofDays(1));
        Files.setLastModifiedTime(old, java.nio.file.attribute.FileTime.from(dayAgo.minusSeconds(1)));
        Files.setLastModifiedTime(fresh, java.nio.file.attribute.FileTime.from(dayAgo));
        agent.make(MediaTask.video("fine cat"));
        assertThat(old).doesNotExist();
        assertThat(fresh).exists();
        Files.delete(fresh);
    }

    // Wan2GP

    @Test
    void aToolThatWorksInTheBackgroundIsAskedUntilItIsDone() throws Exception {
        List<MediaProgress> told = new ArrayList<>();
        MediaResult result = background
                .start(MediaTask.video("fine cat").seconds(2), told::add)
                .await();
        assertThat(result.id()).startsWith("wan2gp_");
        assertThat(result.size()).contains(new MediaTask.Size(512, 320));
        assertThat(told).contains(new MediaProgress(MediaProgress.Stage.MAKING, 80, 100));
        assertThat(order("wan2gp", "generate")).contains("\"num_frames\":49", "\"width\":512", "\"height\":320");
        assertThat(order("wan2gp", "check_result")).matches("\\{\"task_id\":\"task-\\d+\"}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        forget  | TOOL_FAILED   | tool 'wan2gp' answered 404 at /check_result: unknown task
        fail    | TOOL_FAILED   | tool 'wan2gp' failed to make it: no such style
        odd     | TOOL_FAILED   | tool 'wan2gp' answered the status 'perhaps' of task 'task-
        nowhere | TOOL_FAILED   | tool 'wan2gp' says that it has made /video/nowhere, but has no such file
        oom     | OUT_OF_MEMORY | tool 'wan2gp' ran out of memory at /check_result: CUDA out of memory
        """)
    void whatGoesWrongInTheBackgroundIsTold(String wrong, String code, String message) throws Exception {
        MediaException failure = failure(background, MediaTask.video(wrong + " cat"));
        assertThat(failure.code()).isEqualTo(code);
        assertThat(failure).hasMessageContaining(message);
        if (code.equals("OUT_OF_MEMORY")) {
            assertThat(failure.getSuppressed())
                    .singleElement()
                    .extracting(Throwable::getMessage)
                    .asString()
                    .contains("has none below");
            assertThat(order("wan2gp", "unload")).isEqualTo("{}");
        }
    }

    @Test
    void jobsOfOneToolWaitForEachOtherAndEndAtTheirDeadline() throws Exception {
        Duration limit = Duration.ofSeconds(30);
        List<MediaProgress> told = new java.util.concurrent.CopyOnWriteArrayList<>();
        MediaJob first = background.start(MediaTask.video("forever cat").limit(limit), told::add);
        while (told.size() < 6) {
            Thread.onSpinWait(); // it is asked after again and again
        }
        long pid = run("wan2gp").pid();
        assertThatThrownBy(() -> background.unbind("video_gen-wan2gp"))
                .isInstanceOf(GpuException.class)
                .hasMessage("tool 'wan2gp' is at a job: cancel that first");
        MediaJob second = background.start(MediaTask.video("fine second"), progress -> {});
        while (second.progress().isEmpty()) {
            Thread.onSpinWait();
        }
        second.cancel();
        assertThat(failure(second).code()).isEqualTo("CANCELLED");
        assertThat(order("wan2gp", "generate")).contains("forever");
        assertThat(run("wan2gp").pid())
                .as("nobody stops the tool that is at something else")
                .isEqualTo(pid);

        assertThat(first.deadline()).isEqualTo(bench.clock.instant().plus(limit));
        bench.clock.advance(limit.minusMillis(1));
        background.tick();
        assertThat(first.isDone()).isFalse();
        bench.clock.advance(Duration.ofMillis(1));
        background.tick();
        assertThat(failure(first))
                .hasMessage("it was not made within 30s")
                .extracting(MediaException::code)
                .isEqualTo("DEADLINE");
        assertThat(model("video_gen-wan2gp").phase()).isEqualTo(ModelPhase.UNLOADED);
        assertThat(background.find(
                        background.make(MediaTask.video("fine third")).id()))
                .isPresent();
    }

    // Speech

    @Test
    void aTextIsSpoken() throws Exception {
        MediaResult result = agent.make(MediaTask.speech("fine words").language("en"));
        assertThat(result.id()).startsWith("tts_audio_suite_");
        assertThat(result.file()).hasBinaryContent(MediaChild.wav());
        assertThat(result.mediaType()).isEqualTo("audio/wav");
        assertThat(result.duration()).contains(Duration.ofSeconds(1));
        assertThat(result.size()).isEmpty();
        assertThat(result.changes()).isEmpty();
        assertThat(order("tts_audio_suite", "synthesize"))
                .isEqualTo("{\"text\":\"fine words\",\"language\":\"en\",\"model\":\"pocket\"}");
    }

    @Test
    void aVoiceThatTheToolDoesNotHaveIsRefusedBeforeItSpeaks() throws Exception {
        SidecarSpec spec = bench.tool("tts_audio_suite");
        agent.unbind("tts-pocket-tts");
        agent.bind(MediaService.speech("tts-pocket-tts", "nobody", spec));
        assertThat(failure(agent, MediaTask.speech("never said")))
                .hasMessage("tool 'tts_audio_suite' has no model 'nobody'");
        assertThat(order("tts_audio_suite", "synthesize")).doesNotContain("never said");
        agent.unbind("tts-pocket-tts");
        assertThat(bench.sidecars.find("tts_audio_suite").orElseThrow().state()).isEqualTo(SidecarState.STOPPED);
        agent.bind(MediaService.speech("tts-pocket-tts", "pocket", spec));
    }

    @Test
    void aToolThatDiesIsToldAndStartedAgainByItsLifeCycle() throws Exception {
        MediaJob job = agent.start(MediaTask.speech("hang until killed"), progress -> {});
        awaitOrder("tts_audio_suite", "synthesize", "hang until killed");
        Set<String> before = made();
        ProcessHandle.of(run("tts_audio_suite").pid()).orElseThrow().destroyForcibly();
        assertThat(failure(job))
                .hasMessage("tool 'tts_audio_suite' broke off at /synthesize: its process has ended with exit code 137")
                .extracting(MediaException::code)
                .isEqualTo("TOOL_FAILED");
        assertThat(made()).isEqualTo(before);
        Model<?> model = model("tts-pocket-tts");
        while (model.phase() != ModelPhase.CRASHED) {
            Thread.onSpinWait(); // the life cycle is told on a thread of its own
        }
        assertThat(catchThrowableOfType(GpuException.class, () -> agent.make(MediaTask.speech("fine words")))
                        .code())
                .isEqualTo("NOT_NOW");
        bench.clock.advanceSeconds(5);
        bench.models.tick();
        while (model.phase() != ModelPhase.LOADED) {
            Thread.onSpinWait();
        }
        assertThat(agent.make(MediaTask.speech("fine words")).bytes()).isEqualTo(8044);
        assertThat(model.status().crashes()).as("a job that worked proves it").isZero();
    }

    // The end

    @Test
    void closingEndsWhatGoesOnAndStopsTheTools() throws Exception {
        bench.catalogue.register(ModelEntry.of("video_gen-third", "Third", ModelType.VIDEO_GEN)
                .supportsGpu(false)
                .ramBytes(1L << 30)
                .build());
        MediaAgent third = bench.agent();
        third.bind(new MediaService(
                MediaProtocol.WAN2GP, "video_gen-third", bench.tool("third"), java.util.Optional.empty()));
        MediaJob job = third.start(MediaTask.video("forever cat"), progress -> {});
        awaitOrder("third", "check_result", "task-1");
        third.close();
        third.close();
        assertThat(failure(job))
                .hasMessage("the media agent was closed")
                .extracting(MediaException::code)
                .isEqualTo("CANCELLED");
        assertThat(bench.sidecars.find("third").orElseThrow().state()).isEqualTo(SidecarState.STOPPED);
        assertThat(bench.models.find("video_gen-third")).isEmpty();
        assertThatThrownBy(() -> third.make(MediaTask.video("a cat"))).hasMessage("MediaAgent is closed");
    }

    @Test
    void aToolThatDoesNotStartIsToldWithItsWords() throws Exception {
        bench.catalogue.register(ModelEntry.of("tts-broken", "Broken", ModelType.TTS)
                .supportsGpu(false)
                .ramBytes(1L << 30)
                .build());
        try (MediaAgent broken = bench.agent()) {
            broken.bind(MediaService.speech(
                    "tts-broken", "x", SidecarSpec.of("broken", List.of("/bin/sh", "-c", "echo no weights; exit 3"))));
            GpuException failure =
                    catchThrowableOfType(GpuException.class, () -> broken.make(MediaTask.speech("hello")));
            assertThat(failure.code()).isEqualTo("SIDECAR_START");
            assertThat(failure).hasMessageContaining("no weights");
        }
    }

    // For agents

    private ToolContext context(Duration left) {
        return new ToolContext("run", "clip", "key", bench.clock.instant().plus(left), 1);
    }

    @Test
    void agentsMakeMediaIntoTheirWorkspace(@TempDir Path workspace) throws Exception {
        MediaTools tools = new MediaTools(agent, workspace, bench.clock);
        MediaTools.Made clip = tools.video("fine cat", 5, null, null, context(Duration.ofMinutes(5)));
        assertThat(clip.path()).isEqualTo("media/" + clip.id() + ".mp4");
        assertThat(workspace.resolve(clip.path())).hasSize(clip.bytes());
        assertThat(clip.seconds()).isEqualTo(5.208); // 125 frames, which the child plays at 24 a second
        assertThat(clip.tool()).isEqualTo("ltx2");
        assertThat(clip.changes()).isEmpty();
        MediaTools.Made words = tools.speech("fine words", "en", context(Duration.ofMinutes(5)));
        assertThat(workspace.resolve(words.path())).hasBinaryContent(MediaChild.wav());
    }

    @Test
    void whatCannotBeMadeForAnAgentIsTheFailureOfItsTool(@TempDir Path workspace, @TempDir Path elsewhere)
            throws Exception {
        MediaTools tools = new MediaTools(agent, workspace, bench.clock);
        ToolContext soon = context(Duration.ofMinutes(5));
        assertFailure("ARGUMENT_INVALID", () -> tools.video("fine cat", 0, null, null, soon));
        assertFailure("SIZE_INCOMPLETE", () -> tools.video("fine cat", 2, 512, null, soon));
        assertFailure("DEADLINE", () -> tools.video("fine cat", 2, null, null, context(Duration.ofSeconds(1))));
        assertFailure("TOOL_FAILED", () -> tools.video("missing cat", 2, null, null, soon));
        Files.delete(workspace.resolve("media"));
        Files.createSymbolicLink(workspace.resolve("media"), elsewhere);
        assertFailure("PATH_OUTSIDE_WORKSPACE", () -> tools.video("fine cat", 2, null, null, soon));
        assertThat(elsewhere).isEmptyDirectory();
    }

    private interface Call {
        Object make() throws Exception;
    }

    private static void assertFailure(String code, Call call) {
        assertThat(catchThrowableOfType(ToolFailure.class, call::make).code()).isEqualTo(code);
    }
}
