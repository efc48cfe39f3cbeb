package dev.hart.speech;

import com.sun.speech.freetts.Age;
import com.sun.speech.freetts.Gender;
import com.sun.speech.freetts.Voice;
import com.sun.speech.freetts.en.us.CMUDiphoneVoice;
import com.sun.speech.freetts.en.us.CMULexicon;
import dev.hart.error.GpuException;
import dev.hart.gpu.runtime.Audio;
import dev.hart.gpu.runtime.TextToSpeech;
import dev.hart.model.ModelException;
import dev.hart.model.ModelException.Kind;
import java.net.URL;
import java.util.Locale;
import java.util.concurrent.CancellationException;

/** A diphone voice. */
final class FreeTtsVoice implements TextToSpeech {
    private static final int MOST_CHARACTERS = 5_000;

    private final String name;
    private final Engines<Voice> engines;

    FreeTtsVoice(URL sounds, int parallel) {
        String path = sounds.getPath();
        this.name = path.substring(path.lastIndexOf('/') + 1, path.length() - ".bin".length());
        this.engines = new Engines<>(name, parallel, () -> voice(sounds));
    }

    private Voice voice(URL sounds) {
        Voice voice = new CMUDiphoneVoice(
                name, Gender.NEUTRAL, Age.NEUTRAL, name, Locale.US, "general", "", new CMULexicon("cmulex"), sounds);
        // Without one, it would open the sound card.
        voice.setAudioPlayer(new Recording(() -> true));
        try {
            voice.allocate();
        } catch (RuntimeException e) {
            throw unreadable(sounds, e);
        } catch (Error e) {
            // FreeTTS throws the class itself for a file that it cannot read.
            if (e.getClass() != Error.class) {
                throw e;
            }
            throw unreadable(sounds, e);
        }
        return voice;
    }

    private static GpuException unreadable(URL sounds, Throwable cause) {
        return new GpuException(
                "MODEL_UNREADABLE",
                "%s is no voice of FreeTTS: %s; load FreeTtsRuntime.kevin()".formatted(sounds, cause.getMessage()),
                cause);
    }

    @Override
    public String name() {
        return name;
    }

    /**
     * Says a text of English words and numbers.
     *
     * @throws IllegalArgumentException when the text is blank or has more than 5,000 characters
     * @throws ModelException {@link Kind#REFUSED} when nothing in the text can be said
     * @throws CancellationException when the thread is interrupted or the model is closed meanwhile
     */
    @Override
    public Audio speak(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("the text is blank; give the words to say");
        }
        if (text.length() > MOST_CHARACTERS) {
            throw new IllegalArgumentException("the text has %d characters and may have %d; say it in parts"
                    .formatted(text.length(), MOST_CHARACTERS));
        }
        return engines.with(voice -> {
            Recording recording = new Recording(() -> !engines.stops());
            voice.setAudioPlayer(recording);
            boolean said = voice.speak(text);
            if (engines.stops()) {
                throw engines.stopped();
            }
            if (!said) {
                throw new ModelException(Kind.UNREADABLE, "voice %s failed in the middle of a text".formatted(name));
            }
            return recording
                    .audio()
                    .orElseThrow(() -> new ModelException(
                            Kind.REFUSED,
                            "voice %s finds no English word or number to say in the text".formatted(name)));
        });
    }

    @Override
    public void close() {
        engines.close();
    }
}
