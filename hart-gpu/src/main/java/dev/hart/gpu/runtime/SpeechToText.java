package dev.hart.gpu.runtime;

/** A model that writes down what is said. */
public non-sealed interface SpeechToText extends LoadedModel {
    /** The words, lower case, with one space between them; empty when nothing was understood. */
    String transcribe(Audio audio);
}
