package dev.hart.gpu.runtime;

import dev.hart.model.Message;
import java.util.List;

/** A model that continues text. */
public non-sealed interface TextModel extends LoadedModel {
    /** Most tokens of prompt and answer together. */
    int contextTokens();

    /** How many tokens the model takes for {@code text}, without marks of begin and end. */
    int countTokens(String text);

    /**
     * The prompt for a conversation, in the form that the model was trained with.
     *
     * @param messages at least one
     */
    String promptOf(List<Message> messages);

    /**
     * Continues {@code request.prompt()}; blocks until the end. When more callers come than the model was loaded for, they wait for
     * their turn. An interrupt ends the call as {@link TextAnswer.End#CANCELLED} and is kept.
     *
     * @throws dev.hart.model.ModelException {@code REFUSED} when the prompt leaves no room for an answer; {@code UNREADABLE} when
     *     the engine fails; {@code UNAVAILABLE} when its process has ended by itself
     */
    TextAnswer generate(TextRequest request, TextListener listener);

    /** The same, for those who want the whole answer only. */
    default TextAnswer generate(TextRequest request) {
        return generate(request, piece -> true);
    }

    /** Is told an answer as it comes. */
    @FunctionalInterface
    interface TextListener {
        /**
         * Called in the thread of the caller of {@code generate}.
         *
         * @param piece never empty
         * @return false to end the answer here
         */
        boolean onText(String piece);
    }
}
