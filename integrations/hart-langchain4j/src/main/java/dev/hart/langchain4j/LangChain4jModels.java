package dev.hart.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;

/** Models of HART from models of LangChain4j. */
public final class LangChain4jModels {
    private LangChain4jModels() {}

    /**
     * Any chat model. Build it with {@code maxRetries(0)}: HART tries again by itself, and honours what the provider says
     * about waiting.
     */
    public static LangChain4jModel chat(ChatModel model) {
        return new LangChain4jModel(new Backend(model, model, null, null, false));
    }

    /** The same, with a model that hands over its text piece by piece. */
    public static LangChain4jModel chat(ChatModel model, StreamingChatModel streaming) {
        return new LangChain4jModel(new Backend(model, model, streaming, streaming, false));
    }
}
