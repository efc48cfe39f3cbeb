package dev.hart.gpu.media;

import dev.hart.error.MediaException;
import java.util.function.Consumer;

/** One run of a tool, asked in its protocol. Used by one thread. */
interface MediaEngine {

    /**
     * Has it made, and answers where the tool keeps it; that it is there is not yet known.
     *
     * @throws MediaException OUT_OF_MEMORY or TOOL_FAILED
     */
    String make(MediaPlan plan, Consumer<MediaProgress> progress) throws InterruptedException;

    /** Has the tool give up what memory it can, after it ran out of it. */
    void relieve() throws InterruptedException;
}
