package dev.hart.gpu.media;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What somebody wants made. Begin with {@link #video}, {@link #speech} or {@link #of} and name what differs; each method gives a new
 * value. Immutable.
 *
 * @param prompt what is to be seen or heard; for speech the words themselves. 1 to 8000 characters, not blank
 * @param seconds how long a video or music is to be, 1 to 3600; as long as the tool's usual one when empty
 * @param size of a video or an image; the tool's usual one when empty
 * @param language of speech, such as {@code en} or {@code pt-br}; any when empty
 * @param limit how long it may take, from when it is asked for; longer than zero, at most 6 hours
 */
public record MediaTask(
        MediaKind kind,
        String prompt,
        OptionalInt seconds,
        Optional<Size> size,
        Optional<String> language,
        Duration limit) {
    private static final int LONGEST_PROMPT = 8000;
    private static final int MOST_SECONDS = 3600;
    private static final Duration USUAL_LIMIT = Duration.ofMinutes(15);
    private static final Duration LONGEST_LIMIT = Duration.ofHours(6);
    private static final String LANGUAGE = "[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}";

    /**
     * Of a picture, in pixels.
     *
     * @param width 32 to 8192
     * @param height 32 to 8192
     */
    public record Size(int width, int height) {
        private static final int LEAST = 32;
        private static final int MOST = 8192;

        public Size {
            require("width", width);
            require("height", height);
        }

        private static void require(String field, int pixels) {
            if (pixels < LEAST || pixels > MOST) {
                throw new IllegalArgumentException(
                        "%s must be %d to %d pixels, was %d".formatted(field, LEAST, MOST, pixels));
            }
        }

        @Override
        public String toString() {
            return width + "x" + height;
        }
    }

    public MediaTask {
        if (prompt.isBlank() || prompt.length() > LONGEST_PROMPT) {
            throw new IllegalArgumentException("prompt must be 1 to %d characters and not blank, was %d"
                    .formatted(LONGEST_PROMPT, prompt.length()));
        }
        if (prompt.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("prompt must not hold the character 0");
        }
        if (seconds.isPresent()) {
            requireKind(kind == MediaKind.VIDEO || kind == MediaKind.AUDIO, "seconds", kind);
            if (seconds.getAsInt() < 1 || seconds.getAsInt() > MOST_SECONDS) {
                throw new IllegalArgumentException(
                        "seconds must be 1 to %d, was %d".formatted(MOST_SECONDS, seconds.getAsInt()));
            }
        }
        if (size.isPresent()) {
            requireKind(kind == MediaKind.VIDEO || kind == MediaKind.IMAGE, "size", kind);
        }
        if (language.isPresent()) {
            requireKind(kind == MediaKind.SPEECH, "language", kind);
            if (!language.get().matches(LANGUAGE)) {
                throw new IllegalArgumentException(
                        "language must be such as 'en' or 'pt-br', was '" + Shown.text(language.get()) + "'");
            }
        }
        if (limit.isZero() || limit.isNegative() || limit.compareTo(LONGEST_LIMIT) > 0) {
            throw new IllegalArgumentException("limit must be longer than zero and at most 6 hours, was " + limit);
        }
    }

    private static void requireKind(boolean fits, String field, MediaKind kind) {
        if (!fits) {
            throw new IllegalArgumentException("%s means nothing for %s: leave it out".formatted(field, kind.words()));
        }
    }

    /** Within 15 minutes, with everything else as the tool usually makes it. */
    public static MediaTask of(MediaKind kind, String prompt) {
        return new MediaTask(kind, prompt, OptionalInt.empty(), Optional.empty(), Optional.empty(), USUAL_LIMIT);
    }

    /** A video of what a text describes. */
    public static MediaTask video(String prompt) {
        return of(MediaKind.VIDEO, prompt);
    }

    /** A text, spoken. */
    public static MediaTask speech(String text) {
        return of(MediaKind.SPEECH, text);
    }

    public MediaTask seconds(int length) {
        return new MediaTask(kind, prompt, OptionalInt.of(length), size, language, limit);
    }

    public MediaTask size(int width, int height) {
        return new MediaTask(kind, prompt, seconds, Optional.of(new Size(width, height)), language, limit);
    }

    public MediaTask language(String tag) {
        return new MediaTask(kind, prompt, seconds, size, Optional.of(tag), limit);
    }

    public MediaTask limit(Duration longest) {
        return new MediaTask(kind, prompt, seconds, size, language, longest);
    }
}
