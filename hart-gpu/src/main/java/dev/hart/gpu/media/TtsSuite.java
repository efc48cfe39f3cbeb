package dev.hart.gpu.media;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** {@link MediaProtocol#TTS_SUITE}. */
final class TtsSuite implements MediaEngine {
    private final ToolCalls calls;
    private final Optional<String> voice;

    TtsSuite(ToolCalls calls, Optional<String> voice) {
        this.calls = calls;
        this.voice = voice;
    }

    @Override
    public String make(MediaPlan plan, Consumer<MediaProgress> progress) throws InterruptedException {
        Map<String, Object> order = new LinkedHashMap<>();
        order.put("text", plan.task().prompt());
        plan.task().language().ifPresent(language -> order.put("language", language));
        if (voice.isPresent()) {
            requireModel(voice.get());
            order.put("model", voice.get());
        }
        return "/audio/" + calls.fileName(calls.post("/synthesize", order), "audio_id");
    }

    private void requireModel(String name) throws InterruptedException {
        for (JsonNode model : calls.get("/models").path("models")) {
            if (model.isTextual() && model.textValue().equals(name)) {
                return;
            }
        }
        throw calls.failed("%s has no model '%s'".formatted(calls.name(), name), null);
    }

    @Override
    public void relieve() throws InterruptedException {
        var unused = calls.post("/unload", Map.of());
    }
}
