package dev.hart.gpu.catalogue;

/**
 * What a video model is asked for, in sizes that it can make.
 *
 * @param frames of the whole
 * @param chunks that it is made in
 * @param isShortened whether more was wished for than it can make
 */
public record VideoPlan(int frames, int width, int height, int framesPerSecond, int chunks, boolean isShortened) {
    /** Steps of LTX2 for one chunk, and for one of a long video. */
    public static final int LTX2_STEPS = 30;

    public static final int LTX2_LONG_STEPS = 25;
    /** How closely LTX2 follows the words. */
    public static final double LTX2_GUIDANCE = 3.0;
    /** Frames when nobody says how many. */
    public static final int USUAL_FRAMES = 49;
    /** Seconds when nobody says how many. */
    public static final int USUAL_SECONDS = 2;

    private static final int LTX2_MOST_FRAMES = 97;
    private static final int LTX2_FRAME_STEP = 8;
    private static final int LTX2_SIZE_STEP = 32;
    private static final int LARGEST_SIZE = 8192;
    private static final int FPS = 24;
    private static final int LONG_FPS = 25;
    private static final int LONG_MOST_SECONDS = 30;
    private static final int LONG_OVERLAP = 8;

    /** Tools that a video can be asked of. */
    public enum Tool {
        WAN2GP(512, 320),
        LTX2(832, 480);

        private final int width;
        private final int height;

        Tool(int width, int height) {
            this.width = width;
            this.height = height;
        }
    }

    /**
     * One chunk of LTX2: frames are one more than a multiple of 8, 97 at most; sizes are rounded down to multiples of 32.
     *
     * @param frames at least 1
     * @param width 32 to 8192
     * @param height 32 to 8192
     */
    public static VideoPlan ltx2(int frames, int width, int height) {
        requireRange("frames", frames, 1, Integer.MAX_VALUE);
        requireRange("width", width, LTX2_SIZE_STEP, LARGEST_SIZE);
        requireRange("height", height, LTX2_SIZE_STEP, LARGEST_SIZE);
        int made = (Math.min(frames, LTX2_MOST_FRAMES) - 1) / LTX2_FRAME_STEP * LTX2_FRAME_STEP + 1;
        return new VideoPlan(
                made,
                width / LTX2_SIZE_STEP * LTX2_SIZE_STEP,
                height / LTX2_SIZE_STEP * LTX2_SIZE_STEP,
                FPS,
                1,
                frames > LTX2_MOST_FRAMES);
    }

    /**
     * A long video of LTX2, 30 seconds at most: chunks of 49 frames, of which 8 overlap, trimmed at the end.
     *
     * @param seconds at least 1
     */
    public static VideoPlan ltx2Long(int seconds) {
        requireRange("seconds", seconds, 1, Integer.MAX_VALUE);
        int frames = Math.min(seconds, LONG_MOST_SECONDS) * LONG_FPS;
        int beyondFirst = Math.max(0, frames - USUAL_FRAMES);
        int step = USUAL_FRAMES - LONG_OVERLAP;
        int chunks = 1 + (beyondFirst + step - 1) / step;
        return new VideoPlan(frames, 512, 320, LONG_FPS, chunks, seconds > LONG_MOST_SECONDS);
    }

    /**
     * A video by whichever tool was chosen: 24 frames a second and one more, 49 at least.
     *
     * @param seconds 1 to 3600
     */
    public static VideoPlan of(Tool tool, int seconds) {
        requireRange("seconds", seconds, 1, 3600);
        int frames = Math.max(USUAL_FRAMES, FPS * seconds + 1);
        return tool == Tool.LTX2
                ? ltx2(frames, tool.width, tool.height)
                : new VideoPlan(frames, tool.width, tool.height, FPS, 1, false);
    }

    private static void requireRange(String field, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException("%s must be %d to %d, was %d".formatted(field, least, most, value));
        }
    }
}
