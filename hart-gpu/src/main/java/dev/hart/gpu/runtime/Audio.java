package dev.hart.gpu.runtime;

import java.time.Duration;
import java.util.Arrays;

/** Sound of one channel as 16-bit samples. Immutable. */
public final class Audio {
    private final int sampleRate;
    private final short[] samples;

    /** @param sampleRate samples a second, 8,000 to 192,000 */
    public Audio(int sampleRate, short[] samples) {
        if (sampleRate < 8_000 || sampleRate > 192_000) {
            throw new IllegalArgumentException("sampleRate must be from 8000 to 192000, was " + sampleRate);
        }
        this.sampleRate = sampleRate;
        this.samples = samples.clone();
    }

    /**
     * Reads a WAV file of PCM samples: 8, 16, 24 or 32 bits, or floats of 32 bits; several channels are made one by their mean.
     * What follows the samples, and samples that the file says it has but does not, are left out.
     *
     * @throws IllegalArgumentException when it is no such file, has no sample, or a rate that is not from 8,000 to 192,000
     */
    public static Audio ofWav(byte[] file) {
        return WavFile.read(file);
    }

    /** A WAV file of these samples. */
    public byte[] toWav() {
        return WavFile.write(sampleRate, samples);
    }

    /** Samples a second. */
    public int sampleRate() {
        return sampleRate;
    }

    /** A copy. */
    public short[] samples() {
        return samples.clone();
    }

    public Duration duration() {
        return Duration.ofNanos(samples.length * 1_000_000_000L / sampleRate);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Audio audio && sampleRate == audio.sampleRate && Arrays.equals(samples, audio.samples);
    }

    @Override
    public int hashCode() {
        return 31 * sampleRate + Arrays.hashCode(samples);
    }

    @Override
    public String toString() {
        return "audio of %s at %d Hz".formatted(duration(), sampleRate);
    }
}
