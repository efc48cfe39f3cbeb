package dev.hart.gpu.media;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hart.gpu.catalogue.VideoPlan;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** {@link MediaProtocol#WAN2GP}. */
final class Wan2gp implements MediaEngine {
    private final ToolCalls calls;
    private final Duration askEvery;

    Wan2gp(ToolCalls calls, Duration askEvery) {
        this.calls = calls;
        this.askEvery = askEvery;
    }

    @Override
    public String make(MediaPlan plan, Consumer<MediaProgress> progress) throws InterruptedException {
        VideoPlan video = plan.video().orElseThrow();
        JsonNode begun = calls.post(
                "/generate",
                Map.of(
                        "prompt", plan.task().prompt(),
                        "num_frames", video.frames(),
                        "width", video.width(),
                        "height", video.height(),
                        "fps", video.framesPerSecond()));
        String task = calls.fileName(begun, "task_id");
        while (true) { // ends with the job's deadline, which interrupts
            JsonNode state = calls.post("/check_result", Map.of("task_id", task));
            String status = state.path("status").asText("");
            switch (status) {
                case "pending", "running" -> {
                    progress.accept(new MediaProgress(MediaProgress.Stage.MAKING, percent(state), 100));
                    TimeUnit.NANOSECONDS.sleep(askEvery.toNanos());
                }
                case "completed" -> {
                    return "/video/" + calls.fileName(state, "video_id");
                }
                case "failed" ->
                    throw calls.failed(
                            "%s failed to make it: %s"
                                    .formatted(
                                            calls.name(),
                                            Shown.text(state.path("error").asText("it does not say why"))),
                            null);
                default ->
                    throw calls.failed(
                            "%s answered the status '%s' of task '%s', which means nothing"
                                    .formatted(calls.name(), Shown.text(status), task),
                            null);
            }
        }
    }

    private static long percent(JsonNode state) {
        return Math.max(0, Math.min(100, state.path("progress").asLong(0)));
    }

    @Override
    public void relieve() throws InterruptedException {
        var unused = calls.post("/unload", Map.of());
    }
}
