package dev.hart.speech;

import com.sun.speech.freetts.en.us.cmu_us_kal.KevinVoiceDirectory;
import dev.hart.error.GpuException;
import dev.hart.gpu.catalogue.ModelType;
import dev.hart.gpu.runtime.LoadOptions;
import dev.hart.gpu.runtime.ModelRuntime;
import dev.hart.gpu.runtime.TextToSpeech;
import dev.hart.gpu.runtime.Weights;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * FreeTTS: a voice for English text, in Java alone. The weights are the recorded sounds of a diphone voice, a file {@code name.bin}
 * with {@code name.idx} beside it; one voice is in the engine's jar, see {@link #kevin()}. Computes on the processor. Thread-safe.
 *
 * <p>Of the options, {@link LoadOptions#parallel} says how many texts are said at the same time, each by a voice of its own that is
 * made at its first use. A text has at most 5,000 characters. A call that is interrupted, or whose model is closed, ends with
 * {@link java.util.concurrent.CancellationException}.
 */
public final class FreeTtsRuntime implements ModelRuntime {
    public static final String NAME = "freetts";

    /** For {@link java.util.ServiceLoader}. */
    public FreeTtsRuntime() {}

    /** The man's voice that comes with FreeTTS, with 16,000 samples a second. */
    public static Weights kevin() {
        return Weights.resource(
                Objects.requireNonNull(KevinVoiceDirectory.class.getResource("cmu_us_kal16.bin"), "cmu_us_kal16.bin"));
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<ModelType> types() {
        return Set.of(ModelType.TTS);
    }

    @Override
    public Optional<String> unavailable() {
        return Optional.empty();
    }

    @Override
    public TextToSpeech load(Weights weights, LoadOptions options) {
        Engines.requireProcessor("FreeTTS", options);
        URL sounds = sounds(weights);
        return new FreeTtsVoice(sounds, options.parallel());
    }

    private static URL sounds(Weights weights) {
        try {
            URL url;
            if (weights instanceof Weights.InFile file) {
                Path path = file.path();
                if (!Files.isRegularFile(path)) {
                    throw unreadable(weights, "there is no such file");
                }
                url = path.toUri().toURL();
            } else {
                url = ((Weights.InResource) weights).url();
            }
            if (!url.getPath().endsWith(".bin")) {
                throw unreadable(weights, "its name does not end with .bin");
            }
            return url;
        } catch (MalformedURLException e) {
            throw unreadable(weights, String.valueOf(e.getMessage()));
        }
    }

    private static GpuException unreadable(Weights weights, String problem) {
        return new GpuException(
                "MODEL_UNREADABLE",
                "%s is no voice of FreeTTS: %s; load FreeTtsRuntime.kevin()".formatted(weights, problem));
    }
}
