package dev.hart.gpu.media;

/** How a tool is spoken to over HTTP. docs/models.md has the calls and their fields. */
public enum MediaProtocol {
    /** Answers when the video is made: {@code /generate}, {@code /generate_long}. */
    LTX2(MediaKind.VIDEO),
    /** Makes the video in the background: {@code /generate}, then {@code /check_result}. */
    WAN2GP(MediaKind.VIDEO),
    /** Answers when the text is spoken: {@code /synthesize}. */
    TTS_SUITE(MediaKind.SPEECH);

    private final MediaKind kind;

    MediaProtocol(MediaKind kind) {
        this.kind = kind;
    }

    /** What tools of it make. */
    public MediaKind kind() {
        return kind;
    }
}
