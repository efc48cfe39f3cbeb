package dev.hart.testing;

import dev.hart.json.Json;
import dev.hart.model.Message;
import dev.hart.model.Message.AssistantMessage;
import dev.hart.model.Message.SystemMessage;
import dev.hart.model.Message.ToolCall;
import dev.hart.model.Message.ToolMessage;
import dev.hart.model.ModelException;
import dev.hart.model.ModelReply;
import dev.hart.model.ModelRequest;
import dev.hart.model.TokenCount;
import dev.hart.tool.ToolResult;
import dev.hart.tool.ToolSpec;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One recorded question with its answer, both without secrets.
 *
 * @param to {@code model}, or the tool's name behind {@code tool }
 */
record Interaction(String to, Map<String, @Nullable Object> request, Map<String, @Nullable Object> reply) {
    static final String MODEL = "model";

    Interaction {
        request = redacted(request);
        reply = redacted(reply);
    }

    /** The hash by which an equal question is found again: the same for any order of keys and any secret. */
    String key() {
        return keyOf(to, request);
    }

    static String keyOf(String to, Map<String, @Nullable Object> request) {
        String canonical = to + "\n" + JsonText.compact(redacted(request));
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(canonical.getBytes(StandardCharsets.UTF_8));
            return "sha256:" + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @SuppressWarnings("unchecked")
    static Map<String, @Nullable Object> redacted(Map<String, @Nullable Object> value) {
        Object redacted = Redaction.of(Json.objectOf(value));
        return Json.objectOf((Map<String, @Nullable Object>) java.util.Objects.requireNonNull(redacted));
    }

    static String tool(String name) {
        return "tool " + name;
    }

    /** What makes two questions to a model the same: everything but the time limit. */
    static Map<String, @Nullable Object> of(ModelRequest request) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("messages", request.messages().stream().map(m -> of(m)).toList());
        json.put("maxTokens", request.maxTokens());
        json.put("temperature", request.temperature());
        if (!request.tools().isEmpty()) {
            json.put("tools", request.tools().stream().map(t -> of(t)).toList());
        }
        if (request.responseSchema() != null) {
            json.put("responseSchema", request.responseSchema());
        }
        return json;
    }

    private static Map<String, @Nullable Object> of(Message message) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("text", message.text());
        if (message instanceof SystemMessage) {
            json.put("role", "system");
        } else if (message instanceof AssistantMessage assistant) {
            json.put("role", "assistant");
            if (!assistant.toolCalls().isEmpty()) {
                json.put("toolCalls", assistant.toolCalls());
            }
        } else if (message instanceof ToolMessage tool) {
            json.put("role", "tool");
            json.put("callId", tool.callId());
            json.put("tool", tool.tool());
        } else {
            json.put("role", "user");
        }
        return json;
    }

    private static Map<String, @Nullable Object> of(ToolSpec tool) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("name", tool.name());
        json.put("description", tool.description());
        json.put("inputSchema", tool.inputSchema());
        return json;
    }

    static Map<String, @Nullable Object> of(ModelReply reply) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("text", reply.text());
        json.put("tokensIn", reply.tokens().in());
        json.put("tokensOut", reply.tokens().out());
        json.put("latencyMs", reply.latency().toMillis());
        if (!reply.toolCalls().isEmpty()) {
            json.put("toolCalls", reply.toolCalls());
        }
        return json;
    }

    static Map<String, @Nullable Object> of(ModelException failure) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("failure", failure.kind());
        json.put("message", failure.getMessage());
        failure.retryAfter().ifPresent(wait -> json.put("retryAfterMs", wait.toMillis()));
        return json;
    }

    static Map<String, @Nullable Object> of(ToolResult<?> result) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        if (result instanceof ToolResult.Failed<?> failed) {
            json.put("failure", failed.code());
            json.put("message", failed.message());
            json.put("retryable", failed.retryable());
        } else if (result instanceof ToolResult.Ok<?> ok) {
            json.put("value", Json.valueOf(ok.value()));
        }
        return json;
    }

    /**
     * The recorded reply of a model.
     *
     * @throws ModelException when that is what was recorded
     */
    ModelReply modelReply() {
        if (reply.containsKey("failure")) {
            Object wait = reply.get("retryAfterMs");
            throw new ModelException(
                    ModelException.Kind.valueOf(text("failure")),
                    text("message"),
                    wait == null ? null : Duration.ofMillis((Long) wait),
                    null);
        }
        List<ToolCall> calls = new ArrayList<>();
        if (reply.get("toolCalls") instanceof List<?> recorded) {
            for (Object item : recorded) {
                Map<String, @Nullable Object> call = object(item);
                calls.add(new ToolCall(
                        (String) of(call, "id"), (String) of(call, "tool"), object(call.get("arguments"))));
            }
        }
        return new ModelReply(
                text("text"),
                calls,
                new TokenCount((Long) of(reply, "tokensIn"), (Long) of(reply, "tokensOut")),
                Duration.ofMillis((Long) of(reply, "latencyMs")));
    }

    /** The recorded answer of a tool. */
    ToolResult<@Nullable Object> toolResult() {
        return reply.containsKey("failure")
                ? ToolResult.failed(text("failure"), text("message"), (Boolean) of(reply, "retryable"))
                : ToolResult.ok(reply.get("value"));
    }

    private String text(String key) {
        return (String) of(reply, key);
    }

    private static Object of(Map<String, @Nullable Object> json, String key) {
        Object value = json.get(key);
        if (value == null) {
            throw new IllegalArgumentException("'" + key + "' is missing");
        }
        return value;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, @Nullable Object> object(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return (Map<String, @Nullable Object>) map;
        }
        throw new IllegalArgumentException("not a JSON object: " + value);
    }
}
