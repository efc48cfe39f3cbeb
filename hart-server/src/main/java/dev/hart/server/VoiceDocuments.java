package dev.hart.server;

import dev.hart.gpu.catalogue.ModelEntry;
import dev.hart.gpu.catalogue.ModelVerdict;
import dev.hart.gpu.library.ModelLibrary;
import dev.hart.gpu.runtime.Audio;
import dev.hart.tool.Param;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;

/** Speech as JSON, with the names that callers of the reference know. */
final class VoiceDocuments {
    private VoiceDocuments() {}

    /**
     * What was understood.
     *
     * @param text empty when nothing was
     * @param language asked for, or the only one of the model
     * @param vocabulary {@code commands} for a model that hears those of its grammar only
     * @param duration of the audio in seconds
     */
    record TranscriptDocument(
            String text,
            Optional<String> language,
            String model,
            String engine,
            Optional<String> vocabulary,
            BigDecimal duration,
            @Param(name = "latency_ms") long latencyMillis) {
        static TranscriptDocument of(
                String text, Optional<String> language, ModelEntry entry, Audio audio, long latencyMillis) {
            return new TranscriptDocument(
                    text,
                    language.or(() -> only(entry.languages())),
                    entry.id(),
                    ModelLibrary.engineOf(entry),
                    wordsOf(entry),
                    seconds(audio),
                    latencyMillis);
        }
    }

    /**
     * What was said.
     *
     * @param duration of the audio in seconds
     * @param device {@code gpu}, {@code cpu_offload} or {@code cpu}
     * @param location {@code local}: on this machine
     * @param url where the WAV file is to be had for ten minutes, by this caller
     */
    record SpeechDocument(
            BigDecimal duration,
            String engine,
            String device,
            String location,
            @Param(name = "latency_ms") long latencyMillis,
            @Param(name = "sample_rate") int sampleRate,
            String voice,
            @Param(name = "quality_score") double quality,
            @Param(name = "audio_url") String url) {}

    /** A voice that can speak here now. */
    record VoiceDocument(
            String id,
            String name,
            String engine,
            List<String> languages,
            @Param(name = "quality_score") double quality,
            boolean loaded) {
        static VoiceDocument of(ModelEntry entry, boolean loaded) {
            return new VoiceDocument(
                    entry.id(), entry.name(), ModelLibrary.engineOf(entry), entry.languages(), entry.quality(), loaded);
        }
    }

    /**
     * A model that hears or speaks, with what runs it.
     *
     * @param type {@code stt} or {@code tts}
     * @param available whether it can be used now
     * @param reason why it is taken, is not taken, or cannot be used
     */
    record EngineDocument(
            String engine,
            String type,
            String model,
            List<String> languages,
            Optional<String> vocabulary,
            @Param(name = "quality_score") double quality,
            boolean available,
            boolean chosen,
            String reason) {
        static EngineDocument of(ModelVerdict verdict) {
            ModelEntry entry = verdict.entry();
            return new EngineDocument(
                    ModelLibrary.engineOf(entry),
                    entry.type().wireName(),
                    entry.id(),
                    entry.languages(),
                    wordsOf(entry),
                    entry.quality(),
                    verdict.choice().isPresent(),
                    verdict.chosen(),
                    verdict.reason());
        }
    }

    static BigDecimal seconds(Audio audio) {
        return BigDecimal.valueOf(audio.duration().toMillis())
                .divide(BigDecimal.valueOf(1000), 2, RoundingMode.HALF_UP);
    }

    private static Optional<String> wordsOf(ModelEntry entry) {
        return entry.capabilities().get("vocabulary") instanceof String words ? Optional.of(words) : Optional.empty();
    }

    private static Optional<String> only(List<String> languages) {
        return languages.size() == 1
                        && !languages.get(0).equals("*")
                        && !languages.get(0).equals("multilingual")
                ? Optional.of(languages.get(0))
                : Optional.empty();
    }
}
