package dev.hart.gpu.catalogue;

/** What somebody wants done, and which type of model does it. */
public enum ModelTask implements WireName.Named {
    CHAT("chat", ModelType.LLM),
    TRANSCRIBE("transcribe", ModelType.STT),
    SPEAK("speak", ModelType.TTS),
    DESCRIBE_IMAGE("describe_image", ModelType.VLM),
    MAKE_IMAGE("make_image", ModelType.IMAGE_GEN),
    MAKE_VIDEO("make_video", ModelType.VIDEO_GEN),
    MAKE_MUSIC("make_music", ModelType.AUDIO_GEN),
    EMBED("embed", ModelType.EMBEDDING);

    private final String wireName;
    private final ModelType type;

    ModelTask(String wireName, ModelType type) {
        this.wireName = wireName;
        this.type = type;
    }

    /** As it stands in JSON. */
    @Override
    public String wireName() {
        return wireName;
    }

    /** What does it. */
    public ModelType type() {
        return type;
    }

    /** A wish for any model that does it. */
    public ModelWish wish() {
        return ModelWish.of(type);
    }

    /** @throws IllegalArgumentException for a name that is none of these */
    public static ModelTask parse(String name) {
        return WireName.parse("task", values(), name);
    }
}
