package dev.hart.gpu.media;

import dev.hart.gpu.LeaseMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A file that was made. It was there, whole and of its type, when this was told.
 *
 * @param id {@code <tool>_<id>}; the file's name without its ending
 * @param tool what made it
 * @param modelId the entry of the catalogue that the tool was chosen by
 * @param mediaType such as {@code video/mp4}: what the tool says and the file's first bytes are
 * @param bytes the file's length
 * @param duration how long it plays, as its own header says; empty when that does not
 * @param size of the picture that the tool was asked for; empty for what is heard
 * @param mode where the tool ran
 * @param changes what is not as it was asked for
 */
public record MediaResult(
        String id,
        String tool,
        String modelId,
        MediaKind kind,
        Path file,
        String mediaType,
        long bytes,
        Optional<Duration> duration,
        Optional<MediaTask.Size> size,
        LeaseMode mode,
        List<MediaChange> changes) {
    public MediaResult {
        changes = List.copyOf(changes);
    }
}
