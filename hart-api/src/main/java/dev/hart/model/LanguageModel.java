package dev.hart.model;

import java.util.function.Consumer;

/** A language model. Thread-safe; does not retry by itself: HART does. */
public interface LanguageModel {
    /** Provider and model, such as {@code openai/gpt-4o-mini}; never a key. */
    String name();

    /** What its tokens cost; free unless overridden. */
    default ModelPrice price() {
        return ModelPrice.FREE;
    }

    /**
     * One call; blocks until the whole answer is there.
     *
     * @throws ModelException when there is no usable answer
     */
    ModelReply complete(ModelRequest request);

    /**
     * Like {@link #complete}, and hands over the text piece by piece as it arrives. Models that cannot stream hand it over at
     * the end.
     *
     * @throws ModelException also when the stream ended before the answer did; pieces may have been handed over then
     */
    default ModelReply stream(ModelRequest request, Consumer<String> onText) {
        ModelReply reply = complete(request);
        onText.accept(reply.text());
        return reply;
    }
}
