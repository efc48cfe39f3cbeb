package dev.hart.gpu.media;

import dev.hart.gpu.catalogue.ModelTask;

/** What is to be made, and which task of a model that is. */
public enum MediaKind {
    VIDEO(ModelTask.MAKE_VIDEO),
    IMAGE(ModelTask.MAKE_IMAGE),
    /** Music and sounds. */
    AUDIO(ModelTask.MAKE_MUSIC),
    /** A text, spoken. */
    SPEECH(ModelTask.SPEAK);

    private final ModelTask task;

    MediaKind(ModelTask task) {
        this.task = task;
    }

    public ModelTask task() {
        return task;
    }

    /** For a sentence. */
    String words() {
        return switch (this) {
            case VIDEO -> "video";
            case IMAGE -> "images";
            case AUDIO -> "music";
            case SPEECH -> "speech";
        };
    }
}
