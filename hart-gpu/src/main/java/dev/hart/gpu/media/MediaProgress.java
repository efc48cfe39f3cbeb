package dev.hart.gpu.media;

/**
 * How far a job is.
 *
 * @param done of {@code total}: percent while it is made, as far as the tool tells; bytes while the file is fetched; else 0
 * @param total 0 when it is not known
 */
public record MediaProgress(Stage stage, long done, long total) {

    /** In this order; {@link #MAKING} twice when it had to begin anew in other memory. */
    public enum Stage {
        /** The tool is chosen, and others may use it now. */
        WAITING,
        /** The tool is started, unless it runs. */
        STARTING,
        MAKING,
        FETCHING
    }

    static MediaProgress at(Stage stage) {
        return new MediaProgress(stage, 0, 0);
    }
}
