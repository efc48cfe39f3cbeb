package dev.hart.gpu.runtime;

/**
 * What a text model wrote.
 *
 * @param text without what ended it
 * @param promptTokens of the prompt
 * @param tokens of the answer
 */
public record TextAnswer(String text, int promptTokens, int tokens, End end) {
    /** Why an answer ended. */
    public enum End {
        /** The model said so, or a stop text came. */
        COMPLETE,
        /** At {@code maxTokens}, or at the end of the context. */
        LENGTH,
        /** By its listener, an interrupt, or because the model was closed. */
        CANCELLED,
        /** At its time limit. */
        TIMEOUT
    }
}
