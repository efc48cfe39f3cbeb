package dev.hart.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One message of a conversation with a model. */
public sealed interface Message {
    String text();

    /** Instructions of the program. */
    record SystemMessage(String text) implements Message {}

    /** What a person, or the program on a person's behalf, says. */
    record UserMessage(String text) implements Message {}

    /** What the model said. */
    record AssistantMessage(String text, List<ToolCall> toolCalls) implements Message {
        public AssistantMessage {
            toolCalls = List.copyOf(toolCalls);
        }
    }

    /** What a tool answered to the call with that id. */
    record ToolMessage(String callId, String tool, String text) implements Message {}

    /**
     * A tool that the model wants called.
     *
     * @param arguments JSON values; checked against the tool's schema by HART, not by the model
     */
    record ToolCall(String id, String tool, Map<String, @Nullable Object> arguments) {}
}
