package dev.hart.gpu.media;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hart.gpu.catalogue.VideoPlan;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** {@link MediaProtocol#LTX2}. */
final class Ltx2 implements MediaEngine {
    private final ToolCalls calls;

    Ltx2(ToolCalls calls) {
        this.calls = calls;
    }

    @Override
    public String make(MediaPlan plan, Consumer<MediaProgress> progress) throws InterruptedException {
        VideoPlan video = plan.video().orElseThrow();
        Map<String, Object> order = new LinkedHashMap<>();
        order.put("prompt", plan.task().prompt());
        order.put("num_frames", video.frames());
        order.put("width", video.width());
        order.put("height", video.height());
        order.put("fps", video.framesPerSecond());
        order.put("guidance_scale", VideoPlan.LTX2_GUIDANCE);
        boolean isLong = video.chunks() > 1;
        if (isLong) {
            order.put("num_chunks", video.chunks());
        }
        order.put("num_inference_steps", isLong ? VideoPlan.LTX2_LONG_STEPS : VideoPlan.LTX2_STEPS);
        String file = calls.fileName(calls.post(isLong ? "/generate_long" : "/generate", order), "file");
        requireListed(file);
        return "/video/" + file;
    }

    private void requireListed(String file) throws InterruptedException {
        for (JsonNode listed : calls.get("/list").path("videos")) {
            if (listed.isTextual() && listed.textValue().equals(file)) {
                return;
            }
        }
        throw calls.failed(
                "%s says that it has made '%s', but does not list such a file".formatted(calls.name(), file), null);
    }

    @Override
    public void relieve() throws InterruptedException {
        var unused = calls.post("/clear_cache", Map.of());
    }
}
