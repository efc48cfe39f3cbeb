package dev.hart.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.model.LanguageModel;
import dev.hart.model.Message.AssistantMessage;
import dev.hart.model.Message.SystemMessage;
import dev.hart.model.Message.ToolCall;
import dev.hart.model.Message.ToolMessage;
import dev.hart.model.Message.UserMessage;
import dev.hart.model.ModelException;
import dev.hart.model.ModelPrice;
import dev.hart.model.ModelReply;
import dev.hart.model.ModelRequest;
import dev.hart.model.TokenCount;
import dev.hart.tool.Effect;
import dev.hart.tool.Param;
import dev.hart.tool.Tool;
import dev.hart.tool.ToolContext;
import dev.hart.tool.ToolFailure;
import dev.hart.tool.ToolResult;
import dev.hart.tool.TypedTool;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CassetteTest {
    private static final ToolContext CONTEXT =
            new ToolContext("run", "action_1", "key", FakeClock.START.plusSeconds(30), 1);

    @TempDir
    Path folder;

    private Path file;
    private final ScriptedModel original = ScriptedModel.on(FakeClock.create())
            .named("acme/large")
            .price(new ModelPrice(new BigDecimal("0.0025"), new BigDecimal("0.01")));

    @BeforeEach
    void chooseAFile() {
        file = folder.resolve("calls.json");
    }

    @Test
    void aReplayedModelAnswersAsTheRecordedOneAndCallsNothing() {
        ModelReply reply = new ModelReply(
                "Sunny",
                List.of(new ToolCall("c1", "weather", Map.of("city", "Oslo"))),
                new TokenCount(12, 3),
                Duration.ofMillis(40));
        original.reply(reply);
        ModelRequest request = ModelRequest.of(
                new SystemMessage("Be short."),
                new UserMessage("Weather?"),
                new AssistantMessage("", List.of(new ToolCall("c0", "place", Map.of()))),
                new ToolMessage("c0", "place", "Oslo"));
        try (Cassette cassette = Cassette.record(file)) {
            assertThat(cassette.model(original).complete(request)).isEqualTo(reply);
        }

        try (Cassette cassette = Cassette.replay(file)) {
            LanguageModel replayed = cassette.model(null);
            assertThat(replayed.complete(request)).isEqualTo(reply);
            assertThat(replayed.name()).isEqualTo("acme/large");
            assertThat(replayed.price()).isEqualTo(original.price());
            cassette.assertUsedUp();
        }
        assertThat(original.requests()).hasSize(1);
    }

    @Test
    void failuresOfAModelAreReplayedToo() {
        original.fail(new ModelException(ModelException.Kind.RATE_LIMITED, "slow down", Duration.ofSeconds(2), null))
                .reply("fine");
        try (Cassette cassette = Cassette.record(file)) {
            LanguageModel model = cassette.model(original);
            assertThatExceptionOfType(ModelException.class).isThrownBy(() -> model.complete(request("a")));
            model.complete(request("a"));
        }

        try (Cassette cassette = Cassette.replay(file)) {
            LanguageModel model = cassette.model(null);
            assertThatExceptionOfType(ModelException.class)
                    .isThrownBy(() -> model.complete(request("a")))
                    .withMessage("slow down")
                    .satisfies(e -> {
                        assertThat(e.kind()).isEqualTo(ModelException.Kind.RATE_LIMITED);
                        assertThat(e.retryAfter()).contains(Duration.ofSeconds(2));
                    });
            assertThat(model.complete(request("a")).text()).isEqualTo("fine");
        }
    }

    @Test
    void theTimeLimitOfARequestDoesNotCount() {
        original.reply("fine");
        record(request("a"));

        try (Cassette cassette = Cassette.replay(file)) {
            ModelRequest hasty = request("a").withTimeout(Duration.ofMillis(1));
            assertThat(cassette.model(null).complete(hasty).text()).isEqualTo("fine");
        }
    }

    @Test
    void anUnknownRequestFailsWithTheDifferenceToTheNearestRecordedOne() {
        original.reply("1").reply("2");
        record(request("Weather in Bergen, tomorrow"), request("Weather in Oslo"));

        Cassette cassette = Cassette.replay(file);
        ModelRequest other = new ModelRequest(
                List.of(new UserMessage("Weather in Paris")), List.of(), null, 1_500, 0.0, Duration.ofSeconds(60));
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> cassette.model(null).complete(other))
                .withMessage("""
                        this call of model is not recorded in %s; the nearest is call 2 of the file, with these differences:
                          - messages[0].text: recorded "Weather in Oslo", asked "Weather in Paris"
                        If the new question is right, record it anew: delete the file.""".formatted(file))
                .satisfies(e -> assertThat(e.retryable()).isFalse());
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(cassette::close)
                .withMessageStartingWith("this call of model is not recorded in");
    }

    @Test
    void aQuestionAskedMoreOftenThanRecordedFails() {
        original.reply("first").reply("second");
        record(request("a"), request("a"));

        Cassette cassette = Cassette.replay(file);
        LanguageModel model = cassette.model(null);
        assertThat(model.complete(request("a")).text()).isEqualTo("first");
        assertThat(model.complete(request("a")).text()).isEqualTo("second");
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> model.complete(request("a")))
                .withMessageStartingWith(
                        "model was recorded 2 times with this question in " + file + ", and asked once more:");
    }

    @Test
    void callsThatNobodyAskedForAreNamed() {
        original.reply("1").reply("2");
        record(request("a"), request("b"));

        try (Cassette cassette = Cassette.replay(file)) {
            cassette.model(null).complete(request("a"));
            assertThatExceptionOfType(AssertionError.class)
                    .isThrownBy(cassette::assertUsedUp)
                    .withMessage("1 of 2 calls in %s were not asked for:%n  - model %s".replace("%n", "\n"), file, """
                            {"maxTokens":1500,"messages":[{"role":"user","text":"b"}],"temperature":0}""");
        }
    }

    @Test
    void annotatedToolsAreRecordedAndNotCalledOnReplay() throws Exception {
        Counter counter = new Counter();
        try (Cassette cassette = Cassette.record(file)) {
            assertThat(call(cassette, counter, "count.add", Map.of("by", 3L))).isEqualTo(ToolResult.ok(3L));
            assertThat(call(cassette, counter, "count.add", Map.of("by", 4L))).isEqualTo(ToolResult.ok(7L));
            assertThat(call(cassette, counter, "count.fail", Map.of("why", "x")))
                    .isEqualTo(ToolResult.failed("BROKEN", "because of x", true));
        }

        try (Cassette cassette = Cassette.replay(file)) {
            Counter untouched = new Counter();
            assertThat(call(cassette, untouched, "count.add", Map.of("by", 4L))).isEqualTo(ToolResult.ok(7L));
            assertThat(call(cassette, untouched, "count.add", Map.of("by", 3L))).isEqualTo(ToolResult.ok(3L));
            assertThat(call(cassette, untouched, "count.fail", Map.of("why", "x")))
                    .isEqualTo(ToolResult.failed("BROKEN", "because of x", true));
            assertThat(untouched.value).isZero();
            cassette.assertUsedUp();
        }
    }

    @Test
    void aToolGivenAsAnObjectIsTapedWithItsSpecification() throws Exception {
        TypedTool<Doubled, Long> tool = TypedTool.of(
                "twice", "Doubles a number.", Doubled.class, Long.class, Effect.READ, in -> 2 * in.number());
        try (Cassette cassette = Cassette.record(file)) {
            assertThat(cassette.tools(tool))
                    .singleElement()
                    .satisfies(taped -> assertThat(taped.spec()).isEqualTo(tool.spec()));
            assertThat(call(cassette, tool, "twice", Map.of("number", 21L))).isEqualTo(ToolResult.ok(42L));
        }

        try (Cassette cassette = Cassette.replay(file)) {
            assertThat(call(cassette, tool, "twice", Map.of("number", 21L))).isEqualTo(ToolResult.ok(42L));
        }
    }

    @Test
    void anUnknownToolCallFailsAndIsNotMade() throws Exception {
        Counter counter = new Counter();
        try (Cassette cassette = Cassette.record(file)) {
            call(cassette, counter, "count.add", Map.of("by", 3L));
        }

        Cassette cassette = Cassette.replay(file);
        Counter untouched = new Counter();
        assertThat(call(cassette, untouched, "count.add", Map.of("by", 5L)))
                .isEqualTo(ToolResult.failed("NOT_RECORDED", """
                        this call of tool count.add is not recorded in %s; the nearest is call 1 of the file, with these differences:
                          - by: recorded 3, asked 5
                        If the new question is right, record it anew: delete the file.""".formatted(file), false));
        assertThat(call(cassette, untouched, "count.fail", Map.of("why", "y")))
                .isEqualTo(ToolResult.failed("NOT_RECORDED", """
                        no call of tool count.fail is recorded in %s; asked: {"why":"y"}
                        If the new question is right, record it anew: delete the file.""".formatted(file), false));
        assertThat(untouched.value).isZero();
    }

    @Test
    void theFileIsReadableSortedAndWithoutSecrets() throws Exception {
        original.reply("your api_key=abc123 works");
        try (Cassette cassette = Cassette.record(file)) {
            cassette.model(original).complete(request("log in with password=hunter2"));
            call(cassette, new Counter(), "count.login", Map.of("user", "ann", "password", "hunter2"));
        }

        assertThat(file).content().isEqualTo("""
                {
                  "calls" : [
                    {
                      "key" : "sha256:%s",
                      "reply" : {
                        "latencyMs" : 0,
                        "text" : "your api_key=*** works",
                        "tokensIn" : 7,
                        "tokensOut" : 7
                      },
                      "request" : {
                        "maxTokens" : 1500,
                        "messages" : [
                          {
                            "role" : "user",
                            "text" : "log in with password=***"
                          }
                        ],
                        "temperature" : 0
                      },
                      "to" : "model"
                    },
                    {
                      "key" : "sha256:%s",
                      "reply" : {
                        "value" : {
                          "token" : "***",
                          "user" : "ann"
                        }
                      },
                      "request" : {
                        "password" : "***",
                        "user" : "ann"
                      },
                      "to" : "tool count.login"
                    }
                  ],
                  "format" : "hart.cassette/1",
                  "model" : {
                    "name" : "acme/large",
                    "usdPer1000In" : "0.0025",
                    "usdPer1000Out" : "0.01"
                  }
                }
                """.formatted(keys().toArray()));
        assertThat(folder.toFile().list()).containsExactly("calls.json");
    }

    @Test
    void anotherSecretFindsTheSameRecording() throws Exception {
        try (Cassette cassette = Cassette.record(file)) {
            call(cassette, new Counter(), "count.login", Map.of("user", "ann", "password", "hunter2"));
        }

        try (Cassette cassette = Cassette.replay(file)) {
            assertThat(call(cassette, new Counter(), "count.login", Map.of("user", "ann", "password", "other")))
                    .isEqualTo(ToolResult.ok(Map.of("user", "ann", "token", "***")));
        }
    }

    @Test
    void recordingTheSameCallsAgainGivesTheSameFile() throws Exception {
        original.reply("1").reply("1");
        record(request("a"));
        String first = Files.readString(file);

        record(request("a"));

        assertThat(file).hasContent(first);
    }

    @Test
    void autoRecordsOnceAndReplaysFromThenOn() {
        original.reply("one");
        try (Cassette cassette = Cassette.auto(file)) {
            assertThat(cassette.isRecording()).isTrue();
            cassette.model(original).complete(request("a"));
        }

        try (Cassette cassette = Cassette.auto(file)) {
            assertThat(cassette.isRecording()).isFalse();
            assertThat(cassette.model(null).complete(request("a")).text()).isEqualTo("one");
        }
    }

    @Test
    void autoWithoutFileAndModelSaysWhatToDo() {
        assertThatExceptionOfType(InvalidConfigurationException.class)
                .isThrownBy(() -> Cassette.auto(file).model(null))
                .withMessage("there is no recording at %s and no model to make it with: give one and run once", file);
        assertThat(file).doesNotExist();
    }

    @Test
    void aMissingRecordingIsRefused() {
        assertThatExceptionOfType(InvalidConfigurationException.class)
                .isThrownBy(() -> Cassette.replay(file))
                .withMessage("the recording %s cannot be used: there is none; record it first", file);
    }

    @Test
    void aFileThatIsNoRecordingIsRefused() throws IOException {
        Files.writeString(file, "[1, 2");
        assertThatExceptionOfType(InvalidConfigurationException.class)
                .isThrownBy(() -> Cassette.replay(file))
                .withMessageStartingWith("the recording %s cannot be used: it is not a recording (".formatted(file));

        Files.writeString(file, "{\"format\": \"hart.cassette/9\"}");
        assertThatExceptionOfType(InvalidConfigurationException.class)
                .isThrownBy(() -> Cassette.replay(file))
                .withMessage(
                        "the recording %s cannot be used: it is not a recording (its format is hart.cassette/9, not"
                                + " hart.cassette/1)",
                        file);
    }

    @Test
    void aRecordingWhoseRequestWasEditedByHandIsRefused() throws IOException {
        original.reply("one");
        record(request("Weather in Oslo"));
        Files.writeString(file, Files.readString(file).replace("Oslo", "Rome"));

        assertThatExceptionOfType(InvalidConfigurationException.class)
                .isThrownBy(() -> Cassette.replay(file))
                .withMessageContaining("the key of call 1 does not fit its request, it should be sha256:");
    }

    private void record(ModelRequest... requests) {
        try (Cassette cassette = Cassette.record(file)) {
            LanguageModel model = cassette.model(original);
            for (ModelRequest request : requests) {
                model.complete(request);
            }
        }
    }

    private List<String> keys() throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> line.contains("sha256:"))
                .map(line -> line.replaceAll(".*sha256:([0-9a-f]{64}).*", "$1"))
                .toList();
    }

    private static ModelRequest request(String text) {
        return ModelRequest.of(new UserMessage(text));
    }

    @SuppressWarnings("unchecked")
    private static ToolResult<?> call(Cassette cassette, Object tools, String name, Map<String, Object> arguments)
            throws Exception {
        TypedTool<?, ?> taped = cassette.tools(tools).stream()
                .filter(tool -> tool.spec().name().equals(name))
                .findFirst()
                .orElseThrow();
        return ((TypedTool<Map<String, Object>, ?>) taped).call(arguments, CONTEXT);
    }

    record Doubled(long number) {}

    /** Tools with a memory, so that a call that should not happen shows. */
    public static final class Counter {
        private long value;

        @Tool(name = "count.add", description = "Adds to the count.", effect = Effect.WRITE)
        public long add(@Param("how much") long by) {
            value += by;
            return value;
        }

        @Tool(name = "count.fail", description = "Fails.", effect = Effect.READ)
        public long fail(String why) {
            throw new ToolFailure("BROKEN", "because of " + why, true, null);
        }

        @Tool(name = "count.login", description = "Logs in.", effect = Effect.IDEMPOTENT)
        public Map<String, String> login(String user, String password) {
            return Map.of("user", user, "token", "t-" + password);
        }
    }
}
