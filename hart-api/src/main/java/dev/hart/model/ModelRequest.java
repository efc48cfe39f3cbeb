package dev.hart.model;

import dev.hart.json.Json;
import dev.hart.tool.ToolSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a model is asked.
 *
 * @param tools those the model may call; usually none
 * @param responseSchema JSON Schema that the text of the answer must follow; null for free text
 * @param maxTokens of the answer
 * @param temperature 0 to 2; null for the model's own
 * @param timeout for the whole answer
 */
public record ModelRequest(
        List<Message> messages,
        List<ToolSpec> tools,
        @Nullable Map<String, @Nullable Object> responseSchema,
        int maxTokens,
        @Nullable Double temperature,
        Duration timeout) {
    // Written out, as compact constructors lose what their parameters' types say about null.
    public ModelRequest(
            List<Message> messages,
            List<ToolSpec> tools,
            @Nullable Map<String, @Nullable Object> responseSchema,
            int maxTokens,
            @Nullable Double temperature,
            Duration timeout) {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("a model request needs at least one message");
        }
        if (maxTokens < 1) {
            throw new IllegalArgumentException("maxTokens must be at least 1, was " + maxTokens);
        }
        if (timeout.isZero() || timeout.isNegative()) {
            throw new IllegalArgumentException("timeout must be longer than zero, was " + timeout);
        }
        this.messages = List.copyOf(messages);
        this.tools = List.copyOf(tools);
        this.responseSchema = responseSchema == null ? null : Json.objectOf(responseSchema);
        this.maxTokens = maxTokens;
        this.temperature = temperature;
        this.timeout = timeout;
    }

    /** Free text, 1,500 tokens, 60 seconds, temperature 0. */
    public static ModelRequest of(Message... messages) {
        return new ModelRequest(List.of(messages), List.of(), null, 1_500, 0.0, Duration.ofSeconds(60));
    }

    /** The same, answered as JSON of this schema. */
    public ModelRequest withResponseSchema(Map<String, @Nullable Object> schema) {
        return new ModelRequest(messages, tools, schema, maxTokens, temperature, timeout);
    }

    /** The same with other messages. */
    public ModelRequest withMessages(List<Message> others) {
        return new ModelRequest(others, tools, responseSchema, maxTokens, temperature, timeout);
    }

    /** The same with another time limit. */
    public ModelRequest withTimeout(Duration limit) {
        return new ModelRequest(messages, tools, responseSchema, maxTokens, temperature, limit);
    }
}
