package dev.hart.langchain4j;

import dev.hart.langchain4j.LangChain4jModel.Concession;
import dev.hart.model.Message;
import dev.hart.model.Message.AssistantMessage;
import dev.hart.model.Message.ToolCall;
import dev.hart.model.Message.ToolMessage;
import dev.hart.model.ModelException;
import dev.hart.model.ModelException.Kind;
import dev.hart.model.ModelReply;
import dev.hart.model.ModelRequest;
import dev.hart.model.TokenCount;
import dev.hart.tool.ToolSpec;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.openai.OpenAiChatRequestParameters;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A request in LangChain4j's words, and the way back for its reply. */
final class WireRequest {
    private static final String SCHEMA_NAME = "answer";

    private final ChatRequest chatRequest;
    private final ToolNames names;
    private final boolean strict;
    private final int maxTokens;

    private WireRequest(ChatRequest chatRequest, ToolNames names, boolean strict, int maxTokens) {
        this.chatRequest = chatRequest;
        this.names = names;
        this.strict = strict;
        this.maxTokens = maxTokens;
    }

    static WireRequest of(ModelRequest request, Set<Concession> concessions, boolean namesCompletionTokens) {
        ToolNames names = ToolNames.of(request);
        Map<String, @Nullable Object> schema = request.responseSchema();
        boolean inPrompt = schema != null && concessions.contains(Concession.SCHEMA_IN_PROMPT);
        List<ChatMessage> messages = messages(request.messages(), names);
        if (inPrompt) {
            messages.add(
                    0,
                    new SystemMessage("Answer with one JSON value that follows this JSON Schema, and with nothing"
                            + " else:\n" + JsonTexts.write(schema)));
        }
        ChatRequestParameters limits = namesCompletionTokens
                ? OpenAiChatRequestParameters.builder()
                        .maxCompletionTokens(request.maxTokens())
                        .build()
                : ChatRequestParameters.builder()
                        .maxOutputTokens(request.maxTokens())
                        .build();
        DefaultChatRequestParameters.Builder<?> rest = ChatRequestParameters.builder();
        if (!request.tools().isEmpty()) {
            rest.toolSpecifications(
                    request.tools().stream().map(tool -> tool(tool, names)).toList());
        }
        if (request.temperature() != null && !concessions.contains(Concession.NO_TEMPERATURE)) {
            rest.temperature(request.temperature());
        }
        if (schema != null && !inPrompt) {
            rest.responseFormat(ResponseFormat.builder()
                    .type(ResponseFormatType.JSON)
                    .jsonSchema(JsonSchema.builder()
                            .name(SCHEMA_NAME)
                            .rootElement(JsonRawSchema.from(JsonTexts.write(schema)))
                            .build())
                    .build());
        }
        ChatRequest chatRequest = ChatRequest.builder()
                .messages(messages)
                .parameters(limits.overrideWith(rest.build()))
                .build();
        return new WireRequest(
                chatRequest, names, schema != null && StrictSchemas.isStrict(schema), request.maxTokens());
    }

    ChatRequest chatRequest() {
        return chatRequest;
    }

    /** Whether the answer's schema is one that a provider can enforce. */
    boolean isStrict() {
        return strict;
    }

    private static List<ChatMessage> messages(List<Message> messages, ToolNames names) {
        List<ChatMessage> mapped = new ArrayList<>();
        for (Message message : messages) {
            mapped.add(message(message, names));
        }
        return mapped;
    }

    private static ChatMessage message(Message message, ToolNames names) {
        if (message instanceof Message.SystemMessage) {
            return new SystemMessage(message.text());
        }
        if (message instanceof AssistantMessage assistant) {
            List<ToolExecutionRequest> calls = assistant.toolCalls().stream()
                    .map(call -> ToolExecutionRequest.builder()
                            .id(call.id())
                            .name(names.onWire(call.tool()))
                            .arguments(JsonTexts.write(call.arguments()))
                            .build())
                    .toList();
            return calls.isEmpty()
                    ? new AiMessage(assistant.text())
                    : AiMessage.builder()
                            .text(assistant.text().isEmpty() ? null : assistant.text())
                            .toolExecutionRequests(calls)
                            .build();
        }
        if (message instanceof ToolMessage tool) {
            return new ToolExecutionResultMessage(tool.callId(), names.onWire(tool.tool()), tool.text());
        }
        return new UserMessage(message.text());
    }

    private static ToolSpecification tool(ToolSpec tool, ToolNames names) {
        return ToolSpecification.builder()
                .name(names.onWire(tool.name()))
                .description(tool.description())
                .parameters(ToolSchemas.parameters(tool.inputSchema()))
                .build();
    }

    /** @param streamed a stream without a finish reason ended before the answer did */
    ModelReply reply(String model, ChatResponse response, long nanos, boolean streamed) {
        AiMessage message = response.aiMessage();
        FinishReason reason = response.finishReason();
        if (message == null) {
            throw new ModelException(Kind.UNREADABLE, "model " + model + " answered without a message");
        }
        if (reason == null && streamed) {
            throw new ModelException(
                    Kind.INCOMPLETE, "the stream of model " + model + " ended before the answer did; ask again");
        }
        if (reason == FinishReason.LENGTH) {
            throw new ModelException(
                    Kind.INCOMPLETE,
                    "the answer of model " + model + " was cut off at " + maxTokens
                            + " tokens; allow more, or ask for less");
        }
        if (reason == FinishReason.CONTENT_FILTER) {
            throw new ModelException(
                    Kind.REFUSED, "the content filter of model " + model + " held the answer back; change the request");
        }
        List<ToolCall> calls = new ArrayList<>();
        for (ToolExecutionRequest call : message.toolExecutionRequests()) {
            calls.add(new ToolCall(
                    call.id() == null ? "call_" + calls.size() : call.id(),
                    names.inHart(call.name()),
                    arguments(model, call)));
        }
        String text = message.text() == null ? "" : message.text();
        return new ModelReply(text, calls, tokens(response.tokenUsage()), Duration.ofNanos(nanos));
    }

    private static Map<String, @Nullable Object> arguments(String model, ToolExecutionRequest call) {
        String text = call.arguments();
        if (text == null || text.isBlank()) {
            return Map.of();
        }
        try {
            return JsonTexts.readObject(text);
        } catch (IllegalArgumentException e) {
            throw new ModelException(
                    Kind.UNREADABLE,
                    "model " + model + " called tool " + call.name() + " with arguments that are not a JSON object",
                    null,
                    e);
        }
    }

    private static TokenCount tokens(@Nullable TokenUsage usage) {
        return usage == null
                ? TokenCount.ZERO
                : new TokenCount(count(usage.inputTokenCount()), count(usage.outputTokenCount()));
    }

    private static long count(@Nullable Integer tokens) {
        return tokens == null ? 0 : Math.max(0, tokens);
    }
}
