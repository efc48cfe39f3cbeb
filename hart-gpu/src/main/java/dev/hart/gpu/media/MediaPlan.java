package dev.hart.gpu.media;

import dev.hart.gpu.catalogue.VideoPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a tool is asked for, in lengths and sizes that it can make.
 *
 * @param video frames, size and chunks; empty for what is heard
 * @param changes what is not as the task wants it
 */
record MediaPlan(MediaTask task, Optional<VideoPlan> video, List<MediaChange> changes) {
    /** Lengths that differ by less are the same: one frame more. */
    private static final double SAME_SECONDS = 0.1;

    private static final double UNLIKE_SECONDS = 0.5;

    MediaPlan {
        changes = List.copyOf(changes);
    }

    static MediaPlan of(MediaTask task, MediaProtocol protocol) {
        return switch (protocol) {
            case LTX2 -> ofVideo(task, ltx2(task));
            case WAN2GP -> ofVideo(task, VideoPlan.of(VideoPlan.Tool.WAN2GP, seconds(task)));
            case TTS_SUITE -> new MediaPlan(task, Optional.empty(), List.of());
        };
    }

    private static int seconds(MediaTask task) {
        return task.seconds().orElse(VideoPlan.USUAL_SECONDS);
    }

    /** One chunk if that is long enough, else a long video, which has one size only. */
    private static VideoPlan ltx2(MediaTask task) {
        VideoPlan usual = VideoPlan.of(VideoPlan.Tool.LTX2, seconds(task));
        if (usual.isShortened()) {
            return VideoPlan.ltx2Long(seconds(task));
        }
        return task.size()
                .map(size -> VideoPlan.ltx2(usual.frames(), size.width(), size.height()))
                .orElse(usual);
    }

    private static MediaPlan ofVideo(MediaTask task, VideoPlan video) {
        List<MediaChange> changes = new ArrayList<>();
        double made = seconds(video);
        if (task.seconds().isPresent() && Math.abs(made - task.seconds().getAsInt()) > SAME_SECONDS) {
            changes.add(new MediaChange(
                    "seconds",
                    Integer.toString(task.seconds().getAsInt()),
                    text(made),
                    video.isShortened()
                            ? "the tool makes no longer one"
                            : "the tool makes %d frames at least".formatted(VideoPlan.USUAL_FRAMES)));
        }
        task.size().ifPresent(asked -> {
            MediaTask.Size own = size(video);
            if (!own.equals(asked)) {
                changes.add(new MediaChange(
                        "size", asked.toString(), own.toString(), "the tool does not make that one at this length"));
            }
        });
        return new MediaPlan(task, Optional.of(video), changes);
    }

    static double seconds(VideoPlan video) {
        return (double) video.frames() / video.framesPerSecond();
    }

    private static MediaTask.Size size(VideoPlan video) {
        return new MediaTask.Size(video.width(), video.height());
    }

    Optional<MediaTask.Size> size() {
        return video.map(MediaPlan::size);
    }

    /** What to say when the file plays shorter or longer than was asked of the tool, by more than half a second or a tenth. */
    Optional<MediaChange> lengthChange(Optional<Duration> made) {
        if (video.isEmpty() || made.isEmpty()) {
            return Optional.empty();
        }
        double planned = seconds(video.get());
        double played = made.get().toMillis() / 1000.0;
        return Math.abs(played - planned) <= Math.max(UNLIKE_SECONDS, planned / 10)
                ? Optional.empty()
                : Optional.of(new MediaChange(
                        "seconds", text(planned), text(played), "the tool was asked for the one and made the other"));
    }

    /** Two decimals. */
    static String text(double seconds) {
        return String.format(Locale.ROOT, "%.2f", seconds);
    }
}
