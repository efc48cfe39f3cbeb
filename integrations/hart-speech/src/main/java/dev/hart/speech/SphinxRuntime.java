package dev.hart.speech;

import dev.hart.error.GpuException;
import dev.hart.gpu.catalogue.ModelType;
import dev.hart.gpu.runtime.LoadOptions;
import dev.hart.gpu.runtime.ModelRuntime;
import dev.hart.gpu.runtime.SpeechToText;
import dev.hart.gpu.runtime.Weights;
import java.util.Optional;
import java.util.Set;

/**
 * Sphinx-4: spoken English commands, in Java alone. The weights are a grammar of the commands in the Java Speech Grammar Format
 * (JSGF) as one text; the acoustic model and the dictionary of 134,000 words are in the engine's jar. What is said outside the
 * grammar is not written down. Computes on the processor. Thread-safe.
 *
 * <p>Of the options, {@link LoadOptions#parallel} says how many callers are heard at the same time, each by a recogniser of its own
 * that is made at its first use. A model hears audio of at most 60 seconds, of any rate; it works at 16,000 samples a second. Commands with half a
 * second of silence between them are heard one by one. A call that is interrupted, or whose model is closed, ends with
 * {@link java.util.concurrent.CancellationException}.
 */
public final class SphinxRuntime implements ModelRuntime {
    public static final String NAME = "sphinx4";

    /** For {@link java.util.ServiceLoader}. */
    public SphinxRuntime() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<ModelType> types() {
        return Set.of(ModelType.STT);
    }

    @Override
    public Optional<String> unavailable() {
        return AcousticModel.isThere()
                ? Optional.empty()
                : Optional.of("its acoustic model is not there; add de.sciss:sphinx4-data");
    }

    /**
     * Loads a grammar. It is one text without imports and without rules that contain themselves, and has at most 5,000 words
     * and names of rules when its rules are written out; each word is in the dictionary, in lower case.
     *
     * @throws GpuException {@code MODEL_UNREADABLE} when the grammar is not so, {@code RUNTIME_UNAVAILABLE} when the acoustic model is
     *     missing or another mode than the processor is asked for
     */
    @Override
    public SpeechToText load(Weights weights, LoadOptions options) {
        unavailable().ifPresent(reason -> {
            throw new GpuException("RUNTIME_UNAVAILABLE", "Sphinx-4 cannot run here: " + reason);
        });
        Engines.requireProcessor("Sphinx-4", options);
        CommandGrammar grammar = CommandGrammar.of(weights);
        AcousticModel.requireWords(grammar);
        return new SphinxCommands(grammar, options.parallel());
    }
}
