package dev.hart.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hart.error.RunCancelledException;
import dev.hart.json.Schemas;
import dev.hart.model.LanguageModel;
import dev.hart.model.Message.AssistantMessage;
import dev.hart.model.Message.SystemMessage;
import dev.hart.model.Message.ToolCall;
import dev.hart.model.Message.ToolMessage;
import dev.hart.model.Message.UserMessage;
import dev.hart.model.ModelException;
import dev.hart.model.ModelException.Kind;
import dev.hart.model.ModelReply;
import dev.hart.model.ModelRequest;
import dev.hart.model.TokenCount;
import dev.hart.spi.LanguageModelProvider.Settings;
import dev.hart.testing.OpenAiWireServer;
import dev.hart.testing.OpenAiWireServer.Fault;
import dev.hart.testing.OpenAiWireServer.Reply;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolSpec;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The provider that the environment configures, over a real connection, whole answers and streams. */
class OpenAiCompatibleModelTest {
    private static final ModelRequest HELLO = ModelRequest.of(new SystemMessage("Be brief."), new UserMessage("hello"));

    private final OpenAiWireServer server = OpenAiWireServer.start();
    private final LanguageModel model = model(server.baseUrl(), null);

    @AfterEach
    void stop() {
        server.close();
        Thread.interrupted();
    }

    private static LanguageModel model(URI baseUrl, String key) {
        return new OpenAiCompatibleModelProvider().create(new Settings("test-model", baseUrl, key));
    }

    /** The two ways of asking. */
    enum Way {
        WHOLE((model, request) -> model.complete(request)),
        STREAM((model, request) -> model.stream(request, piece -> {}));

        private final BiFunction<LanguageModel, ModelRequest, ModelReply> ask;

        Way(BiFunction<LanguageModel, ModelRequest, ModelReply> ask) {
            this.ask = ask;
        }

        ModelReply ask(LanguageModel model, ModelRequest request) {
            return ask.apply(model, request);
        }

        ModelException fail(LanguageModel model, ModelRequest request) {
            return catchThrowableOfType(ModelException.class, () -> ask(model, request));
        }
    }

    private Map<?, ?> sent() {
        return server.requests().get(server.requests().size() - 1).body();
    }

    @ParameterizedTest
    @EnumSource
    void aTextAnswerComesWithItsTokens(Way way) {
        server.reply(new Reply.Answer("Hello there!", List.of(), "stop", new TokenCount(17, 4)));
        ModelReply reply = way.ask(model, HELLO);
        assertThat(reply.text()).isEqualTo("Hello there!");
        assertThat(reply.toolCalls()).isEmpty();
        assertThat(reply.tokens()).isEqualTo(new TokenCount(17, 4));
        assertThat(reply.latency()).isPositive();
    }

    @Test
    void theRequestIsInTheDocumentedForm() {
        server.reply("hi");
        model.complete(HELLO);
        assertThat(sent().get("model")).isEqualTo("test-model");
        assertThat(sent().get("messages"))
                .isEqualTo(List.of(
                        Map.of("role", "system", "content", "Be brief."), Map.of("role", "user", "content", "hello")));
        assertThat(sent().get("max_tokens")).isEqualTo(1_500L);
        assertThat(sent().get("temperature")).isEqualTo(0L);
        assertThat(server.requests().get(0).authorization()).isNull();
    }

    @Test
    void aStreamHandsItsPiecesToTheCallersThread() {
        server.reply("A text of several pieces.");
        List<String> pieces = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        ModelReply reply = model.stream(HELLO, piece -> {
            pieces.add(piece);
            threads.add(Thread.currentThread());
        });
        assertThat(String.join("", pieces))
                .isEqualTo("A text of several pieces.")
                .isEqualTo(reply.text());
        assertThat(pieces).hasSizeGreaterThan(2);
        assertThat(threads).containsOnly(Thread.currentThread());
    }

    @Test
    void theKeyIsSentAndShownNowhere() {
        server.requireKey("sk-secret").reply("hi");
        LanguageModel keyed = model(server.baseUrl(), "sk-secret");
        assertThat(keyed.complete(HELLO).text()).isEqualTo("hi");
        assertThat(keyed.name()).isEqualTo("127.0.0.1:" + server.baseUrl().getPort() + "/test-model");
        ModelException refused = Way.WHOLE.fail(model(server.baseUrl(), "sk-wrong"), HELLO);
        assertThat(refused.kind()).isEqualTo(Kind.UNAUTHORIZED);
        assertThat(refused).hasMessageNotContaining("sk-").hasNoCause();
    }

    private static final ToolSpec SUM = new ToolSpec(
            "csv.sum",
            "Adds up a column",
            Schemas.of(SumArguments.class),
            Map.of(),
            Effect.READ,
            Duration.ofSeconds(30),
            "1");

    record Filter(String column, List<String> values) {}

    record SumArguments(String column, Filter filter, Optional<Integer> limit) {}

    private static ModelRequest withTools(ToolSpec... tools) {
        return new ModelRequest(HELLO.messages(), List.of(tools), null, 100, null, Duration.ofSeconds(10));
    }

    @ParameterizedTest
    @EnumSource
    void toolsAreOfferedUnderPlainNamesAndCalledUnderTheirOwn(Way way) {
        ToolCall first = new ToolCall("call_1", "csv_sum", Map.of("column", "amount", "limit", 3L));
        ToolCall second = new ToolCall("call_2", "unheard_of", Map.of());
        server.reply(Reply.toolCalls(first, second));
        ModelReply reply = way.ask(model, withTools(SUM));
        assertThat(reply.toolCalls())
                .containsExactly(new ToolCall("call_1", "csv.sum", Map.of("column", "amount", "limit", 3L)), second);
        assertThat(reply.text()).isEmpty();
        Map<?, ?> function = (Map<?, ?>) ((Map<?, ?>) ((List<?>) sent().get("tools")).get(0)).get("function");
        assertThat(function.get("name")).isEqualTo("csv_sum");
        assertThat(function.get("description")).isEqualTo("Adds up a column");
        // LangChain4j leaves the outermost additionalProperties out; HART checks the arguments anyway.
        Map<String, Object> schema = new HashMap<>(SUM.inputSchema());
        schema.remove("additionalProperties");
        assertThat(function.get("parameters")).isEqualTo(schema);
    }

    @Test
    void toolsWhoseNamesWouldFallTogetherStayApart() {
        ToolSpec plain = new ToolSpec(
                "csv_sum", "Other", Map.of("type", "object"), Map.of(), Effect.READ, Duration.ofSeconds(1), "1");
        server.reply(Reply.toolCalls(new ToolCall("1", "csv_sum", Map.of()), new ToolCall("2", "csv_sum_2", Map.of())));
        assertThat(model.complete(withTools(SUM, plain)).toolCalls())
                .extracting(ToolCall::tool)
                .containsExactly("csv_sum", "csv.sum");
    }

    @Test
    void aConversationWithToolResultsIsSentBack() {
        server.reply("12 in all");
        model.complete(ModelRequest.of(
                new UserMessage("add up"),
                new AssistantMessage("", List.of(new ToolCall("call_1", "csv.sum", Map.of("column", "amount")))),
                new ToolMessage("call_1", "csv.sum", "12"),
                new AssistantMessage("So far 12.", List.of()),
                new UserMessage("and?")));
        List<?> messages = (List<?>) sent().get("messages");
        assertThat(messages).hasSize(5);
        assertThat(((Map<?, ?>) messages.get(2)).get("tool_call_id")).isEqualTo("call_1");
        assertThat(messages.get(1).toString()).contains("csv_sum").contains("{\"column\":\"amount\"}");
    }

    record Verdict(String status, String message) {}

    @ParameterizedTest
    @EnumSource
    void aSchemaThatCanBeEnforcedIsSentAsStrict(Way way) {
        server.reply("{\"status\":\"completed\",\"message\":\"\"}");
        way.ask(model, HELLO.withResponseSchema(Schemas.of(Verdict.class)));
        Map<?, ?> format = (Map<?, ?>) ((Map<?, ?>) sent().get("response_format")).get("json_schema");
        assertThat(format.get("strict")).isEqualTo(true);
        assertThat(format.get("schema")).isEqualTo(Schemas.of(Verdict.class));
    }

    @Test
    void aFreerSchemaIsSentAsAHint() {
        Map<String, Object> free = Map.of("type", "object", "properties", Map.of("args", Map.of("type", "object")));
        server.reply("{}");
        model.complete(HELLO.withResponseSchema(free));
        Map<?, ?> format = (Map<?, ?>) ((Map<?, ?>) sent().get("response_format")).get("json_schema");
        assertThat(format.get("strict")).isNotEqualTo(true);
        assertThat(format.get("schema")).isEqualTo(free);
    }

    @ParameterizedTest
    @EnumSource
    void aProviderThatRefusesSchemasGetsThemInThePromptFromThenOn(Way way) {
        server.reply(
                Reply.refusal(400, "This model does not support response_format of type json_schema"),
                Reply.text("{\"a\":1}"),
                Reply.text("{\"a\":2}"));
        ModelRequest request = HELLO.withResponseSchema(Schemas.of(Verdict.class));
        assertThat(way.ask(model, request).text()).isEqualTo("{\"a\":1}");
        assertThat(way.ask(model, request).text()).isEqualTo("{\"a\":2}");
        assertThat(server.requests()).hasSize(3);
        assertThat(sent().get("response_format")).isNull();
        assertThat(((List<?>) sent().get("messages")).get(0).toString()).contains("follows this JSON Schema");
    }

    @Test
    void aModelThatRefusesATemperatureIsAskedWithout() {
        server.reply(Reply.refusal(400, "Unsupported value: 'temperature' does not support 0"), Reply.text("hi"));
        assertThat(model.complete(HELLO).text()).isEqualTo("hi");
        assertThat(sent().get("temperature")).isNull();
    }

    static Stream<Arguments> statuses() {
        return Stream.of(Way.values())
                .flatMap(way -> Stream.of(
                        Arguments.of(way, 400, Kind.REFUSED),
                        Arguments.of(way, 401, Kind.UNAUTHORIZED),
                        Arguments.of(way, 403, Kind.UNAUTHORIZED),
                        Arguments.of(way, 404, Kind.REFUSED),
                        Arguments.of(way, 408, Kind.TIMEOUT),
                        Arguments.of(way, 422, Kind.REFUSED),
                        Arguments.of(way, 429, Kind.RATE_LIMITED),
                        Arguments.of(way, 500, Kind.UNAVAILABLE),
                        Arguments.of(way, 503, Kind.UNAVAILABLE),
                        Arguments.of(way, 302, Kind.UNREADABLE)));
    }

    @ParameterizedTest
    @MethodSource("statuses")
    void eachStatusHasItsKindAndIsAskedOnce(Way way, int status, Kind kind) {
        server.reply(Reply.refusal(status, "on purpose"));
        ModelException failure = way.fail(model, HELLO);
        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure.retryAfter()).isEmpty();
        assertThat(failure).hasMessageContaining(String.valueOf(status));
        if (kind != Kind.UNAUTHORIZED) {
            assertThat(failure).hasMessageEndingWith("answered with status " + status + ": on purpose");
        }
        assertThat(server.requests()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void theProvidersWaitingTimeIsPassedOn(Way way) {
        server.reply(Reply.rateLimited(Duration.ofSeconds(7)));
        assertThat(way.fail(model, HELLO).retryAfter()).contains(Duration.ofSeconds(7));
    }

    @ParameterizedTest
    @CsvSource({
        "WHOLE, CUT, INCOMPLETE",
        "WHOLE, EARLY_END, INCOMPLETE",
        "WHOLE, INVALID_JSON, UNREADABLE",
        "WHOLE, NO_CHOICES, UNREADABLE",
        "STREAM, CUT, INCOMPLETE",
        "STREAM, EARLY_END, INCOMPLETE",
        "STREAM, INVALID_JSON, UNREADABLE",
        "STREAM, NO_CHOICES, INCOMPLETE",
    })
    void anAnswerThatGoesWrongIsNeverTakenForAWhole(Way way, Fault fault, Kind kind) {
        server.reply(Reply.broken(fault));
        assertThat(way.fail(model, HELLO))
                .isNotNull()
                .extracting(ModelException::kind)
                .isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource({
        "WHOLE, length, INCOMPLETE",
        "STREAM, length, INCOMPLETE",
        "WHOLE, content_filter, REFUSED",
        "STREAM, content_filter, REFUSED"
    })
    void anAnswerThatWasStoppedIsNoAnswer(Way way, String reason, Kind kind) {
        server.reply(new Reply.Answer("Half an ans", List.of(), reason, TokenCount.ZERO));
        assertThat(way.fail(model, HELLO).kind()).isEqualTo(kind);
    }

    @ParameterizedTest
    @EnumSource
    void silenceEndsAtTheTimeLimit(Way way) {
        server.reply(Reply.broken(Fault.SILENCE));
        ModelException failure = way.fail(model, HELLO.withTimeout(Duration.ofMillis(200)));
        assertThat(failure.kind()).isEqualTo(Kind.TIMEOUT);
        assertThat(failure).hasMessageEndingWith("did not answer in 200 ms; allow more time");
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptEndsTheCall(Way way) {
        server.reply(Reply.broken(Fault.SILENCE));
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> way.ask(model, HELLO)).isInstanceOf(RunCancelledException.class);
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void whereNobodyListensTheModelIsUnavailable(Way way) {
        URI address = server.baseUrl();
        server.close();
        assertThat(way.fail(model(address, null), HELLO).kind()).isEqualTo(Kind.UNAVAILABLE);
    }

    @Test
    void whatTheListenerThrowsReachesTheCaller() {
        IllegalStateException failure = new IllegalStateException("enough");
        server.reply("A text of several pieces.");
        assertThatThrownBy(() -> model.stream(HELLO, piece -> {
                    throw failure;
                }))
                .isSameAs(failure);
    }

    @Test
    void argumentsAreReadAsOneJsonObject() {
        assertThatThrownBy(() -> JsonTexts.readObject("[1]")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> JsonTexts.readObject("{\"a\":")).isInstanceOf(IllegalArgumentException.class);
        assertThat(JsonTexts.readObject("{\"a\":[1,2.50,null]}").toString()).isEqualTo("{a=[1, 2.5, null]}");
    }
}
