package dev.hart.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.hart.json.Json;
import dev.hart.model.Message.ToolCall;
import dev.hart.model.TokenCount;
import dev.hart.testing.OpenAiWireServer.Reply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The documents of OpenAI's chat-completions API.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/chat">API reference</a>
 */
final class OpenAiWireFormat {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final String ID = "chatcmpl-test";
    private static final String MODEL = "test-model";
    private static final long CREATED = 1_767_225_600;

    /** Streamed text and streamed arguments come in pieces of this many chars. */
    private static final int PIECE = 7;

    private OpenAiWireFormat() {}

    /** The JSON object that a request is, or null. */
    static @Nullable Map<String, @Nullable Object> parse(byte[] bytes) {
        try {
            return MAPPER.readValue(bytes, Object.class) instanceof Map<?, ?> object ? copy(object) : null;
        } catch (IOException e) {
            return null;
        }
    }

    private static Map<String, @Nullable Object> copy(Map<?, ?> object) {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        object.forEach((key, value) -> copy.put(String.valueOf(key), value));
        return Json.objectOf(copy);
    }

    /** What keeps a request from being one; empty when nothing does. */
    static List<String> problems(@Nullable String contentType, @Nullable Map<String, @Nullable Object> body) {
        if (contentType == null || !contentType.startsWith("application/json")) {
            return List.of("the Content-Type must be application/json, was " + contentType);
        }
        return body == null ? List.of("the body is not a JSON object") : new OpenAiWireRequest(body).problems();
    }

    static String completion(Reply.Answer answer) {
        Map<String, @Nullable Object> message = message(answer.text(), answer.toolCalls());
        Map<String, @Nullable Object> choice = new LinkedHashMap<>();
        choice.put("index", 0L);
        choice.put("message", message);
        choice.put("logprobs", null);
        choice.put("finish_reason", answer.finishReason());
        return write(document("chat.completion", List.of(choice), usage(answer.tokens())));
    }

    static String completionWithoutChoices() {
        return write(document("chat.completion", List.of(), usage(new TokenCount(10, 0))));
    }

    private static Map<String, @Nullable Object> message(String text, List<ToolCall> calls) {
        Map<String, @Nullable Object> message = new LinkedHashMap<>();
        message.put("role", "assistant");
        message.put("content", calls.isEmpty() ? text : null);
        message.put("refusal", null);
        if (!calls.isEmpty()) {
            message.put(
                    "tool_calls",
                    calls.stream()
                            .map(call -> Map.of(
                                    "id",
                                    call.id(),
                                    "type",
                                    "function",
                                    "function",
                                    Map.of("name", call.tool(), "arguments", write(call.arguments()))))
                            .toList());
        }
        return message;
    }

    /** The data of the events of a stream, the closing mark included. */
    static List<String> events(Reply.Answer answer, boolean withUsage) {
        List<String> events = new ArrayList<>();
        events.add(chunk(Map.of("role", "assistant", "content", ""), null));
        for (String piece : pieces(answer.text())) {
            events.add(chunk(Map.of("content", piece), null));
        }
        for (int i = 0; i < answer.toolCalls().size(); i++) {
            ToolCall call = answer.toolCalls().get(i);
            events.add(toolChunk(Map.of(
                    "index",
                    (long) i,
                    "id",
                    call.id(),
                    "type",
                    "function",
                    "function",
                    Map.of("name", call.tool(), "arguments", ""))));
            for (String piece : pieces(write(call.arguments()))) {
                events.add(toolChunk(Map.of("index", (long) i, "function", Map.of("arguments", piece))));
            }
        }
        events.add(chunk(Map.of(), answer.finishReason()));
        if (withUsage) {
            events.add(write(document("chat.completion.chunk", List.of(), usage(answer.tokens()))));
        }
        events.add("[DONE]");
        return events;
    }

    static List<String> eventsWithoutChoices() {
        return List.of(write(document("chat.completion.chunk", List.of(), usage(new TokenCount(10, 0)))), "[DONE]");
    }

    private static String toolChunk(Map<String, ?> call) {
        return chunk(Map.of("tool_calls", List.of(call)), null);
    }

    private static String chunk(Map<String, ?> delta, @Nullable String finishReason) {
        Map<String, @Nullable Object> choice = new LinkedHashMap<>();
        choice.put("index", 0L);
        choice.put("delta", delta);
        choice.put("finish_reason", finishReason);
        return write(document("chat.completion.chunk", List.of(choice), null));
    }

    private static List<String> pieces(String text) {
        List<String> pieces = new ArrayList<>();
        for (int start = 0; start < text.length(); start += PIECE) {
            pieces.add(text.substring(start, Math.min(text.length(), start + PIECE)));
        }
        return pieces;
    }

    private static Map<String, @Nullable Object> document(
            String object, List<?> choices, @Nullable Map<String, ?> usage) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("id", ID);
        document.put("object", object);
        document.put("created", CREATED);
        document.put("model", MODEL);
        document.put("choices", choices);
        document.put("usage", usage);
        return document;
    }

    private static Map<String, Long> usage(TokenCount tokens) {
        return Map.of("prompt_tokens", tokens.in(), "completion_tokens", tokens.out(), "total_tokens", tokens.total());
    }

    static String error(Reply.Refusal refusal) {
        String type = refusal.status() == 429
                ? "rate_limit_error"
                : refusal.status() < 500 ? "invalid_request_error" : "server_error";
        Map<String, @Nullable Object> error = new LinkedHashMap<>();
        error.put("message", refusal.message());
        error.put("type", type);
        error.put("param", null);
        error.put("code", null);
        return write(Map.of("error", error));
    }

    private static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not a JSON value: " + e.getOriginalMessage(), e);
        }
    }
}
