package dev.hart.speech;

import java.util.Random;

/** What is done to samples before they are recognised. */
final class Sound {
    /** Zero crossings of the filter on each side. */
    private static final int REACH = 16;

    private static final double NOISE = 5;

    private Sound() {}

    /** The samples at another rate; what a lower rate cannot carry is filtered out. */
    static short[] resampled(short[] samples, int from, int to) {
        if (from == to) {
            return samples;
        }
        double step = (double) from / to;
        double width = Math.max(1, step);
        int reach = (int) Math.ceil(REACH * width);
        short[] result = new short[(int) ((long) samples.length * to / from)];
        for (int i = 0; i < result.length; i++) {
            double centre = i * step;
            int first = Math.max(0, (int) Math.ceil(centre - reach));
            int last = Math.min(samples.length - 1, (int) Math.floor(centre + reach));
            double sum = 0;
            double weights = 0;
            for (int at = first; at <= last; at++) {
                double weight = weight((at - centre) / width);
                sum += weight * samples[at];
                weights += weight;
            }
            result[i] = clipped(sum / weights);
        }
        return result;
    }

    /** The sinc function, which Hann's window ends. */
    private static double weight(double distance) {
        if (distance == 0) {
            return 1;
        }
        double angle = Math.PI * distance;
        return Math.sin(angle) / angle * (0.5 + 0.5 * Math.cos(angle / REACH));
    }

    /**
     * The samples as bytes, low byte first, with a second of low noise before and after them: the recogniser learns from it what
     * silence is. Lies over the samples, too, as silence without any noise is nothing that it could measure.
     */
    static byte[] amongNoise(short[] samples) {
        Random random = new Random(1); // the same words for the same audio
        byte[] bytes = new byte[2 * (samples.length + 2 * Recogniser.SAMPLE_RATE)];
        for (int i = 0; i < bytes.length / 2; i++) {
            int at = i - Recogniser.SAMPLE_RATE;
            int sample = clipped((at >= 0 && at < samples.length ? samples[at] : 0) + NOISE * random.nextGaussian());
            bytes[2 * i] = (byte) sample;
            bytes[2 * i + 1] = (byte) (sample >> 8);
        }
        return bytes;
    }

    private static short clipped(double value) {
        return (short) Math.max(Short.MIN_VALUE, Math.min(Short.MAX_VALUE, Math.round(value)));
    }
}
