package dev.hart.speech;

import dev.hart.gpu.catalogue.CatalogueProvider;
import dev.hart.gpu.catalogue.MachineTier;
import dev.hart.gpu.catalogue.ModelBackend;
import dev.hart.gpu.catalogue.ModelEntry;
import dev.hart.gpu.catalogue.ModelSource;
import dev.hart.gpu.catalogue.ModelType;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The voice that comes with FreeTTS and a recogniser of everyday commands, as entries of every catalogue. The capability
 * {@code vocabulary} of the recogniser is {@code commands}: it hears those of its grammar and no free speech.
 */
public final class SpeechModels implements CatalogueProvider {
    /** The voice: {@value}. */
    public static final String VOICE = "tts-freetts-kevin";

    /** The recogniser: {@value}. */
    public static final String COMMANDS = "stt-sphinx4-commands";

    private static final String ENGINE = "engine";
    private static final String ENGLISH = "en";
    private static final String SOUNDS = "com/sun/speech/freetts/en/us/cmu_us_kal/cmu_us_kal16.bin";
    private static final String INDEX = "com/sun/speech/freetts/en/us/cmu_us_kal/cmu_us_kal16.idx";
    private static final long MIB = 1L << 20;

    /** For {@link java.util.ServiceLoader}. */
    public SpeechModels() {}

    @Override
    public List<ModelEntry> entries() {
        return List.of(voice(), commands());
    }

    private static ModelEntry voice() {
        return ModelEntry.of(VOICE, "FreeTTS Kevin", ModelType.TTS)
                .version("1.2.2")
                .source(ModelSource.MAVEN)
                .repository("net.sf.sociaal:freetts:1.2.2")
                .files(Map.of("model", SOUNDS, "index", INDEX))
                .sha256(Map.of(
                        SOUNDS, "52000ba13a943b11335f8180a2bb5d342dba7aa42a46b0712339b0362332c0f8",
                        INDEX, "ff48a2147d1dd5fe8ce71564f0440e56e2efc09a8f83f9e61a82dac167d047e5"))
                .backend(ModelBackend.IN_PROCESS)
                .capability(ENGINE, FreeTtsRuntime.NAME)
                .supportsGpu(false)
                .ramBytes(64 * MIB)
                .diskBytes(4 * MIB)
                .minTier(MachineTier.EMBEDDED)
                .quality(0.3)
                .speed(0.98)
                .languages(ENGLISH)
                .build();
    }

    private static ModelEntry commands() {
        return ModelEntry.of(COMMANDS, "Sphinx-4 everyday commands", ModelType.STT)
                .source(ModelSource.CLASSPATH)
                .file("hart-speech/everyday.gram")
                .backend(ModelBackend.IN_PROCESS)
                .capability(ENGINE, SphinxRuntime.NAME)
                .capability("vocabulary", "commands")
                .supportsGpu(false)
                .ramBytes(192 * MIB)
                .diskBytes(MIB)
                .minTier(MachineTier.OBSERVER)
                .idleTimeout(Duration.ofMinutes(5))
                .quality(0.2)
                .speed(0.8)
                .languages(ENGLISH)
                .build();
    }
}
