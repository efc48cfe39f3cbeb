package dev.hart.gpu.catalogue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The entries that HART knows. Sizes are GiB. */
final class BuiltInModels {
    private static final List<ModelEntry> ALL = List.copyOf(make());

    private BuiltInModels() {}

    static List<ModelEntry> all() {
        return ALL;
    }

    private static List<ModelEntry> make() {
        List<ModelEntry> all = new ArrayList<>();
        speechToText(all);
        vision(all);
        video(all);
        textToSpeech(all);
        return all;
    }

    private static long gib(double gib) {
        return Gib.bytes("size", gib);
    }

    private static void speechToText(List<ModelEntry> all) {
        all.add(fasterWhisper("tiny", 0, 0, 0.3, 0.15, 0.60, 0.98, MachineTier.LITE));
        all.add(fasterWhisper("base", 0.2, 0.5, 0.5, 0.30, 0.72, 0.95, MachineTier.LITE));
        all.add(fasterWhisper("small", 0.5, 0.5, 1.0, 0.46, 0.80, 0.85, MachineTier.LITE));
        all.add(fasterWhisper("medium", 1.5, 2.0, 2.0, 1.5, 0.87, 0.72, MachineTier.STANDARD));
        all.add(fasterWhisper("large", 3.0, 4.0, 4.0, 3.1, 0.94, 0.55, MachineTier.FULL));
        all.add(sherpa("moonshine-tiny", 0.2, 0.62, 0.99, MachineTier.LITE, "en"));
        all.add(sherpa("moonshine-base", 0.3, 0.68, 0.96, MachineTier.LITE, "en"));
        all.add(sherpa("whisper-tiny", 0.3, 0.61, 0.97, MachineTier.LITE, "multilingual"));
        all.add(sherpa("whisper-base", 0.4, 0.72, 0.92, MachineTier.LITE, "multilingual"));
        all.add(sherpa("whisper-small", 0.7, 0.79, 0.80, MachineTier.LITE, "multilingual"));
        all.add(sherpa("whisper-medium", 1.5, 0.86, 0.65, MachineTier.STANDARD, "multilingual"));
    }

    private static ModelEntry fasterWhisper(
            String size,
            double vram,
            double peak,
            double ram,
            double disk,
            double quality,
            double speed,
            MachineTier tier) {
        return ModelEntry.of("stt-faster-whisper-" + size, "Faster Whisper " + size, ModelType.STT)
                .repository("Systran/faster-whisper-" + (size.equals("large") ? "large-v3" : size))
                .vramBytes(gib(vram))
                .peakVramBytes(gib(peak))
                .ramBytes(gib(ram))
                .diskBytes(gib(disk))
                .offload(vram > 0, vram > 0 ? OffloadMethod.TORCH_TO_CPU : OffloadMethod.NONE)
                .idleTimeout(Duration.ofSeconds(300))
                .quality(quality)
                .speed(speed)
                .minTier(tier)
                .languages("multilingual")
                .build();
    }

    private static ModelEntry sherpa(
            String size, double ram, double quality, double speed, MachineTier tier, String language) {
        return ModelEntry.of("stt-sherpa-" + size, "Sherpa " + size, ModelType.STT)
                .backend(ModelBackend.ONNX)
                .supportsGpu(false)
                .ramBytes(gib(ram))
                .idleTimeout(Duration.ofSeconds(300))
                .quality(quality)
                .speed(speed)
                .minTier(tier)
                .languages(language)
                .build();
    }

    private static void vision(List<ModelEntry> all) {
        all.add(vlm("qwen08b", "Qwen 0.8B vision", 0.8, 0.75, 0.70, 0.98)
                .vramBytes(gib(0.5))
                .build());
        all.add(vlm("qwen3vl", "Qwen3-VL", 4, 8, 0.90, 0.70)
                .vramBytes(gib(4))
                .supportsCpu(false)
                .minTier(MachineTier.FULL)
                .build());
        all.add(vlm("minicpm-v2", "MiniCPM-V 2", 4, 4, 0.80, 0.70)
                .vramBytes(gib(4))
                .peakVramBytes(gib(6))
                .supportsCpu(false)
                .minTier(MachineTier.FULL)
                .backend(ModelBackend.SIDECAR)
                .build());
        all.add(vlm("mobilevlm", "MobileVLM", 0.4, 0.5, 0.55, 0.92)
                .supportsGpu(false)
                .build());
        all.add(vlm("clip", "CLIP", 0.5, 0.6, 0.45, 0.96).supportsGpu(false).build());
    }

    private static ModelEntry.Builder vlm(
            String id, String name, double ram, double disk, double quality, double speed) {
        return ModelEntry.of("vlm-" + id, name, ModelType.VLM)
                .ramBytes(gib(ram))
                .diskBytes(gib(disk))
                .idleTimeout(Duration.ofSeconds(900))
                .quality(quality)
                .speed(speed);
    }

    private static void video(List<ModelEntry> all) {
        all.add(ModelEntry.of("video_gen-wan2gp", "Wan2GP", ModelType.VIDEO_GEN)
                .source(ModelSource.GITHUB)
                .backend(ModelBackend.SIDECAR)
                .vramBytes(gib(8))
                .ramBytes(gib(12))
                .diskBytes(gib(15))
                .supportsCpu(false)
                .quality(0.88)
                .speed(0.65)
                .minTier(MachineTier.FULL)
                .build());
        all.add(ModelEntry.of("video_gen-ltx2", "LTX-2", ModelType.VIDEO_GEN)
                .backend(ModelBackend.SIDECAR)
                .vramBytes(gib(4))
                .peakVramBytes(gib(6))
                .ramBytes(gib(8))
                .diskBytes(gib(10))
                .offload(OffloadMethod.RESTART_CPU)
                .quality(0.78)
                .speed(0.78)
                .minTier(MachineTier.STANDARD)
                .build());
    }

    private static void textToSpeech(List<ModelEntry> all) {
        all.add(tts("chatterbox-turbo", "Chatterbox Turbo", 0.95)
                .vramBytes(gib(4))
                .peakVramBytes(gib(5.6))
                .supportsCpu(false)
                .minTier(MachineTier.STANDARD)
                .languages("en")
                .languagePriority(Map.of("en", 0))
                .build());
        all.add(tts("chatterbox-ml", "Chatterbox Multilingual", 0.94)
                .vramBytes(gib(12))
                .peakVramBytes(gib(14))
                .supportsCpu(false)
                .minTier(MachineTier.FULL)
                .languages("multilingual")
                .build());
        all.add(tts("luxtts", "LuxTTS", 0.93)
                .vramBytes(gib(1))
                .minTier(MachineTier.STANDARD)
                .languages("en")
                .languagePriority(Map.of("en", 10))
                .build());
        all.add(tts("cosyvoice3", "CosyVoice 3", 0.92)
                .vramBytes(gib(6))
                .supportsCpu(false)
                .minTier(MachineTier.STANDARD)
                .languages("multilingual")
                .build());
        all.add(tts("f5-tts", "F5-TTS", 0.91)
                .vramBytes(gib(4))
                .supportsCpu(false)
                .minTier(MachineTier.STANDARD)
                .languages("en", "zh")
                .languagePriority(Map.of("en", 20))
                .build());
        all.add(tts("indic-parler", "Indic Parler-TTS", 0.90)
                .vramBytes(gib(8))
                .supportsCpu(false)
                .minTier(MachineTier.STANDARD)
                .languages("as", "bn", "gu", "hi", "kn", "ml", "mr", "or", "pa", "ta", "te", "ur")
                .build());
        all.add(tts("makeittalk", "MakeItTalk", 0.88)
                .source(ModelSource.API)
                .backend(ModelBackend.API)
                .supportsGpu(false)
                .ramBytes(0)
                .languages("multilingual")
                .enabled(false)
                .tags(List.of("cloud"))
                .build());
        all.add(tts("pocket-tts", "Pocket TTS", 0.85)
                .supportsGpu(false)
                .languages("en")
                .languagePriority(Map.of("en", 30))
                .build());
        all.add(tts("espeak", "eSpeak NG", 0.40)
                .source(ModelSource.LOCAL)
                .backend(ModelBackend.IN_PROCESS)
                .supportsGpu(false)
                .ramBytes(gib(0.1))
                .languages("*")
                .languagePriority(Map.of("en", 40))
                .build());
    }

    private static ModelEntry.Builder tts(String id, String name, double quality) {
        return ModelEntry.of("tts-" + id, name, ModelType.TTS).quality(quality);
    }
}
