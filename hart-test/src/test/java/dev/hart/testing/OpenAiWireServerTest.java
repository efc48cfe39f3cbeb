package dev.hart.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.model.Message.ToolCall;
import dev.hart.testing.OpenAiWireServer.Fault;
import dev.hart.testing.OpenAiWireServer.Reply;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The server byte by byte, without any client library in between. */
class OpenAiWireServerTest {
    private static final String HELLO = "\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]";

    private final OpenAiWireServer server = OpenAiWireServer.start();
    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpResponse<String> post(String fields) throws IOException, InterruptedException {
        return post(fields, "application/json");
    }

    private HttpResponse<String> post(String fields, String contentType) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create(server.baseUrl() + "/chat/completions"))
                        .header("Content-Type", contentType)
                        .header("Authorization", "Bearer sk-1")
                        .timeout(Duration.ofMillis(2_000))
                        .POST(BodyPublishers.ofString("{" + fields + "}"))
                        .build(),
                BodyHandlers.ofString());
    }

    private static Map<?, ?> json(String body) {
        return OpenAiWireFormat.parse(body.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> data(HttpResponse<String> response) {
        return response.body()
                .lines()
                .filter(line -> line.startsWith("data: "))
                .map(line -> line.substring(6))
                .toList();
    }

    @Test
    void preparedAnswersComeInOrderThenTheFunctionAnswers() throws Exception {
        server.reply("one", "two").otherwise(request -> Reply.text("you said " + request.lastMessage()));
        for (String expected : List.of("one", "two", "you said hello")) {
            Map<?, ?> choice = (Map<?, ?>) ((List<?>) json(post(HELLO).body()).get("choices")).get(0);
            assertThat(((Map<?, ?>) choice.get("message")).get("content")).isEqualTo(expected);
            assertThat(choice.get("finish_reason")).isEqualTo("stop");
        }
        assertThat(server.requests()).hasSize(3).first().satisfies(request -> {
            assertThat(request.authorization()).isEqualTo("Bearer sk-1");
            assertThat(request.body()).containsEntry("model", "m");
        });
    }

    @Test
    void aStreamHasARoleThenPiecesThenAReasonThenUsageThenTheMark() throws Exception {
        server.reply("nine chars");
        HttpResponse<String> response = post(HELLO + ",\"stream\":true,\"stream_options\":{\"include_usage\":true}");
        assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream; charset=utf-8");
        List<String> events = data(response);
        assertThat(events).hasSize(6);
        assertThat(events.get(0)).contains("\"role\":\"assistant\"");
        assertThat(events.get(1)).contains("\"content\":\"nine ch\"");
        assertThat(events.get(2)).contains("\"content\":\"ars\"");
        assertThat(events.get(3)).contains("\"finish_reason\":\"stop\"");
        assertThat((Map<?, ?>) json(events.get(4)).get("usage"))
                .isEqualTo(Map.of("prompt_tokens", 10L, "completion_tokens", 3L, "total_tokens", 13L));
        assertThat(events.get(5)).isEqualTo("[DONE]");
    }

    @Test
    void usageIsStreamedOnlyWhenAskedFor() throws Exception {
        server.reply("hi");
        assertThat(data(post(HELLO + ",\"stream\":true")))
                .hasSize(4)
                .noneMatch(event -> event.contains("prompt_tokens"));
    }

    @Test
    void theArgumentsOfAStreamedCallComeInPieces() throws Exception {
        server.reply(Reply.toolCalls(new ToolCall("call_1", "csv_sum", Map.of("column", "amount"))));
        List<String> events = data(post(HELLO + ",\"stream\":true"));
        assertThat(events.get(1)).contains("\"id\":\"call_1\"").contains("\"name\":\"csv_sum\"");
        String arguments = events.subList(2, events.size() - 2).stream()
                .map(OpenAiWireServerTest::argumentsPiece)
                .collect(Collectors.joining());
        assertThat(arguments).isEqualTo("{\"column\":\"amount\"}");
        assertThat(events).hasSizeGreaterThan(5);
    }

    private static String argumentsPiece(String event) {
        Map<?, ?> delta = (Map<?, ?>) ((Map<?, ?>) ((List<?>) json(event).get("choices")).get(0)).get("delta");
        Map<?, ?> call = (Map<?, ?>) ((List<?>) delta.get("tool_calls")).get(0);
        return (String) ((Map<?, ?>) call.get("function")).get("arguments");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]                          | model must be a text",
                "\"model\":\"m\",\"messages\":[]                                                | messages must be a list with at least one message",
                "\"model\":\"m\",\"messages\":[{\"role\":\"robot\",\"content\":\"x\"}]          | messages[0].role must be one of",
                "\"model\":\"m\",\"messages\":[{\"role\":\"user\"}]                             | messages[0].content must be a text",
                "\"model\":\"m\",\"messages\":[{\"role\":\"tool\",\"content\":\"x\",\"tool_call_id\":\"1\"}] | messages[0].tool_call_id must be the id of a call",
                "HELLO,\"prompt\":\"x\"                                                         | Unrecognized request argument supplied: prompt",
                "HELLO,\"temperature\":3                                                        | temperature must be from 0 to 2",
                "HELLO,\"max_tokens\":0                                                         | max_tokens must be from 1 to",
                "HELLO,\"stream_options\":{}                                                    | stream_options is only allowed when stream is true",
                "HELLO,\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"csv.sum\"}}]  | the name csv.sum must match",
                "HELLO,\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\",\"parameters\":{\"type\":\"array\"}}}]  | the parameters of a must be a JSON Schema of type object",
                "HELLO,\"response_format\":{\"type\":\"xml\"}                                   | response_format must be of type text, json_object or json_schema",
                "HELLO,\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a b\",\"schema\":{}}} | json_schema.name must match",
                "HELLO,\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"strict\":true,\"schema\":{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"string\"}},\"required\":[]}}} | schema must have additionalProperties false to be strict; response_format: schema must require every property",
            })
    void aRequestOutsideTheDocumentedFormIsRefused(String fields, String reason) throws Exception {
        server.reply("never given");
        HttpResponse<String> response = post(fields.replace("HELLO", HELLO));
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat((String) ((Map<?, ?>) json(response.body()).get("error")).get("message"))
                .contains(reason);
        assertThat(post(HELLO).body()).contains("never given");
    }

    @Test
    void onlyJsonIsTaken() throws Exception {
        assertThat(post(HELLO, "text/plain").body()).contains("the Content-Type must be application/json");
        assertThat(post(HELLO + "}").body()).contains("the body is not a JSON object");
    }

    @Test
    void otherPathsKeysAndAnUnpreparedReplyAreErrors() throws Exception {
        HttpResponse<String> other = client.send(
                HttpRequest.newBuilder(URI.create(server.baseUrl() + "/models")).build(), BodyHandlers.ofString());
        assertThat(other.statusCode()).isEqualTo(404);
        assertThat(post(HELLO).statusCode()).isEqualTo(500);
        server.requireKey("sk-2");
        assertThat(post(HELLO).statusCode()).isEqualTo(401);
        server.requireKey("sk-1").reply("hi");
        assertThat(post(HELLO).statusCode()).isEqualTo(200);
    }

    @Test
    void aRefusalSaysWhenToComeBack() throws Exception {
        server.reply(Reply.rateLimited(Duration.ofSeconds(7)));
        HttpResponse<String> response = post(HELLO);
        assertThat(response.statusCode()).isEqualTo(429);
        assertThat(response.headers().firstValue("Retry-After")).contains("7");
        assertThat(response.body()).contains("\"type\":\"rate_limit_error\"");
    }

    @Test
    void aCutConnectionIsSeenByTheClient() {
        server.reply(Reply.broken(Fault.CUT), Reply.broken(Fault.CUT));
        assertThatThrownBy(() -> post(HELLO)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> post(HELLO + ",\"stream\":true")).isInstanceOf(IOException.class);
    }

    @Test
    void anEarlyEndIsAWholeTransferOfHalfAnAnswer() throws Exception {
        server.reply(Reply.broken(Fault.EARLY_END), Reply.broken(Fault.EARLY_END));
        HttpResponse<String> body = post(HELLO);
        assertThat(body.statusCode()).isEqualTo(200);
        assertThat(json(body.body())).isNull();
        assertThat(data(post(HELLO + ",\"stream\":true"))).hasSize(3).noneMatch(event -> event.contains("\"stop\""));
    }

    @Test
    void silenceLastsUntilTheClientGivesUp() {
        server.reply(Reply.broken(Fault.SILENCE));
        assertThatThrownBy(() -> client.send(
                        HttpRequest.newBuilder(URI.create(server.baseUrl() + "/chat/completions"))
                                .header("Content-Type", "application/json")
                                .timeout(Duration.ofMillis(100))
                                .POST(BodyPublishers.ofString("{" + HELLO + "}"))
                                .build(),
                        BodyHandlers.ofString()))
                .isInstanceOf(HttpTimeoutException.class);
    }

    @Test
    void theLatencyIsTheTimeToTheAnswer() throws Exception {
        server.latency(Duration.ofMillis(120)).reply("late");
        long start = System.nanoTime();
        post(HELLO);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(120));
    }
}
