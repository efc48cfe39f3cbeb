package dev.hart.gpu.media;

import dev.hart.error.GpuException;
import dev.hart.error.HaltedException;
import dev.hart.error.MediaException;
import dev.hart.tool.Effect;
import dev.hart.tool.Param;
import dev.hart.tool.Tool;
import dev.hart.tool.ToolContext;
import dev.hart.tool.ToolFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tools by which agents make media. They write new files into {@code media} of the workspace, and reach nothing beyond this node:
 * {@code hart.tools().register(new MediaTools(hart.unwrap(MediaAgent.class), workspace))}. Thread-safe.
 */
public final class MediaTools {
    /** One call may take as long; a run's own limit may end it earlier. */
    private static final long LONGEST_MILLIS = 20 * 60_000;

    private static final Duration BEFORE_THE_DEADLINE = Duration.ofSeconds(1);
    private static final String FOLDER = "media";
    /** What may be different the next time. */
    private static final Set<String> PASSING = Set.of("BUSY", "NOT_NOW", "LEASE_TIMEOUT", "OUT_OF_MEMORY");

    private final MediaAgent agent;
    private final Path workspace;
    private final InstantSource clock;

    /**
     * @param workspace of the runtime, see {@link dev.hart.HartBuilder#workspace}
     */
    public MediaTools(MediaAgent agent, Path workspace) {
        this(agent, workspace, InstantSource.system());
    }

    /** @param clock of the runtime, which deadlines of calls go by */
    public MediaTools(MediaAgent agent, Path workspace, InstantSource clock) {
        this.agent = agent;
        this.workspace = workspace;
        this.clock = clock;
    }

    /**
     * A file that was made.
     *
     * @param path relative to the workspace
     * @param seconds that it plays; null when the file does not say
     * @param changes what is not as it was asked for, in sentences
     */
    public record Made(
            String id,
            String path,
            String mediaType,
            long bytes,
            @Nullable Double seconds,
            String tool,
            List<String> changes) {
        // Written out, as compact constructors lose what their parameters' types say about null.
        public Made(
                String id,
                String path,
                String mediaType,
                long bytes,
                @Nullable Double seconds,
                String tool,
                List<String> changes) {
            this.id = id;
            this.path = path;
            this.mediaType = mediaType;
            this.bytes = bytes;
            this.seconds = seconds;
            this.tool = tool;
            this.changes = List.copyOf(changes);
        }
    }

    @Tool(
            name = "media.video",
            description = "Make a video clip of what a text describes.",
            effect = Effect.WRITE,
            reach = {},
            timeoutMs = LONGEST_MILLIS)
    public Made video(
            @Param("What is to be seen") String prompt,
            @Param(value = "Its length in whole seconds; 2 unless given", optional = true) @Nullable Integer seconds,
            @Param(value = "Its width in pixels; together with the height", optional = true) @Nullable Integer width,
            @Param(value = "Its height in pixels; together with the width", optional = true) @Nullable Integer height,
            ToolContext context)
            throws InterruptedException {
        if ((width == null) != (height == null)) {
            throw new ToolFailure("SIZE_INCOMPLETE", "give both width and height, or neither");
        }
        return made(context, () -> {
            MediaTask task = MediaTask.video(prompt);
            task = seconds == null ? task : task.seconds(seconds);
            return width == null || height == null ? task : task.size(width, height);
        });
    }

    @Tool(
            name = "media.speech",
            description = "Speak a text into a sound file.",
            effect = Effect.WRITE,
            reach = {},
            timeoutMs = LONGEST_MILLIS)
    public Made speech(
            @Param("The words to speak") String text,
            @Param(value = "The language of the words, such as en or pt-br", optional = true) @Nullable String language,
            ToolContext context)
            throws InterruptedException {
        return made(context, () -> {
            MediaTask task = MediaTask.speech(text);
            return language == null ? task : task.language(language);
        });
    }

    private interface Wanted {
        MediaTask task();
    }

    private Made made(ToolContext context, Wanted wanted) throws InterruptedException {
        MediaTask task;
        try {
            task = wanted.task();
        } catch (IllegalArgumentException e) {
            throw new ToolFailure("ARGUMENT_INVALID", String.valueOf(e.getMessage()), false, e);
        }
        Duration left = Duration.between(clock.instant(), context.deadline()).minus(BEFORE_THE_DEADLINE);
        if (left.isNegative() || left.isZero()) {
            throw new ToolFailure("DEADLINE", "no time is left to make it in", true, null);
        }
        Path folder = folder();
        try {
            MediaResult result = MediaAgent.awaitOrCancel(agent.startInto(
                    folder, left.compareTo(task.limit()) < 0 ? task.limit(left) : task, progress -> {}));
            return new Made(
                    result.id(),
                    FOLDER + "/" + result.file().getFileName(),
                    result.mediaType(),
                    result.bytes(),
                    result.duration().map(length -> length.toMillis() / 1000.0).orElse(null),
                    result.tool(),
                    result.changes().stream().map(MediaChange::toString).toList());
        } catch (MediaException | GpuException | HaltedException e) {
            throw new ToolFailure(e.code(), String.valueOf(e.getMessage()), PASSING.contains(e.code()), e);
        }
    }

    /** In the workspace for sure: no link leads out of it. */
    private Path folder() {
        try {
            Path real = workspace.toRealPath();
            Path folder = real.resolve(FOLDER);
            if (Files.notExists(folder, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectory(folder);
            }
            if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                throw new ToolFailure(
                        "PATH_OUTSIDE_WORKSPACE",
                        "'%s' of the workspace is no folder of its own: move it away".formatted(FOLDER));
            }
            return folder;
        } catch (IOException e) {
            throw new ToolFailure(
                    "FILE_ERROR", "the folder '%s' of the workspace cannot be made: %s".formatted(FOLDER, e), true, e);
        }
    }
}
