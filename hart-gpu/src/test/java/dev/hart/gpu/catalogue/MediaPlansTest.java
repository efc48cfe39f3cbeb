package dev.hart.gpu.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MediaPlansTest {
    @ParameterizedTest
    @CsvSource({ // worked case 37
        "60, 720, 500, 57, 704, 480, false",
        "120, 704, 480, 97, 704, 480, true",
        "97, 704, 480, 97, 704, 480, false",
        "98, 704, 480, 97, 704, 480, true",
        "1, 32, 63, 1, 32, 32, false",
        "8, 704, 480, 1, 704, 480, false",
        "9, 704, 480, 9, 704, 480, false"
    })
    void ltx2MakesFramesAndSizesInItsSteps(
            int frames, int width, int height, int made, int madeWidth, int madeHeight, boolean shortened) {
        assertThat(VideoPlan.ltx2(frames, width, height))
                .isEqualTo(new VideoPlan(made, madeWidth, madeHeight, 24, 1, shortened));
    }

    @ParameterizedTest
    @CsvSource({ // worked case 37
        "20, 500, 12, false",
        "10, 250, 6, false",
        "45, 750, 19, true",
        "30, 750, 19, false",
        "31, 750, 19, true",
        "1, 25, 1, false",
        "2, 50, 2, false"
    })
    void aLongVideoIsMadeInChunksThatOverlap(int seconds, int frames, int chunks, boolean shortened) {
        assertThat(VideoPlan.ltx2Long(seconds)).isEqualTo(new VideoPlan(frames, 512, 320, 25, chunks, shortened));
    }

    @Test
    void theToolThatWasChosenSaysTheSize() {
        assertThat(VideoPlan.of(VideoPlan.Tool.WAN2GP, 2)).isEqualTo(new VideoPlan(49, 512, 320, 24, 1, false));
        assertThat(VideoPlan.of(VideoPlan.Tool.WAN2GP, 5)).isEqualTo(new VideoPlan(121, 512, 320, 24, 1, false));
        assertThat(VideoPlan.of(VideoPlan.Tool.LTX2, 1)).isEqualTo(new VideoPlan(49, 832, 480, 24, 1, false));
        assertThat(VideoPlan.of(VideoPlan.Tool.LTX2, 4)).isEqualTo(new VideoPlan(97, 832, 480, 24, 1, false));
        assertThat(VideoPlan.of(VideoPlan.Tool.LTX2, 5)).isEqualTo(new VideoPlan(97, 832, 480, 24, 1, true));
    }

    @Test
    void aVideoThatCannotBeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VideoPlan.ltx2(0, 704, 480))
                .withMessage("frames must be 1 to 2147483647, was 0");
        assertThatIllegalArgumentException().isThrownBy(() -> VideoPlan.ltx2(1, 31, 480));
        assertThatIllegalArgumentException().isThrownBy(() -> VideoPlan.ltx2(1, 704, 8193));
        assertThatIllegalArgumentException().isThrownBy(() -> VideoPlan.ltx2Long(0));
        assertThatIllegalArgumentException().isThrownBy(() -> VideoPlan.of(VideoPlan.Tool.LTX2, 3601));
    }

    @Test
    void whatManyPeersUseIsPopular() { // worked case 38
        assertThat(HivePopularity.of(List.of(.5, .3, .8), 3)).isEqualTo(new HivePopularity(1, true));
        HivePopularity minicpm = HivePopularity.of(List.of(.1, .2), 3);
        assertThat(minicpm.value()).isCloseTo(0.767, within(0.0005));
        assertThat(minicpm.isBoosted()).isTrue();
        assertThat(HivePopularity.of(List.of(0.0, 0.0, 0.0), 5)).isEqualTo(new HivePopularity(0.6, false));
        assertThat(HivePopularity.of(List.of(), 0)).isEqualTo(new HivePopularity(0, false));
        assertThatIllegalArgumentException().isThrownBy(() -> HivePopularity.of(List.of(.1), 0));
        assertThatIllegalArgumentException().isThrownBy(() -> HivePopularity.of(List.of(Double.NaN), 1));
    }

    @Test
    void aTaskIsDoneByTheModelThatIsBestAtIt() {
        ModelCatalogue catalogue = ModelCatalogue.builtIn();
        Headroom room = new Headroom(12 * Gib.ONE, 16 * Gib.ONE, MachineTier.FULL);
        assertThat(catalogue.select(ModelTask.parse("make_video").wish(), room))
                .map(choice -> choice.entry().id())
                .contains("video_gen-wan2gp");
        assertThat(catalogue.select(ModelTask.TRANSCRIBE.wish().language("de"), room))
                .map(choice -> choice.entry().id())
                .contains("stt-faster-whisper-large");
        assertThat(catalogue.select(ModelTask.MAKE_MUSIC.wish(), room)).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ModelTask.parse("dance"))
                .withMessage("task must be one of chat, transcribe, speak, describe_image, make_image, make_video,"
                        + " make_music, embed, was 'dance'");
    }
}
