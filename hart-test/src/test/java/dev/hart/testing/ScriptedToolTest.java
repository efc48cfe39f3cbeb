package dev.hart.testing;

import static dev.hart.testing.HartAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.error.ToolInvalidException;
import dev.hart.recipe.Recipe;
import dev.hart.tool.Effect;
import dev.hart.tool.Tool;
import dev.hart.tool.ToolContext;
import dev.hart.tool.ToolResult;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ScriptedToolTest {
    private static final Recipe WEATHER = Recipe.named("weather")
            .input("city", String.class)
            .action("weather", a -> a.tool("weather.today").with("city", "{{inputs.city}}"))
            .output("weather", Object.class)
            .build();

    private final ScriptedTool weather = ScriptedTool.named("weather.today", Effect.READ);

    private ToolResult<Object> call(String city) {
        return weather.call(
                Map.of("city", city), new ToolContext("run", "action_1", "key", FakeClock.START.plusSeconds(30), 1));
    }

    @Test
    @HartTest
    void aRuntimeCallsItLikeAnyTool(Hart hart, FakeClock clock) {
        hart.tools().register(weather.failForNow("DOWN", "come back later").answer("rain"));

        assertThat(hart.run(WEATHER, Inputs.of("city", "Oslo"))).hasOutput("rain");
        weather.assertUsedUp();
        assertThat(weather.calls())
                .extracting(call -> call.arguments().get("city") + ", attempt "
                        + call.context().attempt())
                .containsExactly("Oslo, attempt 1", "Oslo, attempt 2");
        assertThat(clock.naps()).hasSize(1);
    }

    @Test
    void answersComeInOrderEachOnce() {
        weather.answer("rain").answer(Map.of("sun", 3)).fail("CLOSED", "no weather today");

        assertThat(call("Oslo")).isEqualTo(ToolResult.ok("rain"));
        assertThat(call("Oslo")).isEqualTo(ToolResult.ok(Map.of("sun", 3L)));
        assertThat(call("Oslo")).isEqualTo(ToolResult.failed("CLOSED", "no weather today", false));
        weather.assertUsedUp();
    }

    @Test
    void anAnswerToCertainCallsWaitsForTheFirstThatFits() {
        weather.answer("rain")
                .when("city", "Paris")
                .answer("sun")
                .when(
                        "a call for a long name",
                        arguments -> arguments.get("city").toString().length() > 8)
                .fail("TOO_LONG", "shorten it");

        assertThat(call("Oslo")).isEqualTo(ToolResult.ok("rain"));
        assertThat(call("Reykjavik")).isEqualTo(ToolResult.failed("TOO_LONG", "shorten it", false));
        assertThat(call("Paris")).isEqualTo(ToolResult.ok("sun"));
        weather.assertUsedUp();
    }

    @Test
    void everythingElseIsAnsweredAsOftenAsNeeded() {
        weather.otherwise(arguments -> "rain in " + arguments.get("city"));

        assertThat(call("Oslo")).isEqualTo(ToolResult.ok("rain in Oslo"));
        assertThat(call("Bonn")).isEqualTo(ToolResult.ok("rain in Bonn"));
        weather.close();
    }

    @Test
    void aCallWithoutAnAnswerAndAnAnswerWithoutACallAreTold() {
        weather.when("city", "Paris").answer("sun").when("city", "Rome").failForNow("DOWN", "later");

        assertThat(call("Oslo"))
                .isEqualTo(ToolResult.failed(
                        "NOT_SCRIPTED",
                        "the script of weather.today has no answer to call 1: {\"city\":\"Oslo\"}; add one with answer(…) or"
                                + " otherwise(…)",
                        false));
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(weather::close)
                .withMessage("""
                weather.today was called 1 times; the script has no answer to:
                  - call 1: {"city":"Oslo"}
                and these answers were not used:
                  - answer 1 to a call with city = "Paris": answers "sun"
                  - answer 2 to a call with city = "Rome": fails for now with DOWN""");
    }

    /** A real tool. */
    public static final class Bank {
        @Tool(name = "bank.pay", description = "Pay.", effect = Effect.WRITE)
        public String pay(int amount) {
            throw new IllegalStateException("never called");
        }
    }

    @Test
    @HartTest
    void itStandsInForARealToolWithItsSchemaAndEffect(Hart hart) {
        ScriptedTool pay = ScriptedTool.inPlaceOf(new Bank(), "bank.pay").answer("paid");
        hart.tools().register(pay);

        assertThat(pay.spec().effect()).isEqualTo(Effect.WRITE);
        Recipe wrong = Recipe.named("pay")
                .input("amount", Object.class)
                .action("paid", a -> a.tool("bank.pay").with("amount", "{{inputs.amount}}"))
                .output("paid", Object.class)
                .build();
        assertThat(hart.run(wrong, Inputs.of("amount", "much"))).failedWith("ARGUMENTS_INVALID");
        assertThat(hart.run(wrong, Inputs.of("amount", 3))).hasOutput("paid");
        pay.assertUsedUp();
    }

    @Test
    void aToolThatIsNotThereHasNoStandIn() {
        assertThatExceptionOfType(ToolInvalidException.class)
                .isThrownBy(() -> ScriptedTool.inPlaceOf(new Bank(), "bank.steal"))
                .withMessage(Bank.class.getName() + " has no tool bank.steal, only [bank.pay]");
    }
}
