package dev.hart.speech;

import com.sun.speech.freetts.audio.AudioPlayer;
import dev.hart.gpu.runtime.Audio;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import javax.sound.sampled.AudioFormat;

/** Keeps what a voice says. */
final class Recording implements AudioPlayer {
    private final BooleanSupplier goesOn;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private AudioFormat format = new AudioFormat(Recogniser.SAMPLE_RATE, 16, 1, true, true);

    Recording(BooleanSupplier goesOn) {
        this.goesOn = goesOn;
    }

    /** Empty when nothing was said. */
    Optional<Audio> audio() {
        if (bytes.size() == 0) {
            return Optional.empty();
        }
        short[] samples = new short[bytes.size() / 2];
        ByteBuffer.wrap(bytes.toByteArray())
                .order(format.isBigEndian() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN)
                .asShortBuffer()
                .get(samples);
        return Optional.of(new Audio((int) format.getSampleRate(), samples));
    }

    @Override
    public void setAudioFormat(AudioFormat next) {
        format = next;
    }

    @Override
    public AudioFormat getAudioFormat() {
        return format;
    }

    @Override
    public boolean write(byte[] data) {
        return write(data, 0, data.length);
    }

    @Override
    public boolean write(byte[] data, int offset, int length) {
        bytes.write(data, offset, length);
        return goesOn.getAsBoolean();
    }

    @Override
    public boolean drain() {
        return true;
    }

    @Override
    public boolean end() {
        return goesOn.getAsBoolean();
    }

    @Override
    public float getVolume() {
        return 1;
    }

    @Override
    public long getTime() {
        return 0;
    }

    @Override
    public void begin(int size) {}

    @Override
    public void pause() {}

    @Override
    public void resume() {}

    @Override
    public void reset() {}

    @Override
    public void cancel() {}

    @Override
    public void close() {}

    @Override
    public void setVolume(float volume) {}

    @Override
    public void resetTime() {}

    @Override
    public void startFirstSampleTimer() {}

    @Override
    public void showMetrics() {}
}
