package dev.hart.model;

import dev.hart.model.Message.ToolCall;
import java.time.Duration;
import java.util.List;

/**
 * What a model answered.
 *
 * @param text empty when there are only tool calls
 * @param latency from the request to the last token
 */
public record ModelReply(String text, List<ToolCall> toolCalls, TokenCount tokens, Duration latency) {
    public ModelReply {
        toolCalls = List.copyOf(toolCalls);
    }
}
