package dev.hart.gpu.runtime;

/** A model that says a text. */
public non-sealed interface TextToSpeech extends LoadedModel {
    /**
     * Says a text.
     *
     * @param text not blank
     */
    Audio speak(String text);
}
