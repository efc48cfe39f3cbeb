package dev.hart.gpu.catalogue;

/** What a model does. */
public enum ModelType implements WireName.Named {
    LLM("llm"),
    /** Text to speech. */
    TTS("tts"),
    /** Speech to text. */
    STT("stt"),
    /** Describes images. */
    VLM("vlm"),
    IMAGE_GEN("image_gen"),
    VIDEO_GEN("video_gen"),
    AUDIO_GEN("audio_gen"),
    EMBEDDING("embedding");

    private final String wireName;

    ModelType(String wireName) {
        this.wireName = wireName;
    }

    /** As it stands in JSON. */
    @Override
    public String wireName() {
        return wireName;
    }

    /** @throws IllegalArgumentException for a name that is none of these */
    public static ModelType parse(String name) {
        return WireName.parse("model_type", values(), name);
    }
}
