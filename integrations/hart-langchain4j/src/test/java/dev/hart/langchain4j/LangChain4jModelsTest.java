package dev.hart.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hart.json.Schemas;
import dev.hart.model.LanguageModel;
import dev.hart.model.Message.UserMessage;
import dev.hart.model.ModelException;
import dev.hart.model.ModelException.Kind;
import dev.hart.model.ModelPrice;
import dev.hart.model.ModelRequest;
import dev.hart.model.TokenCount;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.exception.ContentFilteredException;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Models that a program brings, whatever provider is behind them. */
class LangChain4jModelsTest {
    private static final ModelRequest HELLO = ModelRequest.of(new UserMessage("hello"));

    private record Given(Function<ChatRequest, ChatResponse> answers, List<ChatRequest> asked) implements ChatModel {
        Given(Function<ChatRequest, ChatResponse> answers) {
            this(answers, new ArrayList<>());
        }

        @Override
        public ChatResponse doChat(ChatRequest request) {
            asked.add(request);
            return answers.apply(request);
        }

        @Override
        public ModelProvider provider() {
            return ModelProvider.MISTRAL_AI;
        }

        @Override
        public ChatRequestParameters defaultRequestParameters() {
            return ChatRequestParameters.builder().modelName("small").build();
        }
    }

    private static ChatResponse response(AiMessage message, FinishReason reason) {
        return ChatResponse.builder().aiMessage(message).finishReason(reason).build();
    }

    private static Given saying(String text) {
        return new Given(request -> response(AiMessage.from(text), FinishReason.STOP));
    }

    @Test
    void theNameIsProviderAndModelUnlessGiven() {
        assertThat(LangChain4jModels.chat(saying("hi")).name()).isEqualTo("mistralai/small");
        assertThat(LangChain4jModels.chat(saying("hi")).named("ours").name()).isEqualTo("ours");
    }

    @Test
    void theModelIsFreeUnlessPriced() {
        ModelPrice price = new ModelPrice(BigDecimal.ONE, BigDecimal.TEN);
        LangChain4jModel model = LangChain4jModels.chat(saying("hi"));
        assertThat(model.price()).isEqualTo(ModelPrice.FREE);
        assertThat(model.priced(price).named("ours").price()).isEqualTo(price);
    }

    @Test
    void anAnswerWithoutTokenCountsAndReasonIsAnAnswer() {
        Given given = new Given(request -> response(AiMessage.from("hi"), null));
        assertThat(LangChain4jModels.chat(given).complete(HELLO).tokens()).isEqualTo(TokenCount.ZERO);
    }

    @Test
    void withoutAStreamingModelTheTextComesAtTheEnd() {
        List<String> pieces = new ArrayList<>();
        LangChain4jModels.chat(saying("all at once")).stream(HELLO, pieces::add);
        assertThat(pieces).containsExactly("all at once");
    }

    @Test
    void aModelWithoutResponseFormatsIsGivenTheSchemaInThePrompt() {
        Given given = new Given(request -> {
            if (request.responseFormat() != null) {
                throw new UnsupportedFeatureException("JSON response format is not supported");
            }
            return response(AiMessage.from("1"), FinishReason.STOP);
        });
        LanguageModel model = LangChain4jModels.chat(given);
        ModelRequest request = HELLO.withResponseSchema(Schemas.of(Integer.class));
        assertThat(model.complete(request).text()).isEqualTo("1");
        assertThat(model.complete(request).text()).isEqualTo("1");
        assertThat(given.asked()).hasSize(3);
        assertThat(given.asked().get(2).messages().toString()).contains("{\"type\":\"integer\"}");
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(new RateLimitException("slow down"), Kind.RATE_LIMITED),
                Arguments.of(new ContentFilteredException("no"), Kind.REFUSED),
                Arguments.of(new InternalServerException("down", new RuntimeException("sdk")), Kind.UNAVAILABLE),
                Arguments.of(new dev.langchain4j.exception.TimeoutException("late"), Kind.TIMEOUT),
                Arguments.of(new IllegalStateException("bug"), Kind.UNREADABLE),
                Arguments.of(new ModelException(Kind.INCOMPLETE, "kept"), Kind.INCOMPLETE));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void whatAProviderThrowsHasItsKind(RuntimeException thrown, Kind kind) {
        Given given = new Given(request -> {
            throw thrown;
        });
        ModelException failure = catchThrowableOfType(
                ModelException.class, () -> LangChain4jModels.chat(given).complete(HELLO));
        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(given.asked()).hasSize(1);
    }

    @Test
    void aCallWhoseArgumentsAreNotJsonIsUnreadable() {
        AiMessage message = AiMessage.from(ToolExecutionRequest.builder()
                .id("1")
                .name("t")
                .arguments("{\"a\":")
                .build());
        Given given = new Given(request -> response(message, FinishReason.TOOL_EXECUTION));
        ModelException failure = catchThrowableOfType(
                ModelException.class, () -> LangChain4jModels.chat(given).complete(HELLO));
        assertThat(failure.kind()).isEqualTo(Kind.UNREADABLE);
        assertThat(failure).hasMessage("model mistralai/small called tool t with arguments that are not a JSON object");
    }
}
