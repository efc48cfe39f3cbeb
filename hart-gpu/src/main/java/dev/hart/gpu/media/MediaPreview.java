package dev.hart.gpu.media;

import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.catalogue.VideoPlan;
import java.util.List;
import java.util.Optional;

/**
 * What a task would come to now.
 *
 * @param service the tool that would make it
 * @param mode where it would run, or runs
 * @param score of its entry in the catalogue, higher than that of every other tool that fits
 * @param video frames and size that it would be asked for; empty for what is heard
 * @param changes what would not be as it is asked for
 */
public record MediaPreview(
        MediaService service, LeaseMode mode, double score, Optional<VideoPlan> video, List<MediaChange> changes) {
    public MediaPreview {
        changes = List.copyOf(changes);
    }
}
