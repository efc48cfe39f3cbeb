package dev.hart.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import org.jspecify.annotations.Nullable;

/**
 * The LangChain4j models behind one model of HART. LangChain4j fixes at building time whether an answer's schema is
 * strict, hence two of each; both may be the same.
 *
 * @param namesCompletionTokens whether the limit of the answer goes into {@code max_completion_tokens}, which newer models
 *     of OpenAI ask for, and not into {@code max_tokens}
 */
record Backend(
        ChatModel chat,
        ChatModel strictChat,
        @Nullable StreamingChatModel streaming,
        @Nullable StreamingChatModel strictStreaming,
        boolean namesCompletionTokens) {

    ChatModel chat(boolean strict) {
        return strict ? strictChat : chat;
    }
}
