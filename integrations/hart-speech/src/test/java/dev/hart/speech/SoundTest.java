package dev.hart.speech;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SoundTest {
    private static short[] tone(int hertz, int rate) {
        short[] samples = new short[rate];
        for (int i = 0; i < rate; i++) {
            samples[i] = (short) Math.round(10_000 * Math.sin(2 * Math.PI * hertz * i / rate));
        }
        return samples;
    }

    @ParameterizedTest
    @ValueSource(ints = {8_000, 11_025, 44_100, 48_000})
    void aToneIsTheSameAtAnotherRate(int rate) {
        short[] expected = tone(1_000, 16_000);
        short[] resampled = Sound.resampled(tone(1_000, rate), rate, 16_000);
        assertThat(resampled).hasSize(16_000);
        for (int i = 100; i < 15_900; i++) {
            assertThat((int) resampled[i]).isBetween(expected[i] - 100, expected[i] + 100);
        }
    }

    @Test
    void whatTheRateCannotCarryIsFilteredOut() {
        short[] resampled = Sound.resampled(tone(10_000, 48_000), 48_000, 16_000);
        for (int i = 100; i < 15_900; i++) {
            assertThat((int) resampled[i]).isBetween(-100, 100);
        }
    }

    @Test
    void noiseIsPutBeforeAndAfterAndAlwaysTheSame() {
        byte[] bytes = Sound.amongNoise(new short[] {Short.MAX_VALUE, Short.MIN_VALUE});
        assertThat(bytes)
                .hasSize(2 * (16_000 + 2 + 16_000))
                .isEqualTo(Sound.amongNoise(new short[] {Short.MAX_VALUE, Short.MIN_VALUE}));
        // Loud samples stay loud: what would not fit is cut.
        assertThat(bytes[2 * 16_000 + 1]).isEqualTo((byte) 0x7F);
        assertThat(bytes[2 * 16_001 + 1]).isEqualTo((byte) 0x80);
    }
}
