package dev.hart.gpu.runtime;

/** A model in memory. Thread-safe. A call after {@link #close} throws IllegalStateException. */
public sealed interface LoadedModel extends AutoCloseable
        permits TextModel, EmbeddingModel, SpeechToText, TextToSpeech {
    /** For reports; the name in the model's file, or the file's own. */
    String name();

    /** Ends the calls that run, each as cancelled, and frees the memory. A second call changes nothing. */
    @Override
    void close();
}
