package dev.hart.gpu.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WavFileTest {
    private static final short[] SAMPLES = {0, 1, -1, 32_767, -32_768, 256};

    private static byte[] wav(int code, int channels, int rate, int bits, byte[] data) {
        ByteBuffer out = ByteBuffer.allocate(12 + 24 + 8 + 4 + 8 + data.length).order(ByteOrder.LITTLE_ENDIAN);
        out.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(-1);
        out.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
        out.putShort((short) code).putShort((short) channels).putInt(rate);
        out.putInt(0).putShort((short) 0).putShort((short) bits);
        out.put("LIST".getBytes(StandardCharsets.US_ASCII)).putInt(3).putInt(0);
        out.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(data.length).put(data);
        return out.array();
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        Audio audio = new Audio(16_000, SAMPLES);
        assertThat(Audio.ofWav(audio.toWav())).isEqualTo(audio);
        assertThat(audio.toWav()).hasSize(44 + 2 * SAMPLES.length);
    }

    @Test
    void widthsAndChannelsBecomeOneChannelOf16Bits() {
        assertThat(Audio.ofWav(wav(1, 1, 8_000, 8, bytes(128, 255, 0))).samples())
                .containsExactly(0, 32_512, -32_768);
        assertThat(Audio.ofWav(wav(1, 1, 8_000, 24, bytes(0, 1, 0, 0, 0, 0x80))).samples())
                .containsExactly(1, -32_768);
        assertThat(Audio.ofWav(wav(1, 1, 8_000, 32, bytes(0, 0, 1, 0))).samples())
                .containsExactly(1);
        assertThat(Audio.ofWav(wav(1, 2, 8_000, 16, bytes(100, 0, 200, 0))).samples())
                .containsExactly(150);
        byte[] floats = ByteBuffer.allocate(12)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(1)
                .putFloat(-3)
                .putFloat(Float.NaN)
                .array();
        assertThat(Audio.ofWav(wav(3, 1, 8_000, 32, floats)).samples()).containsExactly(32_767, -32_768, 0);
    }

    @Test
    void ofAStreamThatDoesNotKnowItsLengthAllSamplesThatAreThereAreRead() {
        byte[] file = wav(1, 1, 8_000, 16, bytes(1, 0, 2, 0, 3));
        ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(file.length - 9, -1);
        assertThat(Audio.ofWav(file).samples()).containsExactly(1, 2);
    }

    @ParameterizedTest
    @CsvSource({
        "2, 1, 8000, 4, its samples are of format 2 with 4 bits",
        "1, 1, 8000, 12, its samples are of format 1 with 12 bits",
        "1, 0, 8000, 16, it has 0 channels",
        "1, 9, 8000, 16, it has 9 channels",
        "1, 1, 7999, 16, 'sampleRate must be from 8000 to 192000, was 7999'",
        "1, 1, 192001, 16, sampleRate must be from 8000",
    })
    void aFormatThatCannotBeReadIsRefused(int code, int channels, int rate, int bits, String why) {
        assertThatThrownBy(() -> Audio.ofWav(wav(code, channels, rate, bits, new byte[64])))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(why);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "RIFF", "no sound at all", "RIFF....WAVE", "RIFF....WAVEdata....", "RIFF....WAVEfmt ...."})
    void whatIsNoSoundIsRefused(String text) {
        assertThatThrownBy(() -> Audio.ofWav(text.getBytes(StandardCharsets.US_ASCII)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void noBytesAtAllBringItDown() {
        Random random = new Random(7);
        byte[] whole = wav(1, 2, 44_100, 24, new byte[120]);
        for (int i = 0; i < 5_000; i++) {
            byte[] file = Arrays.copyOf(whole, 1 + random.nextInt(whole.length));
            for (int change = random.nextInt(4); change >= 0; change--) {
                file[random.nextInt(file.length)] = (byte) random.nextInt();
            }
            try {
                assertThat(Audio.ofWav(file).samples()).isNotEmpty();
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }
}
