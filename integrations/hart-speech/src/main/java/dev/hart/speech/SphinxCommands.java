package dev.hart.speech;

import dev.hart.gpu.runtime.Audio;
import dev.hart.gpu.runtime.SpeechToText;
import dev.hart.model.ModelException;
import dev.hart.model.ModelException.Kind;
import java.util.concurrent.CancellationException;

/** Spoken commands of one grammar. */
final class SphinxCommands implements SpeechToText {
    private static final int LONGEST_SECONDS = 60;

    private final CommandGrammar grammar;
    private final Engines<Recogniser> engines;

    SphinxCommands(CommandGrammar grammar, int parallel) {
        this.grammar = grammar;
        this.engines = new Engines<>(grammar.name(), parallel, () -> new Recogniser(grammar, this::goOn));
    }

    private void goOn() {
        if (engines.stops()) {
            throw engines.stopped();
        }
    }

    @Override
    public String name() {
        return grammar.name();
    }

    /**
     * The commands that are said.
     *
     * @throws ModelException {@link Kind#REFUSED} when the audio has no samples or is longer than 60 seconds
     * @throws CancellationException when the thread is interrupted or the model is closed meanwhile
     */
    @Override
    public String transcribe(Audio audio) {
        short[] samples = audio.samples();
        if (samples.length == 0) {
            throw refused("the audio has no samples; record something first");
        }
        if (samples.length > (long) LONGEST_SECONDS * audio.sampleRate()) {
            throw refused("the audio lasts %s and may last %d seconds; cut it where nothing is said"
                    .formatted(audio.duration(), LONGEST_SECONDS));
        }
        return engines.with(recogniser -> {
            goOn();
            return recogniser.words(
                    Sound.amongNoise(Sound.resampled(samples, audio.sampleRate(), Recogniser.SAMPLE_RATE)));
        });
    }

    private static ModelException refused(String reason) {
        return new ModelException(Kind.REFUSED, reason);
    }

    @Override
    public void close() {
        engines.close();
    }
}
