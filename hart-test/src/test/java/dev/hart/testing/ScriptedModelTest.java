package dev.hart.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hart.model.Message.ToolCall;
import dev.hart.model.Message.UserMessage;
import dev.hart.model.ModelException;
import dev.hart.model.ModelReply;
import dev.hart.model.ModelRequest;
import dev.hart.model.TokenCount;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ScriptedModelTest {
    private final FakeClock clock = FakeClock.create();
    private final ScriptedModel model = ScriptedModel.on(clock);

    @Test
    void repliesComeInTheOrderInWhichTheyWereScripted() {
        model.reply("one").reply("two");

        assertThat(ask("a").text()).isEqualTo("one");
        assertThat(ask("b").text()).isEqualTo("two");
        assertThat(model.requests()).extracting(r -> r.messages().get(0).text()).containsExactly("a", "b");
        assertThatCode(model::assertUsedUp).doesNotThrowAnyException();
    }

    @Test
    void aReplyForCertainRequestsIsKeptForTheFirstThatFits() {
        model.when("weather").reply("rain").reply("something else");

        assertThat(ask("the time").text()).isEqualTo("something else");
        assertThat(ask("the weather in Oslo").text()).isEqualTo("rain");
    }

    @Test
    void aRequestCanBeMatchedByAnythingInIt() {
        model.when("a request for JSON", request -> request.responseSchema() != null)
                .replyJson(Map.of("ok", true));

        ModelReply reply = model.complete(request("a").withResponseSchema(Map.of("type", "object")));

        assertThat(reply.text()).isEqualTo("{\"ok\":true}");
    }

    @Test
    void jsonRepliesHaveSortedKeys() {
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("b", List.of(1, 2));
        value.put("a", null);
        model.replyJson(value);

        assertThat(ask("x").text()).isEqualTo("{\"a\":null,\"b\":[1,2]}");
    }

    @Test
    void tokensOfATextAreAQuarterOfItsCharactersRoundedUp() {
        model.reply("12345678").reply("123456789").reply("");

        assertThat(ask("1234").tokens()).isEqualTo(new TokenCount(1, 2));
        assertThat(ask("12345").tokens()).isEqualTo(new TokenCount(2, 3));
        assertThat(ask("x").tokens()).isEqualTo(new TokenCount(1, 0));
    }

    @Test
    void aWholeReplyIsGivenAsItIs() {
        ModelReply reply = new ModelReply(
                "",
                List.of(new ToolCall("1", "csv.sum", Map.of("column", "amount"))),
                new TokenCount(7, 9),
                Duration.ofMillis(5));
        model.reply(reply);

        assertThat(ask("x")).isSameAs(reply);
        assertThat(clock.naps()).containsExactly(Duration.ofMillis(5));
    }

    @Test
    void latencyPassesOnTheClock() {
        model.reply("at once").latency(Duration.ofMillis(500)).reply("later");

        assertThat(ask("a").latency()).isZero();
        assertThat(ask("b").latency()).isEqualTo(Duration.ofMillis(500));
        assertThat(clock.instant()).isEqualTo(FakeClock.START.plusMillis(500));
    }

    @Test
    void aRequestTimesOutWhenTheReplyTakesLongerThanItAllows() {
        model.latency(Duration.ofMillis(1_000)).reply("on time").reply("late");

        assertThat(model.complete(request("a").withTimeout(Duration.ofMillis(1_000)))
                        .text())
                .isEqualTo("on time");
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> model.complete(request("b").withTimeout(Duration.ofMillis(999))))
                .withMessage("scripted/model did not answer within 999 ms")
                .satisfies(e -> assertThat(e.kind()).isEqualTo(ModelException.Kind.TIMEOUT));
        assertThat(clock.instant()).isEqualTo(FakeClock.START.plusMillis(1_999));
    }

    @Test
    void failuresAreScriptedLikeReplies() {
        ModelException failure = new ModelException(ModelException.Kind.RATE_LIMITED, "too often");
        model.fail(failure).reply("now");

        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> ask("a"))
                .isSameAs(failure);
        assertThat(ask("a").text()).isEqualTo("now");
    }

    @Test
    void aRequestWithoutAReplyIsRefusedAndReported() {
        model.reply("one");
        ask("first");

        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> ask("second\n  question"))
                .withMessage(
                        "the script of scripted/model has no reply to call 2: \"second question\"; add one with reply(…)"
                                + " or otherwise(…)")
                .satisfies(e -> assertThat(e.retryable()).isFalse());
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(model::close)
                .withMessage(
                        "scripted/model was asked 2 times; the script has no reply to:\n  - call 2: \"second question\"");
    }

    @Test
    void repliesThatAreLeftOverAreReported() {
        model.named("test/planner")
                .reply("one")
                .when("weather")
                .reply("rain")
                .fail(new ModelException(ModelException.Kind.UNAVAILABLE, "down"));
        ask("first");

        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(model::assertUsedUp)
                .withMessage("test/planner was asked 1 times; these replies were not used:\n"
                        + "  - reply 2 to a request that says \"weather\": rain\n"
                        + "  - reply 3: MODEL_UNAVAILABLE");
    }

    @Test
    void theAnswerForEverythingElseIsGivenAsOftenAsNeeded() {
        model.reply("one")
                .otherwise(request -> "echo " + request.messages().get(0).text());

        assertThat(ask("a").text()).isEqualTo("one");
        assertThat(ask("b").text()).isEqualTo("echo b");
        assertThat(ask("c").text()).isEqualTo("echo c");
        assertThatCode(model::close).doesNotThrowAnyException();
    }

    @Test
    void aModelThatAlwaysThrowsCountsHowOftenItWasAsked() {
        ScriptedModel throwing = ScriptedModel.alwaysThrowing();

        for (int i = 0; i < 3; i++) {
            assertThatExceptionOfType(ModelException.class)
                    .isThrownBy(() -> throwing.complete(request("a")))
                    .withMessage("this model throws whatever it is asked");
        }

        assertThat(throwing.requests()).hasSize(3);
        assertThatCode(throwing::assertUsedUp).doesNotThrowAnyException();
    }

    @Test
    void streamingHandsOverTheWholeText() {
        model.reply("piece");
        List<String> pieces = new ArrayList<>();

        model.stream(request("a"), pieces::add);

        assertThat(pieces).containsExactly("piece");
    }

    @Test
    void latencyIsNotNegative() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.latency(Duration.ofMillis(-1)))
                .withMessage("latency must not be negative, was PT-0.001S");
    }

    @Test
    void eachReplyIsGivenOnceWhenManyThreadsAsk() throws Exception {
        for (int i = 0; i < 400; i++) {
            model.reply("reply " + i);
        }
        List<String> got = java.util.Collections.synchronizedList(new ArrayList<>());
        Thread[] threads = new Thread[4];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new Thread(() -> {
                for (int k = 0; k < 100; k++) {
                    got.add(ask("x").text());
                }
            });
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(got).hasSize(400).doesNotHaveDuplicates();
        assertThatCode(model::assertUsedUp).doesNotThrowAnyException();
    }

    private ModelReply ask(String text) {
        return model.complete(request(text));
    }

    private static ModelRequest request(String text) {
        return ModelRequest.of(new UserMessage(text));
    }
}
