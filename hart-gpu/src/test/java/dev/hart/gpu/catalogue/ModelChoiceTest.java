package dev.hart.gpu.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.gpu.LeaseMode;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which model is taken: the worked cases, and both sides of each rule. */
class ModelChoiceTest {
    private final ModelCatalogue catalogue = ModelCatalogue.builtIn();

    private static Headroom room(double gpu, double ram, MachineTier tier) {
        return new Headroom(Gib.bytes("gpu", gpu), Gib.bytes("ram", ram), tier);
    }

    private void assertChosen(ModelWish wish, Headroom room, String id, LeaseMode fit, double score) {
        assertThat(catalogue.select(wish, room))
                .map(choice -> List.of(choice.entry().id(), choice.fit(), choice.score()))
                .contains(List.of(id, fit, score));
    }

    private ModelVerdict verdict(ModelWish wish, Headroom room, String id) {
        return catalogue.explain(wish, room).stream()
                .filter(v -> v.entry().id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static final ModelWish STT = ModelWish.of(ModelType.STT);

    @Test
    void aSmallMachineWithoutAGpuTranscribesWithTheBestThatItsTierAllows() { // worked case 24
        Headroom small = room(0, 4, MachineTier.LITE);
        assertChosen(STT, small, "stt-faster-whisper-small", LeaseMode.CPU, 130);
        assertThat(catalogue.explain(STT, small).get(1).entry().id()).isEqualTo("stt-sherpa-whisper-small");
        assertThat(catalogue.explain(STT, small).get(1).reason())
                .isEqualTo("its score 129 is below 130 of stt-faster-whisper-small");
    }

    @Test
    void aModelThatIsHereIsPreferredToASomewhatBetterOneThatIsNot() { // worked case 24
        catalogue.markDownloaded("stt-sherpa-whisper-tiny", true);
        assertChosen(STT, room(0, 4, MachineTier.LITE), "stt-sherpa-whisper-tiny", LeaseMode.CPU, 161);
    }

    @Test
    void aLargeGpuTranscribesWithTheLargestModel() { // worked case 25
        assertChosen(STT, room(10, 8, MachineTier.FULL), "stt-faster-whisper-large", LeaseMode.GPU, 344);
    }

    @Test
    void aModelThatRunsOnTheProcessorOnlyGetsNoBonusForAGpu() { // worked case 26
        Headroom oneGib = room(1, 8, MachineTier.FULL);
        assertChosen(STT, oneGib, "stt-faster-whisper-small", LeaseMode.GPU, 330);
        assertThat(verdict(STT, oneGib, "stt-sherpa-whisper-medium").choice())
                .map(ModelChoice::score)
                .contains(136.0);
    }

    @Test
    void videoIsMadeWithTheBestThatFitsWholeOrInPart() { // worked case 27
        ModelWish video = ModelWish.of(ModelType.VIDEO_GEN);
        assertChosen(video, room(2.5, 16, MachineTier.FULL), "video_gen-ltx2", LeaseMode.CPU_OFFLOAD, 228);
        assertChosen(video, room(12, 16, MachineTier.FULL), "video_gen-wan2gp", LeaseMode.GPU, 338);
        assertThat(catalogue.select(video, room(1, 4, MachineTier.FULL))).isEmpty();
        assertThat(verdict(video, room(1, 4, MachineTier.FULL), "video_gen-ltx2")
                        .reason())
                .isEqualTo(
                        "it needs 6.00 GiB of one GPU (1.00 GiB can be had) or 8.00 GiB of memory (4.00 GiB can be had)");
    }

    @Test
    void theTierOfTheMachineDecidesWhatMayBeChosenAtAll() { // worked case 28
        ModelWish vlm = ModelWish.of(ModelType.VLM);
        assertChosen(vlm, room(6, 16, MachineTier.FULL), "vlm-qwen3vl", LeaseMode.GPU, 340);
        assertChosen(vlm, room(6, 16, MachineTier.STANDARD), "vlm-qwen08b", LeaseMode.GPU, 320);
        assertThat(verdict(vlm, room(6, 16, MachineTier.STANDARD), "vlm-qwen3vl")
                        .reason())
                .isEqualTo("it needs a machine of tier full, this one is standard");
    }

    @Test
    void aLanguageChoosesTheVoiceAndAVoiceThatIsLoadedChoosesItself() { // worked case 29
        ModelWish english = ModelWish.of(ModelType.TTS).language("en");
        Headroom large = room(40, 32, MachineTier.COMPUTE_HOST);
        assertChosen(english, large, "tts-chatterbox-turbo", LeaseMode.GPU, 645);
        catalogue.markLoaded("tts-espeak", LeaseMode.CPU);
        assertChosen(english, large, "tts-espeak", LeaseMode.CPU, 1270);
    }

    @Test
    void aLanguageThatAModelDoesNotSpeakCostsIt500() {
        ModelWish welsh = ModelWish.of(ModelType.TTS).language("cy");
        Headroom large = room(40, 32, MachineTier.COMPUTE_HOST);
        assertThat(verdict(welsh, large, "tts-chatterbox-turbo").choice().map(ModelChoice::score))
                .contains(95.0 + 50 + 200 - 500);
        assertThat(verdict(welsh, large, "tts-espeak").choice().map(ModelChoice::score))
                .contains(40.0 + 50 + 150);
        assertThat(verdict(ModelWish.of(ModelType.TTS).language("EN-GB"), large, "tts-chatterbox-turbo")
                        .choice())
                .map(ModelChoice::score)
                .contains(645.0);
    }

    @Test
    void aModelFitsFromItsPeakOnAndInPartFromItsOffloadOn() {
        ModelWish video = ModelWish.of(ModelType.VIDEO_GEN);
        Headroom atPeak = new Headroom(6 * Gib.ONE, 8 * Gib.ONE, MachineTier.STANDARD);
        assertChosen(video, atPeak, "video_gen-ltx2", LeaseMode.GPU, 328);
        Headroom below = new Headroom(6 * Gib.ONE - 1, 8 * Gib.ONE, MachineTier.STANDARD);
        assertChosen(video, below, "video_gen-ltx2", LeaseMode.CPU_OFFLOAD, 228);
        Headroom belowOffload = new Headroom(2 * Gib.ONE - 1, 8 * Gib.ONE, MachineTier.STANDARD);
        assertChosen(video, belowOffload, "video_gen-ltx2", LeaseMode.CPU, 128);
        Headroom belowRam = new Headroom(2 * Gib.ONE, 8 * Gib.ONE - 1, MachineTier.STANDARD);
        assertThat(catalogue.select(video, belowRam)).isEmpty();
    }

    @Test
    void aCapabilityMustBeThereWithTheValueThatIsAskedFor() {
        catalogue.register(ModelEntry.of("llm-a", "A", ModelType.LLM)
                .capability("tools", true)
                .capability("context", 8192)
                .build());
        Headroom any = room(0, 8, MachineTier.LITE);
        ModelWish llm = ModelWish.of(ModelType.LLM);
        assertThat(catalogue.select(llm.capability("context", 8192L), any)).isPresent();
        assertThat(catalogue.select(llm.capability("tools", true), any)).isPresent();
        assertThat(verdict(llm.capability("tools", false), any, "llm-a").reason())
                .isEqualTo("its capability 'tools' is true, asked was false");
        assertThat(verdict(llm.capability("vision", true), any, "llm-a").reason())
                .isEqualTo("it does not say what its capability 'vision' is, asked was true");
    }

    @Test
    void ofEqualScoresTheFirstIdWins() {
        catalogue.register(ModelEntry.of("llm-b", "B", ModelType.LLM).build());
        catalogue.register(ModelEntry.of("llm-a", "A", ModelType.LLM).build());
        catalogue.register(
                ModelEntry.of("llm-0", "Off", ModelType.LLM).enabled(false).build());
        Headroom any = room(0, 8, MachineTier.LITE);
        assertThat(catalogue.explain(ModelWish.of(ModelType.LLM), any))
                .extracting(v -> v.entry().id() + ": " + v.reason())
                .containsExactly(
                        "llm-a: chosen with score 100",
                        "llm-b: its score 100 is that of llm-a, whose id comes first",
                        "llm-0: it is disabled");
    }

    @Test
    void aLoadedModelAlwaysFitsWhereItIs() {
        catalogue.markLoaded("video_gen-wan2gp", LeaseMode.GPU);
        assertChosen(
                ModelWish.of(ModelType.VIDEO_GEN),
                room(0, 0, MachineTier.FULL),
                "video_gen-wan2gp",
                LeaseMode.GPU,
                88 + 50 + 200 + 1000);
        catalogue.markUnloaded("video_gen-wan2gp");
        assertThat(catalogue.select(ModelWish.of(ModelType.VIDEO_GEN), room(0, 0, MachineTier.FULL)))
                .isEqualTo(Optional.empty());
    }
}
