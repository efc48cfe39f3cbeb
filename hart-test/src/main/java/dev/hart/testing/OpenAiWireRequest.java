package dev.hart.testing;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Compares a request with the documented form, as strictly as OpenAI's own service does. */
final class OpenAiWireRequest {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_-]{1,64}");
    private static final Set<String> ROLES = Set.of("system", "developer", "user", "assistant", "tool");
    private static final Set<String> FIELDS = Set.of(
            "model",
            "messages",
            "tools",
            "tool_choice",
            "parallel_tool_calls",
            "response_format",
            "max_tokens",
            "max_completion_tokens",
            "temperature",
            "top_p",
            "n",
            "stop",
            "seed",
            "user",
            "stream",
            "stream_options",
            "presence_penalty",
            "frequency_penalty",
            "logit_bias",
            "logprobs",
            "top_logprobs",
            "metadata",
            "store",
            "service_tier",
            "reasoning_effort");

    private final Map<String, @Nullable Object> body;
    private final List<String> problems = new ArrayList<>();
    private final Set<String> callIds = new HashSet<>();

    OpenAiWireRequest(Map<String, @Nullable Object> body) {
        this.body = body;
    }

    List<String> problems() {
        body.keySet().stream()
                .filter(field -> !FIELDS.contains(field))
                .forEach(field -> problems.add("Unrecognized request argument supplied: " + field));
        require(body.get("model") instanceof String model && !model.isBlank(), "model must be a text");
        checkMessages();
        checkTools();
        checkResponseFormat();
        checkNumbers();
        require(
                body.get("stream_options") == null || Boolean.TRUE.equals(body.get("stream")),
                "stream_options is only allowed when stream is true");
        return problems;
    }

    private void require(boolean condition, String problem) {
        if (!condition) {
            problems.add(problem);
        }
    }

    private void checkMessages() {
        if (!(body.get("messages") instanceof List<?> messages) || messages.isEmpty()) {
            problems.add("messages must be a list with at least one message");
            return;
        }
        for (int i = 0; i < messages.size(); i++) {
            String place = "messages[" + i + "]";
            if (messages.get(i) instanceof Map<?, ?> message) {
                checkMessage(place, message);
            } else {
                problems.add(place + " must be an object");
            }
        }
    }

    private void checkMessage(String place, Map<?, ?> message) {
        Object role = message.get("role");
        require(role instanceof String && ROLES.contains(role), place + ".role must be one of " + ROLES);
        Object content = message.get("content");
        boolean calls = message.get("tool_calls") instanceof List<?> list && !list.isEmpty();
        require(
                content instanceof String || content instanceof List<?> || (calls && content == null),
                place + ".content must be a text or a list of parts");
        if ("assistant".equals(role) && message.get("tool_calls") instanceof List<?> list) {
            list.forEach(call -> checkCall(place, call));
        }
        if ("tool".equals(role)) {
            require(
                    message.get("tool_call_id") instanceof String id && callIds.contains(id),
                    place + ".tool_call_id must be the id of a call in an earlier message");
        }
    }

    private void checkCall(String place, @Nullable Object value) {
        if (value instanceof Map<?, ?> call
                && call.get("id") instanceof String id
                && "function".equals(call.get("type"))
                && call.get("function") instanceof Map<?, ?> function
                && function.get("name") instanceof String name
                && NAME.matcher(name).matches()
                && function.get("arguments") instanceof String) {
            callIds.add(id);
        } else {
            problems.add(place + ".tool_calls must have an id, type function, a name and arguments as text");
        }
    }

    private void checkTools() {
        if (body.get("tools") == null) {
            return;
        }
        if (!(body.get("tools") instanceof List<?> tools) || tools.isEmpty()) {
            problems.add("tools must be a list with at least one tool");
            return;
        }
        Set<String> names = new HashSet<>();
        for (Object tool : tools) {
            if (tool instanceof Map<?, ?> map
                    && "function".equals(map.get("type"))
                    && map.get("function") instanceof Map<?, ?> function) {
                Object name = function.get("name");
                require(
                        name instanceof String text && NAME.matcher(text).matches(),
                        "tools: the name " + name + " must match " + NAME);
                require(names.add(String.valueOf(name)), "tools: two have the name " + name);
                require(
                        function.get("parameters") == null
                                || (function.get("parameters") instanceof Map<?, ?> parameters
                                        && "object".equals(parameters.get("type"))),
                        "tools: the parameters of " + name + " must be a JSON Schema of type object");
            } else {
                problems.add("tools: each must have type function and a function");
            }
        }
    }

    private void checkResponseFormat() {
        Object value = body.get("response_format");
        if (value == null) {
            return;
        }
        Object type = value instanceof Map<?, ?> map ? map.get("type") : null;
        if ("text".equals(type) || "json_object".equals(type)) {
            return;
        }
        if (!"json_schema".equals(type)
                || !(value instanceof Map<?, ?> map && map.get("json_schema") instanceof Map<?, ?> format)) {
            problems.add("response_format must be of type text, json_object or json_schema");
            return;
        }
        require(
                format.get("name") instanceof String name && NAME.matcher(name).matches(),
                "response_format: json_schema.name must match " + NAME);
        require(format.get("schema") instanceof Map<?, ?>, "response_format: json_schema.schema must be an object");
        if (Boolean.TRUE.equals(format.get("strict")) && format.get("schema") instanceof Map<?, ?> schema) {
            require("object".equals(schema.get("type")), "response_format: a strict schema must be of type object");
            checkStrict("schema", schema);
        }
    }

    /** Strict schemas close every object and require all of its properties. */
    private void checkStrict(String place, Map<?, ?> schema) {
        if ("object".equals(schema.get("type")) || schema.get("properties") != null) {
            Map<?, ?> properties = schema.get("properties") instanceof Map<?, ?> declared ? declared : Map.of();
            require(
                    Boolean.FALSE.equals(schema.get("additionalProperties")),
                    "response_format: " + place + " must have additionalProperties false to be strict");
            require(
                    schema.get("required") instanceof List<?> required && required.containsAll(properties.keySet()),
                    "response_format: " + place + " must require every property to be strict");
        }
        schema.forEach((key, value) -> {
            if (value instanceof Map<?, ?> inner) {
                checkStrict(place + "." + key, inner);
            } else if (value instanceof List<?> items) {
                items.forEach(item -> {
                    if (item instanceof Map<?, ?> inner) {
                        checkStrict(place + "." + key, inner);
                    }
                });
            }
        });
    }

    private void checkNumbers() {
        checkRange("temperature", 0, 2);
        checkRange("top_p", 0, 1);
        checkRange("max_tokens", 1, Integer.MAX_VALUE);
        checkRange("max_completion_tokens", 1, Integer.MAX_VALUE);
    }

    private void checkRange(String field, long least, long most) {
        Object value = body.get(field);
        if (value == null) {
            return;
        }
        if (!(value instanceof Number)) {
            problems.add(field + " must be a number");
            return;
        }
        BigDecimal number = new BigDecimal(value.toString());
        require(
                number.compareTo(BigDecimal.valueOf(least)) >= 0 && number.compareTo(BigDecimal.valueOf(most)) <= 0,
                field + " must be from " + least + " to " + most);
    }
}
