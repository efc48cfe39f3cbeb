package dev.hart.spi;

/**
 * Turns a sentence into a vector, so that sentences of like meaning lie close together. Found by {@link java.util.ServiceLoader};
 * HART uses it to find the recipe for a request, and does without when there is none. Implementations are thread-safe and need no network.
 */
public interface SentenceEmbedder {

    /** Names the model and what is done with its output, 1 to 100 characters: vectors are kept under it and never mixed. */
    String modelId();

    /** How many numbers a vector has; at least 1. */
    int dimensions();

    /**
     * The vector of a sentence, {@link #dimensions} finite numbers, the same each time. Its length does not matter.
     *
     * @param sentence not blank, at most 10,000 characters
     */
    float[] embed(String sentence);
}
